import type { TestRegistry } from "../test-registry.ts";
import type { FakeProvider } from "./fake-provider.ts";
import { caller } from "./signed-in.ts";

const cookieOf = (headers: Readonly<Record<string, unknown>>, name: string) =>
	[headers["set-cookie"]]
		.flat()
		.map(String)
		.find((each) => each.startsWith(`${name}=`) && !each.startsWith(`${name}=;`));

let walks = 0;

/** Walks a browser through the provider and back. `change` may spoil the way back. */
export async function walkThrough(
	registry: TestRegistry,
	provider: FakeProvider,
	claims: Record<string, unknown>,
	change: (back: URL) => void = () => undefined,
) {
	const host = `localhost:${new URL(registry.url).port}`;
	const browser = { host, origin: undefined, "x-holdfast-request": undefined };
	provider.claims = claims;
	// Each from an address of its own: how often one may try is another test's matter.
	walks += 1;
	const from = `10.0.${walks >> 8}.${walks & 255}`;
	const start = await caller(registry, {}, from)("GET", "/v1/session/oidc/start", undefined, browser);
	const attempt = cookieOf(start.headers, "__Host-holdfast-provider") ?? "";
	const answer = await fetch(String(start.headers["location"]), { redirect: "manual" });
	const back = new URL(answer.headers.get("location") ?? "");
	change(back);
	const arrive = (cookie = attempt.split(";")[0] ?? "") =>
		caller(registry, { cookie }, from)("GET", `${back.pathname}${back.search}`, undefined, {
			...browser,
			"sec-fetch-site": "cross-site",
		});
	const end = await arrive();
	const session = cookieOf(end.headers, "__Host-holdfast")?.split(";")[0];
	return {
		start,
		back,
		attempt,
		end,
		arrive,
		location: end.headers["location"],
		who: session === undefined ? undefined : (await caller(registry, { cookie: session })("GET", "/v1/session")).body,
	};
}
