import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SecondPerson, TwoPersonAct } from "../../../../provisioning/registry/access/second-person.ts";
import type { OrderRequest } from "../../../../provisioning/registry/api.ts";
import { refusal } from "../../../../provisioning/registry/refusal.ts";
import { inTransaction } from "../../../../provisioning/registry/registry-context.ts";
import { contractRequest, DAY, expectFault, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
/** What a second person has agreed to. */
const agreed: string[] = [];
const asked: TwoPersonAct[] = [];
const secondPerson: SecondPerson = async (context, act, work) => {
	asked.push(act);
	if (!agreed.includes(act.subject)) throw refusal("FLEET_BREAKER", "Nobody has agreed.", "Ask somebody.");
	return inTransaction(context, (transaction) => work(transaction, { approvedBy: "person/second" }));
};

beforeAll(async () => {
	registry = await startTestRegistry({ secondPerson });
	for (let index = 1; index <= 14; index += 1) await registry.admin.createContract(contractRequest(`F-${index}`));
});
afterAll(() => registry.close());
beforeEach(() => {
	agreed.length = 0;
	asked.length = 0;
});

const restrict = (requestId: string): OrderRequest => ({
	action: "restrict",
	level: "limited",
	reason: "fraud",
	note: "found by the team",
	requestId,
});

describe("the breaker", () => {
	test("stops new restrict orders above what an hour allows, on every registry, and lets everything that loosens pass", async () => {
		const other = await registry.sibling();
		const results = await Promise.allSettled(
			[1, 2, 3, 4, 5, 6, 7].map((index) => (index % 2 ? registry : other).admin.issueOrder(`F-${index}`, restrict(`r-${index}`))),
		);
		// Five an hour, for a fleet that small; however many ask at once.
		expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
		await expectFault(registry.admin.issueOrder("F-8", restrict("r-8")), "REGISTRY_REFUSED", { reason: "FLEET_BREAKER" });
		expect((await registry.console.fleet()).breaker).toMatchObject({
			open: true,
			hour: { used: 5, allowed: 5 },
			day: { used: 5, allowed: 10 },
		});
		expect(await registry.console.checkOrder("F-8", restrict("r-8"))).toMatchObject({ needsSecondPerson: true });
		await registry.admin.issueOrder("F-8", { action: "restore", reason: "lender_error" });
		await registry.admin.issueOrder("F-8", {
			action: "hold",
			kind: "disaster",
			reason: "disaster",
			untilUnixSeconds: START + DAY,
		});
		const first = await registry.admin.listOrders("F-1");
		// The same request again is no new lock.
		if (first.some(({ action }) => action === "restrict"))
			expect(await registry.admin.issueOrder("F-1", restrict("r-1"))).toMatchObject({ action: "restrict" });
	});

	test("lets one pass that a second person has agreed to, and writes down who", async () => {
		agreed.push("F-9");
		await registry.admin.issueOrder("F-9", restrict("r-9"));
		expect(asked).toMatchObject([{ kind: "fleet.breaker", subject: "F-9", request: restrict("r-9") }]);
		const { audit } = await registry.console.story("F-9");
		expect(audit[0]).toMatchObject({
			action: "order.issued",
			details: { approvedBy: "person/second", note: "found by the team" },
		});
	});

	test("closes again as the hour passes, and stops at what a day allows", async () => {
		registry.now += 3601;
		for (const index of [10, 11, 12, 13]) await registry.admin.issueOrder(`F-${index}`, restrict(`r-${index}`));
		await expectFault(registry.admin.issueOrder("F-14", restrict("r-14")), "REGISTRY_REFUSED", { reason: "FLEET_BREAKER" });
		registry.now += DAY;
		await registry.admin.issueOrder("F-14", restrict("r-14"));
	});

	test("is made narrower by one person, and wider by two", async () => {
		expect(await registry.console.changeFleetSettings({ leastLocksPerHour: 2 })).toMatchObject({ leastLocksPerHour: 2 });
		await expectFault(registry.console.changeFleetSettings({ leastLocksPerHour: 3 }), "REGISTRY_REFUSED");
		await expectFault(registry.console.changeFleetSettings({ locksPerDayPermille: 1000 }), "REGISTRY_REFUSED");
		await registry.console.changeFleetSettings({ feedStaleAfterHours: 100 });
		await expectFault(registry.console.changeFleetSettings({ feedStaleAfterHours: 0 }), "REGISTRY_REFUSED");
		agreed.push("fleet");
		expect(await registry.console.changeFleetSettings({ feedStaleAfterHours: 0 })).toMatchObject({ feedStaleAfterHours: 0 });
	});
});

describe("an extension of the fleet", () => {
	const base = { kind: "disaster", hours: 48, note: "flood in the north" } as const;

	test("takes the list that was looked at, and its number typed", async () => {
		const list = await registry.console.fleetList({ filter: { text: "F-1" } });
		expect(list).toMatchObject({ count: 6, sample: ["F-1", "F-10", "F-11", "F-12", "F-13", "F-14"] });
		const request = { ...base, filter: { text: "F-1" }, listSha256: list.listSha256 };
		await expectFault(registry.console.extendFleet({ ...request, count: 7, requestId: "x-1" }), "REGISTRY_REFUSED", {
			reason: "CONFLICT",
		});
		await registry.admin.createContract(contractRequest("F-15"));
		await expectFault(registry.console.extendFleet({ ...request, count: 6, requestId: "x-1" }), "REGISTRY_REFUSED", {
			reason: "CONFLICT",
		});
		expect((await registry.console.fleet()).extensions).toEqual([]);
	});

	test("issues one hold for each, once, however often it is continued and by whomever", async () => {
		const { listSha256, count } = await registry.console.fleetList({ filter: { text: "F-1" } });
		const request = { ...base, filter: { text: "F-1" }, listSha256, count, requestId: "x-2" };
		const begun = await registry.console.extendFleet(request);
		expect(begun).toMatchObject({ count: 7, done: 0, state: "running" });
		expect(await registry.console.extendFleet(request)).toEqual(begun);
		await registry.admin.payOff("F-15", { reference: "over" });
		const [, ...rest] = await Promise.all([1, 2, 3].map(() => registry.console.continueExtension("x-2")));
		expect(rest).toHaveLength(2);
		expect(await registry.console.continueExtension("x-2")).toMatchObject({ done: 7, state: "done" });
		const holds = (await registry.admin.listOrders("F-10")).filter(({ action }) => action === "hold");
		expect(holds).toHaveLength(1);
		expect((await registry.console.story("F-10")).holds).toMatchObject([
			{ kind: "disaster", untilUnixSeconds: begun.untilUnixSeconds, inForce: true },
		]);
		expect((await registry.console.fleet()).feed.stale).toBe(false);
	});

	test("of all pauses new locks at once, before any hold has gone out", async () => {
		const { listSha256, count } = await registry.console.fleetList({});
		await registry.console.extendFleet({ ...base, listSha256, count, requestId: "x-3" });
		expect((await registry.console.fleet()).feed).toMatchObject({
			stale: true,
			pausedUntilUnixSeconds: registry.now + 48 * 3600,
		});
		registry.now += 90 * DAY;
		expect((await registry.console.fleet()).feed.stale).toBe(false);
	});
});
