import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest, type RequestOptions } from "node:http";
import type { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createProviderFetch } from "../../../../provisioning/registry/access/provider-fetch.ts";
import { readProviderSettings } from "../../../../provisioning/registry/access/provider-settings.ts";
import { pretend } from "../clients/pretended-server.ts";
import { ADMIN_TOKEN, startTestRegistry, type TestRegistry } from "../test-registry.ts";
import { CLIENT, type FakeProvider, startFakeProvider } from "./fake-provider.ts";
import { walkThrough } from "./provider-walk.ts";
import { caller } from "./signed-in.ts";

let provider: FakeProvider;
let byEmail: TestRegistry;
let byClaim: TestRegistry;
beforeAll(async () => {
	provider = await startFakeProvider();
	const settings = { issuer: provider.issuer, name: "Lender ID", ...CLIENT };
	byEmail = await startTestRegistry({ provider: settings });
	byClaim = await startTestRegistry({
		provider: { ...settings, roleClaim: "groups", roles: { "hf-agents": "agent", "hf-audit": "auditor" } },
	});
});
afterAll(async () => {
	await byEmail?.close();
	await byClaim?.close();
	await provider?.close();
});

const walk = (registry: TestRegistry, claims: Record<string, unknown>, change?: (back: URL) => void) =>
	walkThrough(registry, provider, claims, change);

const admin = (registry: TestRegistry) => caller(registry, { authorization: `Bearer ${ADMIN_TOKEN}` });
const invite = async (registry: TestRegistry, email: string) =>
	(await admin(registry)("POST", "/v1/people", { name: "Ana", roles: ["agent"], email })).body;

describe("whoever comes from the identity provider", () => {
	test("is let in when invited under an email that the provider has verified, and known by subject from then on", async () => {
		const invitation = await invite(byEmail, "Ana@Lender.example");
		expect(invitation.address).toBeUndefined();
		const first = await walk(byEmail, { sub: "s-1", email: "ANA@lender.example", email_verified: true });
		expect(first.location).toBe("/sign-in/#signed-in");
		expect(first.who).toMatchObject({ personId: invitation.person.personId, roles: ["agent"], hasPasskey: false });
		expect(first.who.stepUpEndsAtUnixSeconds).toBeUndefined();
		expect(first.attempt).toMatch(/; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/);
		const again = await walk(byEmail, { sub: "s-1" });
		expect(again.who).toMatchObject({ personId: invitation.person.personId });
	});

	test.each<[string, Record<string, unknown>]>([
		["the email is not verified", { email: "bo@lender.example" }],
		["the email is verified as a word only", { email: "bo@lender.example", email_verified: "true" }],
		["nobody is invited under it", { email: "eve@lender.example", email_verified: true }],
		["there is none", {}],
	])("is not let in when %s", async (_why, claims) => {
		await invite(byEmail, "bo@lender.example");
		expect(await walk(byEmail, { sub: "s-2", ...claims })).toMatchObject({
			location: "/sign-in/#problem=SIGN_IN_REFUSED",
			who: undefined,
		});
	});

	test("is not let in as somebody whose address they were given later", async () => {
		const { person } = await invite(byEmail, "cleo@lender.example");
		await walk(byEmail, { sub: "s-3", email: "cleo@lender.example", email_verified: true });
		await admin(byEmail)("POST", "/v1/invitations", { personId: person.personId });
		const other = await walk(byEmail, { sub: "s-4", email: "cleo@lender.example", email_verified: true });
		expect(other.who).toBeUndefined();
	});

	test("is not let in when the invitation is a day old, or the person is disabled", async () => {
		await invite(byEmail, "dan@lender.example");
		const now = byEmail.now;
		byEmail.now += 24 * 3600;
		expect((await walk(byEmail, { sub: "s-5", email: "dan@lender.example", email_verified: true })).who).toBeUndefined();
		byEmail.now = now;
		const { who } = await walk(byEmail, { sub: "s-5", email: "dan@lender.example", email_verified: true });
		await admin(byEmail)("PATCH", `/v1/people/${who.personId}`, { isDisabled: true });
		expect((await walk(byEmail, { sub: "s-5" })).who).toBeUndefined();
	});

	test("has the roles that the claim says today, and none when it says none", async () => {
		const one = await walk(byClaim, { sub: "g-1", name: "Gita", groups: ["hf-agents", "others"] });
		expect(one.who).toMatchObject({ name: "Gita", roles: ["agent"] });
		const two = await walk(byClaim, { sub: "g-1", groups: ["hf-audit"] });
		expect(two.who).toMatchObject({ personId: one.who.personId, roles: ["auditor"] });
		expect((await walk(byClaim, { sub: "g-1", groups: [] })).who).toBeUndefined();
		const { people } = (await admin(byClaim)("GET", "/v1/people")).body;
		expect(people).toMatchObject([{ personId: one.who.personId, roles: [], rolesFrom: "provider" }]);
		expect((await walk(byClaim, { sub: "g-2", groups: "admin" })).who).toBeUndefined();
	});
});

