import { createHash } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ADMIN_TOKEN, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";
import { anotherSession, caller, type SignedIn, signIn } from "./signed-in.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
beforeEach(() => {
	registry.now = START;
});
afterAll(() => registry?.close());

const HOUR = 3600;
const status = async (person: Pick<SignedIn, "call">, headers?: Record<string, string | undefined>) =>
	(await person.call("GET", "/v1/session", undefined, headers)).status;

describe("a session", () => {
	test("says who is signed in, with which roles, and until when", async () => {
		const ana = await signIn(registry, ["agent"]);
		expect((await ana.call("GET", "/v1/session")).body).toEqual({
			actor: ana.actor,
			kind: "person",
			personId: ana.personId,
			name: "Ana",
			roles: ["agent"],
			pages: [],
			hasPasskey: false,
			expiresAtUnixSeconds: START + 12 * HOUR,
			idleEndsAtUnixSeconds: START + HOUR / 2,
			stepUpEndsAtUnixSeconds: START + 300,
		});
	});

	test("ends after thirty minutes without a request, and after twelve hours whatever is done", async () => {
		const idle = await signIn(registry, ["agent"]);
		const busy = await signIn(registry, ["agent"]);
		for (let at = START; at < START + 12 * HOUR; at += 20 * 60) {
			registry.now = at;
			expect(await status(busy)).toBe(200);
		}
		expect(await status(idle)).toBe(401);
		registry.now = START + 12 * HOUR;
		expect(await status(busy)).toBe(401);
	});

	test("is not kept alive by a page that asks by itself", async () => {
		const ana = await signIn(registry, ["agent"]);
		for (const minutes of [10, 20, 29]) {
			registry.now = START + minutes * 60;
			expect(await status(ana, { "x-holdfast-request": "poll" })).toBe(200);
		}
		registry.now = START + HOUR / 2;
		expect(await status(ana)).toBe(401);
	});

	test("is kept as a hash: whoever reads the database cannot sign in", async () => {
		const { secret } = await signIn(registry, ["agent"]);
		const rows = await registry.database.pool.query("SELECT id_sha256 FROM sessions");
		const hashes = rows.rows.map((row: { id_sha256: Buffer }) => row.id_sha256.toString("hex"));
		expect(hashes).toContain(createHash("sha256").update(secret).digest("hex"));
		expect(await status({ call: caller(registry, { cookie: `__Host-holdfast=${hashes[0]}` }) })).toBe(401);
	});

	test("ends with sign-out, and with sign-out everywhere in every other browser too", async () => {
		const ana = await signIn(registry, ["agent"]);
		const phone = await anotherSession(registry, ana.personId);
		const desk = await anotherSession(registry, ana.personId);
		const out = await phone.call("DELETE", "/v1/session");
		expect(out).toMatchObject({ status: 200, body: { sessions: 1 } });
		expect(out.headers["set-cookie"]).toBe("__Host-holdfast=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
		expect([await status(phone), await status(ana)]).toEqual([401, 200]);
		expect((await desk.call("DELETE", "/v1/session?everywhere=true")).body).toEqual({ sessions: 2 });
		expect([await status(desk), await status(ana)]).toEqual([401, 401]);
	});

	test("is listed to its own person alone, who may end another one and leave the rest", async () => {
		const ana = await signIn(registry, ["agent"]);
		registry.now += 60;
		const phone = await anotherSession(registry, ana.personId);
		const bo = await signIn(registry, ["agent"], { name: "Bo" });
		const { sessions } = (await ana.call("GET", "/v1/sessions")).body;
		expect(sessions).toMatchObject([
			{ isThis: false, signedInAtUnixSeconds: START + 60 },
			{ isThis: true, signedInAtUnixSeconds: START },
		]);
		expect(JSON.stringify(sessions)).not.toContain(createHash("sha256").update(phone.secret).digest("hex"));
		const path = `/v1/sessions/${sessions[0].sessionId}`;
		expect((await bo.call("DELETE", path)).body).toEqual({ sessions: 0 });
		expect(await status(phone)).toBe(200);
		expect((await ana.call("DELETE", path)).body).toEqual({ sessions: 1 });
		expect([await status(phone), await status(ana), await status(bo)]).toEqual([401, 200, 200]);
		const { rows } = await registry.database.pool.query(
			"SELECT action FROM audit_log WHERE subject = $1 AND action = 'session.closed'",
			[ana.actor],
		);
		expect(rows).toHaveLength(1);
	});

	test.each([
		["their roles change", { roles: ["auditor"] }],
		["they are disabled", { isDisabled: true }],
	])("ends at once when %s", async (_when, change) => {
		const ana = await signIn(registry, ["agent"]);
		const boss = await signIn(registry, ["admin"]);
		expect((await boss.call("PATCH", `/v1/people/${ana.personId}`, change)).status).toBe(200);
		expect(await status(ana)).toBe(401);
	});

	test("is good for grave acts for five minutes after the passkey was shown", async () => {
		const boss = await signIn(registry, ["admin"]);
		const add = async () => (await boss.call("POST", "/v1/people", { name: "Bo", roles: ["agent"] })).body;
		registry.now = START + 299;
		expect(await add()).toMatchObject({ person: { name: "Bo" } });
		registry.now = START + 300;
		expect(await add()).toMatchObject({ code: "STEP_UP_REQUIRED" });
	});
});

describe("a request with a cookie", () => {
	const order = { reference: "P-1", amountMinor: 1 };
	test.each<[string, Record<string, string | undefined>, string]>([
		["another site's page", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }, "WRONG_ORIGIN"],
		["a page of a neighbour on the same domain", { "sec-fetch-site": "same-site" }, "WRONG_ORIGIN"],
		["an old browser's form on another site", { origin: "https://evil.example", "sec-fetch-site": undefined }, "WRONG_ORIGIN"],
		["a sandboxed frame", { origin: "null" }, "WRONG_ORIGIN"],
		["our own host by another scheme", { origin: "https://127.0.0.1" }, "WRONG_ORIGIN"],
		["nothing that names an origin", { origin: undefined, "sec-fetch-site": undefined }, "WRONG_ORIGIN"],
		["our own origin without the header", { "x-holdfast-request": undefined }, "WRONG_ORIGIN"],
		["another name for this machine (DNS rebinding)", { host: "evil.example" }, "WRONG_HOST"],
		["another port of this machine", { host: "localhost:1" }, "WRONG_HOST"],
	])("from %s is refused before anything is looked at", async (_from, headers, code) => {
		const ana = await signIn(registry, ["agent"]);
		expect(await ana.call("POST", "/v1/contracts/none/payments", order, headers)).toMatchObject({ status: 403, body: { code } });
		expect(await ana.call("DELETE", "/v1/session", undefined, headers)).toMatchObject({ status: 403, body: { code } });
		expect(await status(ana)).toBe(200);
	});

	test("that is a form's post is refused, from wherever it comes", async () => {
		const ana = await signIn(registry, ["agent"]);
		const form = { "content-type": "application/x-www-form-urlencoded" };
		for (const more of [{ "x-holdfast-request": undefined }, {}]) {
			const answer = await ana.call("POST", "/v1/contracts/none/payments", "reference=P-1&amountMinor=1", { ...form, ...more });
			expect([403, 415]).toContain(answer.status);
		}
	});

	test("from our own page gets through, under each name of this machine", async () => {
		const ana = await signIn(registry, ["agent"]);
		const { port } = new URL(registry.url);
		for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
			const answer = await ana.call("POST", "/v1/contracts/none/payments", order, { host, origin: `http://${host}` });
			expect(answer.body.code).toBe("CONTRACT_UNKNOWN");
		}
	});

	test("is read by its cookie alone only when there is no token: a wrong token is nobody", async () => {
		const ana = await signIn(registry, ["agent"]);
		expect(await status(ana, { authorization: "Bearer wrong" })).toBe(401);
	});

	test("and a token are two things: a program needs no header of a page", async () => {
		const program = caller(registry, { authorization: `Bearer ${ADMIN_TOKEN}` });
		const bare = { origin: undefined, "sec-fetch-site": undefined, "x-holdfast-request": undefined, host: "phones.example" };
		expect((await program("POST", "/v1/contracts/none/payments", order, bare)).body.code).toBe("CONTRACT_UNKNOWN");
		expect((await program("GET", "/v1/session", undefined, bare)).body).toMatchObject({ actor: "admin", kind: "token" });
	});
});

