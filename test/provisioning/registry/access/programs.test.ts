import { createHash } from "node:crypto";
import { Writable } from "node:stream";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ProgramRequest } from "../../../../provisioning/registry/access/program-request.ts";
import { findAuditBreak } from "../../../../provisioning/registry/audit-log.ts";
import { type AccessClient, createAccessClient } from "../../../../provisioning/registry/clients/access-client.ts";
import { createRegistryClient } from "../../../../provisioning/registry/clients/registry-client.ts";
import { createStationClient } from "../../../../provisioning/registry/clients/station-client.ts";
import { createRegistry } from "../../../../provisioning/registry/http/create-registry.ts";
import { openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import { TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, DAY, expectFault, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";
import { caller, signIn } from "./signed-in.ts";

let registry: TestRegistry;
let access: AccessClient;
beforeAll(async () => {
	registry = await startTestRegistry();
	access = createAccessClient({ url: registry.url, adminToken: ADMIN_TOKEN });
});
beforeEach(() => {
	registry.now = START;
});
afterAll(() => registry?.close());

const add = (changes: Partial<ProgramRequest> = {}) => access.addProgram({ name: "Line A", roles: ["operator"], ...changes });
const ask = (token: string) => caller(registry, { authorization: `Bearer ${token}` })("GET", "/v1/session");
const status = async (token: string) => (await ask(token)).status;

describe("a program's token", () => {
	test("says who asks, with its own roles, and until when", async () => {
		const { program, token } = await add({ roles: ["agent", "auditor"], days: 30 });
		expect(token).toMatch(new RegExp(`^hfp_${program.programId}_[A-Za-z0-9_-]{43}$`));
		expect((await ask(token)).body).toEqual({
			actor: `program/${program.programId}`,
			kind: "program",
			name: "Line A",
			roles: ["agent", "auditor"],
			pages: [],
			expiresAtUnixSeconds: START + 30 * DAY,
		});
	});

	test("ends by itself, after ninety days unless another number was said, and never after more than a year", async () => {
		const { program, token } = await add();
		expect(program.expiresAtUnixSeconds).toBe(START + 90 * DAY);
		registry.now = START + 90 * DAY - 1;
		expect(await status(token)).toBe(200);
		registry.now += 1;
		expect(await status(token)).toBe(401);
		await expectFault(add({ days: 366 }), "REGISTRY_REFUSED", { reason: "BAD_REQUEST" });
	});

	test("is kept as a hash alone: whoever reads the database cannot ask with it", async () => {
		const { program, token } = await add();
		const { rows } = await registry.database.pool.query("SELECT sha256 FROM program_secrets WHERE program_id = $1", [
			program.programId,
		]);
		const secret = token.slice(-43);
		expect(rows.map(({ sha256 }: { sha256: Buffer }) => sha256.toString("hex"))).toEqual([
			createHash("sha256").update(secret).digest("hex"),
		]);
		expect(JSON.stringify(await access.listPrograms())).not.toContain(secret);
		const { rows: log } = await registry.database.pool.query("SELECT details FROM audit_log");
		expect(JSON.stringify(log)).not.toContain(secret);
	});

	test("is wrong when anything of it is", async () => {
		const [one, other] = [await add(), await add()];
		const mixed = `hfp_${one.program.programId}_${other.token.slice(-43)}`;
		const wrong = [mixed, one.token.slice(0, -1), `${one.token}A`, one.token.toUpperCase(), one.token.slice(4)];
		for (const token of [...wrong, `hfp_${"0".repeat(20)}_${"A".repeat(43)}`])
			expect([token, await status(token)]).toEqual([token, 401]);
	});

	test("ends at once on every registry when it is revoked, and a second time changes nothing", async () => {
		const { program, token } = await add();
		const { url } = await registry.sibling();
		const there = () => fetch(`${url}/v1/session`, { headers: { authorization: `Bearer ${token}` } });
		expect((await there()).status).toBe(200);
		const revoked = await access.revokeProgram(program.programId);
		expect(revoked.revokedAtUnixSeconds).toBe(START);
		expect([await status(token), (await there()).status]).toEqual([401, 401]);
		registry.now += 60;
		expect((await access.revokeProgram(program.programId)).revokedAtUnixSeconds).toBe(START);
		await expectFault(access.rotateProgram(program.programId, {}), "REGISTRY_REFUSED", { reason: "CONFLICT" });
	});

	test("is noted as used to the hour", async () => {
		const { program, token } = await add();
		registry.now = START + 1234;
		await ask(token);
		registry.now += 60;
		await ask(token);
		const found = (await access.listPrograms()).find(({ programId }) => programId === program.programId);
		expect(found?.lastUsedAtUnixSeconds).toBe(START);
	});
});

describe("a rotation", () => {
	test("gives another token, and the one before is good for a day unless it is said otherwise", async () => {
		const { program, token } = await add({ days: 10 });
		registry.now = START + 5 * DAY;
		const next = await access.rotateProgram(program.programId, { days: 20 });
		expect(next.program).toMatchObject({
			expiresAtUnixSeconds: START + 25 * DAY,
			earlierTokenUntilUnixSeconds: START + 6 * DAY,
		});
		expect([await status(token), await status(next.token)]).toEqual([200, 200]);
		registry.now = START + 6 * DAY;
		expect([await status(token), await status(next.token)]).toEqual([401, 200]);
	});

	test("leaves two tokens good at most, and none but the new one where it was stolen", async () => {
		const first = await add();
		const second = await access.rotateProgram(first.program.programId, {});
		const third = await access.rotateProgram(first.program.programId, {});
		const tokens = [first, second, third].map(({ token }) => token);
		expect(await Promise.all(tokens.map(status))).toEqual([401, 200, 200]);
		const last = await access.rotateProgram(first.program.programId, { overlapHours: 0 });
		expect(await Promise.all([...tokens, last.token].map(status))).toEqual([401, 401, 401, 200]);
	});

	test("never lengthens the life of the token before", async () => {
		const { program, token } = await add({ days: 1 });
		registry.now = START + DAY - 60;
		const next = await access.rotateProgram(program.programId, { overlapHours: 168 });
		registry.now = START + DAY;
		expect([await status(token), await status(next.token)]).toEqual([401, 200]);
	});
});

describe("who makes programs", () => {
	test("is an administrator, with the passkey shown again, and it stands in an audit log of the program's own", async () => {
		const boss = await signIn(registry, ["admin"]);
		const made = await boss.call("POST", "/v1/programs", { name: "Loans", roles: ["agent"], station: "S-1" });
		expect(made).toMatchObject({ status: 200, body: { program: { createdBy: boss.actor, station: "S-1" } } });
		const { programId } = made.body.program;
		await boss.call("POST", `/v1/programs/${programId}/rotate`, {});
		await boss.call("POST", `/v1/programs/${programId}/revoke`, {});
		const subject = `program/${programId}`;
		const { rows } = await registry.database.pool.query("SELECT actor, action FROM audit_log WHERE subject = $1 ORDER BY entry", [
			subject,
		]);
		expect(rows).toEqual(["added", "rotated", "revoked"].map((what) => ({ actor: boss.actor, action: `program.${what}` })));
		expect(await findAuditBreak(registry.database.kysely, subject)).toBeUndefined();
	});

	test("makes no administrator of a program, whoever they are", async () => {
		const boss = await signIn(registry, ["admin"]);
		for (const call of [boss.call, caller(registry, { authorization: `Bearer ${ADMIN_TOKEN}` })]) {
			const { status: answered } = await call("POST", "/v1/programs", { name: "all", roles: ["admin"] });
			expect(answered).toBe(400);
		}
	});
});

describe("a program", () => {
	test("stands in the audit log by its own name", async () => {
		const { program, token } = await add({ roles: ["agent"] });
		const call = caller(registry, { authorization: `Bearer ${token}` });
		expect((await call("POST", "/v1/contracts", contractRequest("P-1"))).status).toBe(200);
		await call("POST", "/v1/contracts/P-1/payments", { reference: "r-1", amountMinor: 1000 });
		const { rows } = await registry.database.pool.query("SELECT actor FROM audit_log WHERE subject = 'P-1'");
		expect(new Set(rows.map(({ actor }: { actor: string }) => actor))).toEqual(new Set([`program/${program.programId}`]));
		const { rows: payments } = await registry.database.pool.query("SELECT source FROM payments WHERE contract_id = 'P-1'");
		expect(payments).toEqual([{ source: "api" }]);
	});

	test("of a station leases, enrolls and takes back as that station and as no other", async () => {
		const { token } = await add({ station: "S-A" });
		await registry.admin.createContract(contractRequest("P-2"));
		const address = { url: registry.url, adminToken: token };
		const [own, other] = ["S-A", "S-B"].map((station) => createStationClient({ ...address, station }));
		const refused = { reason: "FORBIDDEN" };
		await expectFault(other?.lease(["P-2"], 600) ?? Promise.resolve(), "REGISTRY_REFUSED", refused);
		expect((await own?.lease(["P-2"], 600))?.granted).toHaveLength(1);
		await expectFault(other?.releaseLeases(["P-2"]) ?? Promise.resolve(), "REGISTRY_REFUSED", refused);
		const phone = new TestPhone();
		const asOther = createRegistryClient({ ...address, station: "S-B" });
		await expectFault(asOther.offerEnrollment("P-2", phone.identity), "REGISTRY_REFUSED", refused);
		// It says no station, and is its own all the same: the lease lets it in.
		const { enrollmentId } = await createRegistryClient(address).offerEnrollment("P-2", phone.identity);
		await expectFault(other?.withdrawOffer(enrollmentId) ?? Promise.resolve(), "REGISTRY_REFUSED", refused);
		await own?.withdrawOffer(enrollmentId);
	});
});

describe("the admin token from another machine", () => {
	test("is warned of in the log, once an hour for each network, and a program's token is not", async () => {
		const lines: Record<string, unknown>[] = [];
		const stream = new Writable({
			write(chunk: Buffer, _encoding, done) {
				lines.push(JSON.parse(chunk.toString()));
				done();
			},
		});
		const app = await createRegistry({
			database: registry.database,
			keys: await openRoleSigners(registry.keysFolder, { insecureDev: true }),
			clock: { nowMs: () => registry.now * 1000 },
			adminToken: ADMIN_TOKEN,
			publicUrl: () => "http://localhost",
			logger: { level: "warn", stream },
		});
		const { token } = await add();
		for (const [remoteAddress, bearer] of [
			["127.0.0.1", ADMIN_TOKEN],
			["203.0.113.7", token],
			["203.0.113.9", ADMIN_TOKEN],
			["203.0.113.9", ADMIN_TOKEN],
		] as const)
			await app.inject({ url: "/v1/session", remoteAddress, headers: { authorization: `Bearer ${bearer}` } });
		await app.close();
		expect(lines).toMatchObject([{ level: 40, code: "ADMIN_TOKEN_FROM_AFAR", from: "203.0.113.9" }]);
	});
});