describe("the way back from the provider", () => {
	test.each<[string, Record<string, unknown>, (back: URL) => void]>([
		["another state", { sub: "s-1" }, (back) => back.searchParams.set("state", "x")],
		["no state", { sub: "s-1" }, (back) => back.searchParams.delete("state")],
		["another code", { sub: "s-1" }, (back) => back.searchParams.set("code", "x")],
		["another nonce", { sub: "s-1", nonce: "x" }, () => undefined],
		["a token for another client", { sub: "s-1", aud: "other" }, () => undefined],
		["a token of another issuer", { sub: "s-1", iss: "https://evil.example" }, () => undefined],
		["a token that is over", { sub: "s-1", exp: 1 }, () => undefined],
		["a sign-in of yesterday", { sub: "s-1", auth_time: Math.floor(Date.now() / 1000) - 13 * 3600 }, () => undefined],
		["a sign-in of no known time", { sub: "s-1", auth_time: undefined }, () => undefined],
	])("with %s leads to nobody", async (_what, claims, change) => {
		expect(await walk(byEmail, claims, change)).toMatchObject({ location: "/sign-in/#problem=PROVIDER_REFUSED", who: undefined });
	});

	test("with a token that another key has signed leads to nobody", async () => {
		provider.signing = "forged";
		const { who } = await walk(byEmail, { sub: "s-1" });
		provider.signing = "right";
		expect(who).toBeUndefined();
	});

	test("is good once, and in the browser that left alone", async () => {
		const { arrive, who } = await walk(byEmail, { sub: "s-1" });
		expect(who).toBeDefined();
		expect((await arrive()).headers["location"]).toBe("/sign-in/#problem=TOO_LATE");
		expect((await arrive("")).headers["location"]).toBe("/sign-in/#problem=TOO_LATE");
	});

	test("leads to our own page, whatever the address says", async () => {
		const { location } = await walk(byEmail, { sub: "s-1" }, (back) => {
			for (const name of ["to", "return", "redirect_uri", "next"]) back.searchParams.set(name, "https://evil.example");
		});
		expect(location).toBe("/sign-in/#signed-in");
	});

	test("is not begun by a link on another site", async () => {
		const start = await caller(byEmail, {})("GET", "/v1/session/oidc/start", undefined, { "sec-fetch-site": "cross-site" });
		expect(start).toMatchObject({ status: 403, body: { code: "WRONG_ORIGIN" } });
	});

	test("a provider that does not answer is said on our own page, and asked again the next time", async () => {
		const silent = await startTestRegistry({ provider: { issuer: "http://127.0.0.1:9", name: "Silent", ...CLIENT } });
		for (let count = 0; count < 2; count += 1) {
			const { headers } = await caller(silent, {})("GET", "/v1/session/oidc/start");
			expect(headers["location"]).toBe("/sign-in/#problem=PROVIDER_SILENT");
		}
		await silent.close();
	});
});