describe("signing in", () => {
	test.each(["/v1/session/passkey/options", "/v1/session/passkey/verify", "/v1/invitations/open", "/v1/invitations/accept"])(
		"by %s is only for our own page: nobody is signed in by another site",
		async (path) => {
			const page = caller(registry, {});
			for (const headers of [
				{ origin: "https://evil.example" },
				{ "x-holdfast-request": undefined },
				{ "sec-fetch-site": "cross-site" },
			]) {
				expect(await page("POST", path, {}, headers)).toMatchObject({ status: 403, body: { code: "WRONG_ORIGIN" } });
			}
		},
	);

	test("is answered only so often to one address, and another address is not kept out", async () => {
		const ask = (remoteAddress: string) =>
			registry.app.inject({
				method: "POST",
				url: "/v1/session/passkey/options",
				remoteAddress,
				headers: { host: new URL(registry.url).host, origin: registry.url, "x-holdfast-request": "1" },
				payload: {},
			});
		await registry.inNoTime(async () => {
			const answers = [];
			for (let count = 0; count < 60; count += 1) answers.push((await ask("10.0.0.1")).statusCode);
			expect([answers[0], answers.at(-1)]).toEqual([200, 429]);
			expect((await ask("10.0.0.1")).headers["retry-after"]).toMatch(/^\d+$/);
			expect((await ask("10.0.0.2")).statusCode).toBe(200);
			// Whoever has one IPv6 address has 2^64: they count as one.
			const many = [];
			for (let count = 1; count <= 60; count += 1) many.push((await ask(`2001:db8:1:2::${count.toString(16)}`)).statusCode);
			expect([many[0], many.at(-1)]).toEqual([200, 429]);
			expect((await ask("2001:db8:1:3::1")).statusCode).toBe(200);
		});
	});
});

