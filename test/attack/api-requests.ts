import { ADMIN_TOKEN } from "../provisioning/registry/test-registry.ts";
import type { Stage } from "./stage.ts";

/** A borrower's session and the code that it was opened with. */
export async function borrowerOf(stage: Stage, contractId: string): Promise<{ token: string; code: string }> {
	const { code } = JSON.parse(
		(await stage.call("POST", `/v1/contracts/${contractId}/borrower-code`, { token: ADMIN_TOKEN, json: {} })).text,
	);
	const { token } = JSON.parse((await stage.call("POST", "/v1/borrower/session", { json: { contractId, code } })).text);
	return { token, code };
}

/** A route as the registry itself lists it. */
export interface Route {
	readonly path: string;
	readonly method: string;
}

/** Every route that the registry lists. */
export async function routesOf(stage: Stage): Promise<Route[]> {
	const { paths }: { paths: Record<string, Record<string, unknown>> } = JSON.parse(
		(await stage.call("GET", "/openapi.json")).text,
	);
	return Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
	);
}

/** An address for a route: something in place of each parameter. */
export const filled = (path: string) => path.replace(/\{imei\}/g, "490154203237518").replace(/\{\w+\}/g, "x");