describe("what the provider's metadata names", () => {
	const options = { method: "GET", headers: {}, redirect: "manual", body: undefined } as const;
	const ask = async (url: string, hosts: string[] = []) =>
		createProviderFetch({ issuer: provider.issuer, hosts })(url, { ...options, signal: AbortSignal.timeout(5000) }).then(
			({ status }) => String(status),
			(error: Error) => error.name,
		);

	test("is asked at the issuer's own address, and inside the lender's network only where the lender named it as well", async () => {
		expect(await ask(`${provider.issuer}/jwks`)).toBe("200");
		expect(await ask("https://127.0.0.1:9/jwks")).toBe("ProviderNamesInnerAddress");
		// Asked, and nobody is there.
		expect(await ask("https://127.0.0.1:9/jwks", ["127.0.0.1:9"])).toBe("TypeError");
		expect(await ask("http://127.0.0.1:9/jwks", ["127.0.0.1:9"])).toBe("ProviderNamesInnerAddress");
		expect(await ask("https://127.0.0.1:10/jwks", ["127.0.0.1:9"])).toBe("ProviderNamesInnerAddress");
	});
});

test("what it names on the Internet is asked with what the library sends, at an address that was looked at", async () => {
	const asked: unknown[] = [];
	const server = await pretend(async (request, response) => {
		const body = Buffer.concat(await request.toArray()).toString();
		asked.push([request.method, request.url, request.headers["content-type"], body]);
		response.writeHead(201, { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] }).end(`{"ok":true}`);
	});
	const looked: unknown[] = [];
	// TLS and the Internet are left out; the address that Node would connect to is asked for and noted.
	const overHttp = (url: URL, { lookup, method, headers, signal }: RequestOptions) => {
		lookup?.(url.hostname, {}, (_error, address) => looked.push(address));
		return httpRequest(new URL(url.pathname, server.url), { method, headers, signal });
	};
	const ask = createProviderFetch({
		issuer: provider.issuer,
		resolve: (_host, done) => done(null, [{ address: "8.8.8.8", family: 4 }]),
		request: overHttp as typeof httpsRequest, // of its three forms the one that is used
	});
	const type = "application/x-www-form-urlencoded;charset=UTF-8";
	const answer = await ask("https://keys.example/token", {
		...{ method: "POST", redirect: "manual", signal: AbortSignal.timeout(5000) },
		headers: { "content-type": type },
		body: new URLSearchParams({ code: "a b" }),
	});
	server.close();
	expect([answer.status, await answer.json(), answer.headers.get("content-type")]).toEqual([
		201,
		{ ok: true },
		"application/json",
	]);
	expect(asked).toEqual([["POST", "/token", type, "code=a+b"]]);
	expect(looked).toEqual(["8.8.8.8"]);
});

describe("the provider's file", () => {
	test("names a secret's file that nobody else can read, and an issuer that nobody on the way can be", async () => {
		const folder = await mkdtemp(join(tmpdir(), "holdfast-provider-"));
		const file = join(folder, "provider.json");
		const good = { issuer: "https://id.lender.example", clientId: "holdfast", clientSecretFile: "secret", name: "Lender ID" };
		const read = async (content: object) => {
			await writeFile(file, JSON.stringify(content));
			return readProviderSettings(file);
		};
		await writeFile(join(folder, "secret"), "s3cret\n", { mode: 0o600 });
		expect(await read(good)).toEqual({ issuer: good.issuer, clientId: "holdfast", name: "Lender ID", clientSecret: "s3cret" });
		await expect(read({ ...good, issuer: "http://id.lender.example" })).rejects.toThrow("not https");
		expect(await read({ ...good, hosts: ["keys.inner:8443"] })).toMatchObject({ hosts: ["keys.inner:8443"] });
		await expect(read({ ...good, hosts: ["https://keys.inner/"] })).rejects.toThrow("are needed");
		await expect(read({ ...good, clientSecret: "inline" })).rejects.toThrow("clientSecretFile");
		await expect(read({ ...good, roleClaim: "groups" })).rejects.toThrow("go together");
		await expect(read({ ...good, roleClaim: "groups", roles: { a: "root" } })).rejects.toThrow("are needed");
		await chmod(join(folder, "secret"), 0o644);
		await expect(read(good)).rejects.toMatchObject({ code: "KEY_FILE_OPEN_TO_OTHERS" });
		await rm(folder, { recursive: true });
	});
});