describe("nobody gains what they were not given", () => {
	test("by changing their own roles, whatever their role is", async () => {
		for (const role of ["agent", "operator", "technician", "auditor"] as const) {
			const ana = await signIn(registry, [role]);
			const answer = await ana.call("PATCH", `/v1/people/${ana.personId}`, { roles: ["admin"] });
			expect([role, answer.body.code]).toEqual([role, "FORBIDDEN"]);
		}
		const boss = await signIn(registry, ["admin"]);
		for (const change of [{ roles: ["admin", "agent"] }, { isDisabled: true }]) {
			expect((await boss.call("PATCH", `/v1/people/${boss.personId}`, change)).body.code).toBe("CONFLICT");
		}
		expect((await boss.call("POST", "/v1/invitations", { personId: boss.personId })).body.code).toBe("CONFLICT");
	});

	test("by making an administrator alone, by role, by enabling one, or by taking over one's account", async () => {
		const boss = await signIn(registry, ["admin"]);
		const other = await signIn(registry, ["admin"]);
		const agent = await signIn(registry, ["agent"]);
		await boss.call("PATCH", `/v1/people/${other.personId}`, { isDisabled: true });
		for (const attempt of [
			boss.call("POST", "/v1/people", { name: "Puppet", roles: ["admin"] }),
			boss.call("PATCH", `/v1/people/${agent.personId}`, { roles: ["agent", "admin"] }),
			boss.call("PATCH", `/v1/people/${other.personId}`, { isDisabled: false }),
			boss.call("POST", "/v1/invitations", { personId: other.personId }),
		]) {
			expect((await attempt).body).toMatchObject({ code: "APPROVAL_REQUIRED", details: { state: "none", kind: "people.admin" } });
		}
	});

	test("and every change stands in the person's log, with who made it", async () => {
		const boss = await signIn(registry, ["admin"]);
		const { body } = await boss.call("POST", "/v1/people", { name: "Cleo", roles: ["operator"] });
		const { personId } = body.person;
		await boss.call("PATCH", `/v1/people/${personId}`, { roles: ["technician"] });
		const entries = await registry.database.kysely
			.selectFrom("audit_log")
			.select(["actor", "action"])
			.where("subject", "=", `person/${personId}`)
			.orderBy("entry")
			.execute();
		expect(entries).toEqual([
			{ actor: boss.actor, action: "person.added" },
			{ actor: boss.actor, action: "person.changed" },
		]);
	});
});
