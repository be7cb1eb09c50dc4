import type { Role } from "../../../../provisioning/registry/access/role.ts";
import { newPublicId } from "../../../../provisioning/registry/access/secret-id.ts";
import { openSession } from "../../../../provisioning/registry/access/session.ts";
import type { TestRegistry } from "../test-registry.ts";

/** What the registry answered. */
export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, unknown>>;
	// biome-ignore lint/suspicious/noExplicitAny: any JSON, looked at by the test
	readonly body: any;
}

/** Somebody in a browser on our own page. */
export interface SignedIn {
	readonly personId: string;
	readonly actor: string;
	readonly secret: string;
	call(method: string, path: string, json?: unknown, headers?: Record<string, string | undefined>): Promise<Answer>;
}

export interface SignInChoice {
	readonly name?: string;
	/** By the identity provider: no passkey was shown. */
	readonly method?: "passkey" | "provider";
	readonly vouchedBy?: string;
}

/** Enters a person into the database and signs them in, as a passkey would have. */
export async function signIn(registry: TestRegistry, roles: readonly Role[], choice: SignInChoice = {}): Promise<SignedIn> {
	const { name = "Ana", method = "passkey", vouchedBy = "admin" } = choice;
	const personId = newPublicId();
	await registry.database.kysely
		.insertInto("people")
		.values({
			person_id: personId,
			name,
			email: null,
			roles: [...roles],
			roles_from: "registry",
			vouched_by: vouchedBy,
			created_at: registry.now,
			disabled_at: null,
		})
		.execute();
	return { personId, actor: `person/${personId}`, ...(await anotherSession(registry, personId, method)) };
}

/** Another session of the same person. */
export async function anotherSession(registry: TestRegistry, personId: string, method: "passkey" | "provider" = "passkey") {
	const clock = { nowMs: () => registry.now * 1000 };
	const secret = await registry.database.kysely
		.transaction()
		.execute((transaction) => openSession({ clock }, transaction, { personId, method, replaces: undefined }));
	return { secret, call: caller(registry, { cookie: `__Host-holdfast=${secret}` }) };
}

/** Calls as our own page does, with these headers besides. A header that is `undefined` is left out. */
export function caller(registry: TestRegistry, own: Record<string, string>, remoteAddress = "127.0.0.1"): SignedIn["call"] {
	return async (method, path, json, headers = {}) => {
		const all: Record<string, string | undefined> = {
			host: new URL(registry.url).host,
			origin: registry.url,
			"sec-fetch-site": "same-origin",
			"x-holdfast-request": "1",
			...own,
			...headers,
		};
		const response = await registry.app.inject({
			method: method as "GET", // what a test asks for
			url: path,
			remoteAddress,
			headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
			...(json === undefined ? {} : { payload: json as object }),
		});
		const isJson = /^application\/(?:problem\+)?json\b/.test(String(response.headers["content-type"]));
		return { status: response.statusCode, headers: response.headers, body: isJson ? response.json() : undefined };
	};
}
