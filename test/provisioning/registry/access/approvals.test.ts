import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { withApproval } from "../../../../provisioning/registry/access/approvals.ts";
import { canonicalJson } from "../../../../provisioning/registry/access/canonical-json.ts";
import { findAuditBreak } from "../../../../provisioning/registry/audit-log.ts";
import type { OrderRequest } from "../../../../provisioning/registry/orders/order-request.ts";
import type { RegistryContext } from "../../../../provisioning/registry/registry-context.ts";
import { ADMIN_TOKEN, contractRequest, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";
import { anotherSession, caller, type SignedIn, signIn } from "./signed-in.ts";

let registry: TestRegistry;
let asker: SignedIn;
let second: SignedIn;
beforeAll(async () => {
	registry = await startTestRegistry();
});
beforeEach(async () => {
	registry.now = START;
	asker = await signIn(registry, ["admin"], { name: "Ana" });
	second = await signIn(registry, ["admin"], { name: "Bo" });
});
afterAll(() => registry?.close());

let counter = 0;
const puppet = () => ({ name: `Cleo ${++counter}`, roles: ["admin" as const] });

/** Asks for a second person, as a page does after it was refused. */
async function ask(who: SignedIn, person: ReturnType<typeof puppet>) {
	const refused = await who.call("POST", "/v1/people", person);
	const { kind, subject } = refused.body.details;
	return who.call("POST", "/v1/approvals", { kind, subject, request: { act: "add", ...person }, reason: "She runs the branch." });
}
const approve = (who: SignedIn, approval: { approvalId: string; requestSha256: string }) =>
	who.call("POST", `/v1/approvals/${approval.approvalId}/approve`, { requestSha256: approval.requestSha256 });

/** One of those that somebody is shown; all of a test's time are asked at the same second. */
const find = async (who: SignedIn, approvalId: string, query = "") =>
	(await who.call("GET", `/v1/approvals${query}`)).body.approvals.find(
		(each: { approvalId: string }) => each.approvalId === approvalId,
	);

describe("an act that takes two people", () => {
	test("is done by the first once the second has approved it, once, with both in the log", async () => {
		const person = puppet();
		const asked = await ask(asker, person);
		expect(asked.body).toMatchObject({
			state: "asked",
			askedBy: { name: "Ana" },
			mayDecide: false,
			reason: "She runs the branch.",
		});
		expect((await asker.call("POST", "/v1/people", person)).body).toMatchObject({
			code: "APPROVAL_REQUIRED",
			details: { state: "asked" },
		});
		const seen = await find(second, asked.body.approvalId, "?open=true");
		expect(seen).toMatchObject({ mayDecide: true, request: { act: "add", ...person } });
		expect((await approve(second, seen)).body).toMatchObject({ state: "approved", decidedBy: { name: "Bo" } });

		const done = await asker.call("POST", "/v1/people", person);
		expect(done).toMatchObject({ status: 200, body: { person: { name: person.name } } });
		expect((await asker.call("POST", "/v1/people", person)).body).toMatchObject({
			code: "APPROVAL_REQUIRED",
			details: { state: "none" },
		});

		const log = await registry.database.kysely.selectFrom("audit_log").selectAll().orderBy("at").orderBy("entry").execute();
		const about = (subject: string) => log.filter((entry) => entry.subject === subject);
		const approval = `approval/${seen.approvalId}`;
		expect(about(approval).map(({ action, actor }) => [action, actor])).toEqual([
			["approval.asked", asker.actor],
			["approval.approved", second.actor],
			["approval.done", asker.actor],
		]);
		const [added] = about(`person/${done.body.person.personId}`);
		expect([added?.actor, JSON.parse(added?.details ?? "{}").approvedBy]).toEqual([asker.actor, second.actor]);
		expect(await findAuditBreak(registry.database.kysely, approval)).toBeUndefined();
	});

	test("is exactly the act that was approved, and the first person's alone", async () => {
		const person = puppet();
		await approve(second, (await ask(asker, person)).body);
		for (const changed of [
			{ ...person, name: "Eve" },
			{ ...person, roles: ["admin", "agent"] },
		]) {
			expect((await asker.call("POST", "/v1/people", changed)).body.code).toBe("APPROVAL_REQUIRED");
		}
		expect((await second.call("POST", "/v1/people", person)).body.code).toBe("APPROVAL_REQUIRED");
		expect((await asker.call("POST", "/v1/people", person)).status).toBe(200);
	});

	test("is done once, however often it is sent at the same moment", async () => {
		const person = puppet();
		await approve(second, (await ask(asker, person)).body);
		const answers = await Promise.all([1, 2, 3, 4].map(() => asker.call("POST", "/v1/people", person)));
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
	});

	test("that fails leaves the approval standing", async () => {
		const person = puppet();
		const { body } = await ask(asker, person);
		await approve(second, body);
		const context = { database: registry.database, clock: { nowMs: () => registry.now * 1000 }, actor: asker.actor };
		const act = { kind: "people.admin" as const, subject: person.name, request: { act: "add", ...person } };
		await expect(
			withApproval(context as RegistryContext, act, async () => {
				// the three parts that it uses
				throw new Error("the disk is full");
			}),
		).rejects.toThrow("the disk is full");
		expect(await find(asker, body.approvalId, "?open=true")).toMatchObject({ state: "approved" });
	});
});

describe("a second person", () => {
	const refusedFor = async (who: SignedIn) => (await approve(who, (await ask(asker, puppet())).body)).body;

	test("is never the first, nor whoever the first invited, nor of another role", async () => {
		const { body: mine } = await ask(asker, puppet());
		expect((await approve(asker, mine)).body).toMatchObject({ code: "FORBIDDEN", detail: "Nobody approves their own." });
		const invited = await signIn(registry, ["admin"], { vouchedBy: asker.actor });
		expect((await refusedFor(invited)).code).toBe("FORBIDDEN");
		expect((await refusedFor(await signIn(registry, ["agent"]))).code).toBe("FORBIDDEN");
		expect((await refusedFor(await signIn(registry, ["auditor"]))).code).toBe("FORBIDDEN");
	});

	test("is never the admin token, which does not ask either", async () => {
		const { body } = await ask(asker, puppet());
		const program = caller(registry, { authorization: `Bearer ${ADMIN_TOKEN}` });
		const decision = { requestSha256: body.requestSha256 };
		expect((await program("POST", `/v1/approvals/${body.approvalId}/approve`, decision)).body.code).toBe("FORBIDDEN");
		const asking = { kind: "people.admin", subject: "x", request: { act: "add", ...puppet() }, reason: "x" };
		expect((await program("POST", "/v1/approvals", asking)).body.code).toBe("FORBIDDEN");
	});

	test("shows their passkey for it", async () => {
		const stale = await signIn(registry, ["admin"], { method: "provider" });
		expect((await refusedFor(stale)).code).toBe("STEP_UP_REQUIRED");
	});

	test("approves the request that was read and no other", async () => {
		const { body } = await ask(asker, puppet());
		expect((await approve(second, { ...body, requestSha256: "0".repeat(64) })).body.code).toBe("CONFLICT");
	});

	test("has to be one still when the act is done", async () => {
		const person = puppet();
		await approve(second, (await ask(asker, person)).body);
		const token = caller(registry, { authorization: `Bearer ${ADMIN_TOKEN}` });
		await token("PATCH", `/v1/people/${second.personId}`, { roles: ["agent"] });
		expect((await asker.call("POST", "/v1/people", person)).body.code).toBe("FORBIDDEN");
	});

	test("may say no, and the first may take it back: then nothing is done", async () => {
		for (const who of [second, asker]) {
			const person = puppet();
			const { body } = await ask(asker, person);
			const decision = { requestSha256: body.requestSha256, note: "Not this quarter." };
			expect((await who.call("POST", `/v1/approvals/${body.approvalId}/refuse`, decision)).body.state).toBe("refused");
			expect((await approve(second, body)).body.code).toBe("CONFLICT");
			expect((await asker.call("POST", "/v1/people", person)).body.details.state).toBe("none");
		}
	});
});

describe("a lock above what the fleet's breaker allows", () => {
	const restrict = (requestId: string) => ({ action: "restrict", level: "limited", reason: "fraud", note: "found", requestId });
	let agent: SignedIn;
	beforeEach(async () => {
		agent = await signIn(registry, ["agent"], { name: "Ada" });
	});
	beforeAll(async () => {
		for (let index = 0; index <= 6; index += 1) await registry.admin.createContract(contractRequest(`B-${index}`));
		for (let index = 0; index < 5; index += 1)
			await registry.admin.issueOrder(`B-${index}`, restrict(`r-${index}`) as OrderRequest);
	});

	test("tells a program how many there were, and a person besides that somebody else may agree", async () => {
		const numbers = { hourUsed: "5", hourAllowed: "5" };
		const program = caller(registry, { authorization: `Bearer ${ADMIN_TOKEN}` });
		const refused = await program("POST", "/v1/contracts/B-5/orders", restrict("r-5"));
		expect([refused.status, refused.body]).toMatchObject([409, { code: "FLEET_BREAKER", details: numbers }]);
		const asked = await agent.call("POST", "/v1/contracts/B-5/orders", restrict("r-5"));
		expect(asked.body).toMatchObject({
			code: "APPROVAL_REQUIRED",
			details: { ...numbers, kind: "fleet.breaker", state: "none" },
		});
	});

	test("goes out once another person has agreed, with both their names in the log", async () => {
		const send = () => agent.call("POST", "/v1/contracts/B-6/orders", restrict("r-6"));
		const { kind, subject } = (await send()).body.details;
		const approval = await agent.call("POST", "/v1/approvals", { kind, subject, request: restrict("r-6"), reason: "One ring." });
		expect((await approve(second, approval.body)).body).toMatchObject({ state: "approved" });
		expect((await send()).body).toMatchObject({ action: "restrict", state: "pending" });
		const { audit } = await registry.console.story("B-6");
		expect(audit[0]).toMatchObject({ action: "order.issued", actor: agent.actor, details: { approvedBy: second.actor } });
	});
});

describe("an approval", () => {
	test("is void a day after it was asked, approved or not", async () => {
		const person = puppet();
		const { body } = await ask(asker, person);
		await approve(second, body);
		registry.now = START + 24 * 3600;
		asker = { ...asker, ...(await anotherSession(registry, asker.personId)) };
		expect((await asker.call("POST", "/v1/people", person)).body.details.state).toBe("none");
		const again = (await ask(asker, person)).body;
		expect(again.approvalId).not.toBe(body.approvalId);
		expect(await find(asker, body.approvalId)).toMatchObject({ state: "expired" });
		expect(await find(asker, again.approvalId)).toMatchObject({ state: "asked" });
	});

	test("asked for again is the same one", async () => {
		const person = puppet();
		expect((await ask(asker, person)).body.approvalId).toBe((await ask(asker, person)).body.approvalId);
	});

	test.each([
		["an act that is none", { kind: "people.nothing", request: {} }],
		["an act of another shape", { kind: "people.admin", request: { act: "add", name: "x", roles: ["root"] } }],
	])("is not asked for %s", async (_what, wrong) => {
		expect((await asker.call("POST", "/v1/approvals", { subject: "x", reason: "x", ...wrong })).body.code).toBe("BAD_REQUEST");
	});

	test("is of the request's canonical JSON: the order of members does not matter, anything else does", () => {
		expect(canonicalJson({ b: [1, { d: "é", c: null }], a: undefined })).toBe('{"b":[1,{"c":null,"d":"é"}]}');
		expect(() => canonicalJson({ a: 0.5 })).toThrow(TypeError);
	});
});
