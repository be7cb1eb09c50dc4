import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ContractRequest } from "../../../../provisioning/registry/api.ts";
import { findAuditBreak } from "../../../../provisioning/registry/audit-log.ts";
import { fromBase64 } from "../../../../provisioning/registry/base64.ts";
import { readOrder } from "../test-phone.ts";
import { contractRequest, DAY, expectFault, nextImei, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

describe("a contract", () => {
	test("is entered once, however often and in whatever order of members it is sent", async () => {
		const request = contractRequest("T-1");
		const first = await registry.admin.createContract(request);
		const { terms, consent, contractId } = request;
		expect(await registry.admin.createContract({ consent, terms, contractId })).toEqual(first);
		await expectFault(
			registry.admin.createContract({ ...request, terms: { ...terms, lenderName: "Another" } }),
			"REGISTRY_REFUSED",
			{ reason: "CONFLICT" },
		);
		const many = await Promise.all(Array.from({ length: 8 }, () => registry.admin.createContract(contractRequest("T-1b"))));
		expect(new Set(many.map(({ deviceId }) => deviceId)).size).toBe(1);
	});

	test("shows where its payments stand by the registry's clock", async () => {
		await registry.admin.createContract(contractRequest("T-2"));
		const standingAt = async (now: number) => {
			registry.now = now;
			return (await registry.admin.getContract("T-2")).paymentStanding;
		};
		expect(await standingAt(START + 30 * DAY)).toBe("paid");
		expect(await standingAt(START + 30 * DAY + 1)).toBe("grace");
		expect(await standingAt(START + 36 * DAY)).toBe("overdue");
		registry.now = START;
	});

	test("that names a phone on another running contract is refused", async () => {
		const imei = nextImei();
		await registry.admin.createContract(contractRequest("T-3", { imeis: [imei] }));
		await expectFault(registry.admin.createContract(contractRequest("T-4", { imeis: [imei] })), "IMEI_ON_OTHER_CONTRACT");
		await expectFault(registry.admin.getContract("T-4"), "CONTRACT_UNKNOWN");
	});

	test.each<[string, Partial<ContractRequest["terms"]>]>([
		[
			"instalments out of order",
			{
				instalments: [
					{ dueAtUnixSeconds: START + 2, amountMinor: 1 },
					{ dueAtUnixSeconds: START + 1, amountMinor: 1 },
				],
			},
		],
		["a check-in address in the clear", { checkInUrl: "http://lender.example/" }],
		["an offline lock above the ladder", { ladder: { graceSeconds: 5 * DAY, limitedDwellSeconds: DAY, maxLevel: "none" } }],
		[
			"offline warnings in the wrong order",
			{ offline: { budgetSeconds: DAY, warnAtRemainingSeconds: [60, 600], level: "limited" } },
		],
		["a consent in no language of the terms", { languages: ["pt"] }],
		["no profile", { jurisdiction: "XX" }],
		[
			"less grace than the place demands",
			{ jurisdiction: "IN", ladder: { graceSeconds: 5 * DAY, limitedDwellSeconds: DAY, maxLevel: "limited" } },
		],
		["too few notices", { notices: { count: 2, minSpacingSeconds: 2 * DAY, minChannels: 2 } }],
		["full locks for another SIM", { observations: { onSimChange: "full" } }],
	])("with %s is refused before any phone sees it", async (_what, changes) => {
		const request = contractRequest("T-5");
		await expectFault(
			registry.admin.createContract({ ...request, terms: { ...request.terms, ...changes } }),
			"REGISTRY_REFUSED",
			{ reason: "BAD_REQUEST" },
		);
	});

	test("is listed in the order of ids, a page at a time", async () => {
		for (const contractId of ["L-1", "L-2", "L-3"]) await registry.admin.createContract(contractRequest(contractId));
		const first = await registry.admin.listContracts({ after: "L", limit: 2 });
		expect(first.contracts.map(({ contractId }) => contractId)).toEqual(["L-1", "L-2"]);
		const second = await registry.admin.listContracts({ after: first.next ?? "", limit: 1 });
		expect(second.contracts.map(({ contractId }) => contractId)).toEqual(["L-3"]);
	});
});

describe("a payment", () => {
	test("extends to the first instalment that is not covered, and only then", async () => {
		await registry.admin.createContract(contractRequest("P-1"));
		const half = await registry.admin.recordPayment("P-1", { reference: "a", amountMinor: 500 });
		expect(half.contract).toMatchObject({
			paidUntilUnixSeconds: START + 30 * DAY,
			pendingOrders: 0,
			nextDue: { amountMinor: 500 },
		});
		const whole = await registry.admin.recordPayment("P-1", { reference: "b", amountMinor: 500 });
		expect(whole.contract).toMatchObject({
			paidUntilUnixSeconds: START + 60 * DAY,
			pendingOrders: 1,
			nextDue: { amountMinor: 1000 },
		});
		const [order] = await registry.admin.listOrders("P-1");
		expect(readOrder(fromBase64(order?.envelope ?? ""))).toMatchObject({
			extend: { paidUntilUnixSeconds: START + 60 * DAY, paymentReference: "b" },
			expiresAtUnixSeconds: 0,
		});
	});

	test("counts once by its reference, also when it is sent many times at once", async () => {
		await registry.admin.createContract(contractRequest("P-2"));
		const results = await Promise.all(
			Array.from({ length: 10 }, () => registry.admin.recordPayment("P-2", { reference: "x", amountMinor: 1000 })),
		);
		expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
		expect(await registry.admin.getContract("P-2")).toMatchObject({ paidMinor: 1000, pendingOrders: 1 });
		await expectFault(registry.admin.recordPayment("P-2", { reference: "x", amountMinor: 999 }), "REGISTRY_REFUSED", {
			reason: "CONFLICT",
		});
	});

	test("never moves paid-until back", async () => {
		await registry.admin.createContract(contractRequest("P-3"));
		await registry.admin.recordPayment("P-3", { reference: "a", paidUntilUnixSeconds: START + 80 * DAY });
		const { contract } = await registry.admin.recordPayment("P-3", { reference: "b", paidUntilUnixSeconds: START + 40 * DAY });
		expect(contract).toMatchObject({ paidUntilUnixSeconds: START + 80 * DAY, pendingOrders: 1 });
	});

	test("of the last instalment pays the contract off, and puts the release order in the outbox", async () => {
		await registry.admin.createContract(contractRequest("P-4"));
		await expectFault(registry.port.grantRelease("P-4"), "PAYOFF_NOT_PROVEN", { paidMinor: "0", totalMinor: "3000" });
		const { contract } = await registry.admin.recordPayment("P-4", { reference: "all", amountMinor: 3000 });
		expect(contract).toMatchObject({ state: "paid_off", paymentStanding: "closed", payoffReference: "all" });
		expect((await registry.admin.listOrders("P-4")).map(({ action }) => action)).toEqual(["release"]);
		expect((await registry.admin.recordPayment("P-4", { reference: "all", amountMinor: 3000 })).repeated).toBe(true);
		await expectFault(registry.admin.recordPayment("P-4", { reference: "more", amountMinor: 1 }), "CONTRACT_CLOSED");
		const grant = await registry.port.grantRelease("P-4");
		expect(grant.certificateId).toBe(contract.certificateId);
		expect(await registry.port.grantRelease("P-4")).toEqual(grant);
	});
});

describe("an order", () => {
	test("is issued once by its request id", async () => {
		await registry.admin.createContract(contractRequest("D-1"));
		const hold = { action: "hold", kind: "dispute", untilUnixSeconds: START + DAY, reason: "dispute", requestId: "r1" } as const;
		const first = await registry.admin.issueOrder("D-1", hold);
		expect(await registry.admin.issueOrder("D-1", hold)).toEqual(first);
		await expectFault(
			registry.admin.issueOrder("D-1", { action: "restore", reason: "dispute", requestId: "r1" }),
			"REGISTRY_REFUSED",
			{ reason: "CONFLICT" },
		);
	});

	test("that restricts is refused while nothing is overdue, above the terms' level, and after payoff", async () => {
		await registry.admin.createContract(contractRequest("D-2"));
		const restrict = { action: "restrict", level: "limited", reason: "overdue", note: "as the team decided" } as const;
		await expectFault(registry.admin.issueOrder("D-2", restrict), "REGISTRY_REFUSED", { reason: "ORDER_REFUSED" });
		registry.now = START + 40 * DAY;
		const order = await registry.admin.issueOrder("D-2", restrict);
		registry.now = START;
		expect(order.expiresAtUnixSeconds).toBe(START + 54 * DAY);
		const limited = contractRequest("D-3");
		const ladder = { graceSeconds: 5 * DAY, limitedDwellSeconds: 2 * DAY, maxLevel: "limited" } as const;
		await registry.admin.createContract({ ...limited, terms: { ...limited.terms, ladder } });
		await expectFault(
			registry.admin.issueOrder("D-3", { action: "restrict", level: "full", reason: "fraud", note: "as the team decided" }),
			"REGISTRY_REFUSED",
			{ reason: "ORDER_REFUSED" },
		);
		await registry.admin.payOff("D-3", { reference: "r" });
		await expectFault(
			registry.admin.issueOrder("D-3", { action: "restrict", level: "limited", reason: "fraud", note: "as the team decided" }),
			"CONTRACT_CLOSED",
		);
		await expect(
			registry.admin.issueOrder("D-3", { action: "service_window", durationSeconds: 3600, reason: "service" }),
		).resolves.toBeDefined();
	});

	test("that tightens needs a command key in its time; one that loosens does not", async () => {
		await registry.admin.createContract(contractRequest("D-4"));
		registry.now = START + 91 * DAY;
		await expectFault(
			registry.admin.issueOrder("D-4", { action: "restrict", level: "limited", reason: "overdue", note: "as the team decided" }),
			"REGISTRY_REFUSED",
			{
				reason: "KEYS_EXPIRED",
			},
		);
		await expect(registry.admin.issueOrder("D-4", { action: "restore", reason: "goodwill" })).resolves.toMatchObject({
			sequence: 1,
		});
		registry.now = START;
	});
});

describe("the audit log", () => {
	test("tells a contract's whole story in a chain, and cannot be changed", async () => {
		await registry.admin.createContract(contractRequest("A-1"));
		await registry.admin.recordPayment("A-1", { reference: "a", amountMinor: 3000 });
		const { kysely, pool } = registry.database;
		const rows = await kysely.selectFrom("audit_log").select("action").where("subject", "=", "A-1").orderBy("entry").execute();
		expect(rows.map(({ action }) => action)).toEqual(["contract.created", "payment.recorded", "contract.paid_off"]);
		expect(await findAuditBreak(kysely, "A-1")).toBeUndefined();
		await expect(pool.query("UPDATE audit_log SET details = '{}' WHERE subject = 'A-1'")).rejects.toThrow("append-only");
		await expect(pool.query("DELETE FROM audit_log")).rejects.toThrow("append-only");
		// Whoever owns the database can switch the trigger off. The chain shows it.
		await pool.query("ALTER TABLE audit_log DISABLE TRIGGER ALL");
		await pool.query("UPDATE audit_log SET details = '{}' WHERE subject = 'A-1' AND entry = 2");
		await pool.query("ALTER TABLE audit_log ENABLE TRIGGER ALL");
		expect(await findAuditBreak(kysely, "A-1")).toBe(2);
	});
});
