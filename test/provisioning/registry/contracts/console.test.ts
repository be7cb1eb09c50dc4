import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { wire } from "../../../../proto/wire.ts";
import type { OrderRequest } from "../../../../provisioning/registry/api.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, DAY, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const HOUR = 3600;
/** What a page must show as text, and a spreadsheet program must not calculate. */
const NASTY = `<script>alert("1")</script>'; DROP TABLE contracts; -- =cmd|'/c calc'!A1 \u202e`;

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

async function enrolled(contractId: string): Promise<TestPhone> {
	const phone = new TestPhone();
	await registry.admin.createContract(contractRequest(contractId));
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	return phone;
}

async function contact(phone: TestPhone, status: wire.DeviceStatus.$Properties = {}) {
	return phone.takeReply(
		await registry.port.relayCheckIn(
			await phone.checkIn({
				status: {
					standing: wire.Standing.STANDING_UNLOCKED,
					contact: wire.ContactState.CONTACT_STATE_FRESH,
					sealed: true,
					...status,
				},
			}),
		),
	);
}

const restrict = (more: Partial<Extract<OrderRequest, { action: "restrict" }>> = {}): OrderRequest => ({
	action: "restrict",
	level: "limited",
	reason: "overdue",
	note: "as the team decided",
	...more,
});

describe("a contract's story", () => {
	test("tells terms, phone, orders, payments, codes, holds and the log, and keeps every word as it was", async () => {
		const phone = await enrolled("S-1");
		await contact(phone, { paidUntilUnixSeconds: START + 30 * DAY, wrongfulLockMinutes: 7, level: 0 });
		await registry.admin.recordPayment("S-1", { reference: "<b>p1</b>", amountMinor: 1500 });
		const note = NASTY.slice(0, 90);
		await registry.admin.issueOrder("S-1", restrict({ reason: "fraud", note }));
		await registry.admin.issueOrder("S-1", {
			action: "hold",
			kind: "clearing",
			reason: "payment",
			untilUnixSeconds: START + 2 * DAY,
		});
		await registry.admin.issueCode("S-1", { kind: "automatic", days: 3, requestId: "code-1" });
		await contact(phone, { standing: wire.Standing.STANDING_LOCKED_LIMITED, level: 1, causes: [3] });
		const story = await registry.console.story("S-1");
		expect(story).toMatchObject({
			contract: { contractId: "S-1", paidMinor: 1500 },
			terms: {
				currency: "MXN",
				instalments: [
					{ paidMinor: 1000, state: "paid" },
					{ paidMinor: 500, state: "part_paid" },
					{ paidMinor: 0, state: "upcoming" },
				],
				jurisdiction: { id: "default", restoreMaxMinutes: 60 },
				consent: { language: "es", method: "on_device" },
			},
			report: { standing: "locked_limited", level: "limited", lockCauses: ["ordered"] },
			payments: [{ reference: "<b>p1</b>", amountMinor: 1500, source: "api" }],
			codes: [{ kind: "automatic", value: 3 }],
			holds: [{ kind: "clearing", inForce: true }],
			standingChanges: [
				{ before: "unlocked", after: "locked_limited" },
				{ before: "none", after: "unlocked" },
			],
		});
		expect(story.orders.map(({ action }) => action)).toEqual(["hold", "restrict", "extend"]);
		expect(story.audit.find(({ details }) => details["action"] === "restrict")?.details["note"]).toBe(note);
		// No digits of a code anywhere.
		const again = await registry.admin.issueCode("S-1", { kind: "automatic", days: 3, requestId: "code-1" });
		expect(JSON.stringify(story)).not.toContain(again.code);
		expect((await registry.console.search({ standing: "locked_limited" })).contracts).toMatchObject([{ contractId: "S-1" }]);
		expect((await registry.console.fleet()).newLocks.at(-1)).toMatchObject({ locks: 1, orders: 1 });
	});

	test("gives its log a page at a time, each entry once", async () => {
		const all = (await registry.console.story("S-1", { auditLimit: 200 })).audit;
		const paged: number[] = [];
		for (let before: number | undefined; ; ) {
			const { audit, auditBefore } = await registry.console.story("S-1", {
				auditLimit: 2,
				...(before === undefined ? {} : { auditBefore: before }),
			});
			paged.push(...audit.map(({ entry }) => entry));
			if (auditBefore === undefined) break;
			before = auditBefore;
		}
		expect(paged).toEqual(all.map(({ entry }) => entry));
	});
});

describe("the check of an order", () => {
	const check = (id: string, order: OrderRequest) => registry.console.checkOrder(id, order);
	const codes = async (id: string, order: OrderRequest) =>
		(await check(id, order)).objections.map(({ code, rule }) => `${code} ${rule ?? ""}`.trim());

	test("says what the registry would refuse, by rule, and sends nothing", async () => {
		const phone = await enrolled("O-1");
		await contact(phone);
		expect(await check("O-1", restrict())).toMatchObject({
			wouldSend: false,
			wouldObey: "no",
			objections: expect.arrayContaining([expect.objectContaining({ by: "registry", code: "paid", rule: "F3" })]),
			steps: [],
		});
		expect(await registry.admin.listOrders("O-1")).toEqual([]);
		await registry.admin.payOff("O-1", { reference: "over" });
		expect(await codes("O-1", restrict({ reason: "fraud" }))).toContain("contract-closed F7");
	});

	test("says what the phone would refuse, and what only the phone knows", async () => {
		const phone = await enrolled("O-2");
		expect(await codes("O-2", restrict({ reason: "fraud" }))).toEqual(["not-confirmed F10"]);
		await contact(phone, { paidUntilUnixSeconds: START + 30 * DAY });
		expect(await codes("O-2", restrict({ reason: "fraud" }))).toEqual(["warnings-missing F3"]);
		registry.now = START + 31 * DAY;
		await contact(phone, { standing: wire.Standing.STANDING_GRACE, paidUntilUnixSeconds: START + 30 * DAY });
		const inGrace = await check("O-2", restrict());
		expect(inGrace).toMatchObject({ wouldSend: true, wouldObey: "no" });
		expect(inGrace.objections).toMatchObject([
			{ by: "phone", code: "grace", rule: "F3", certain: true, untilUnixSeconds: START + 35 * DAY },
			{ by: "phone", code: "notices-unknown", certain: false },
		]);
		registry.now = START + 36 * DAY;
		expect(await check("O-2", restrict({ level: "full" }))).toMatchObject({
			wouldSend: true,
			wouldObey: "unknown",
			needsSecondPerson: false,
		});
		await registry.admin.issueOrder("O-2", {
			action: "hold",
			kind: "promise_to_pay",
			reason: "promise_to_pay",
			untilUnixSeconds: registry.now + DAY,
		});
		expect(await codes("O-2", restrict())).toContain("hold F13");
	});

	test("knows the night of the place (F14)", async () => {
		const terms = { ...contractRequest("O-3").terms, jurisdiction: "MX" };
		const phone = new TestPhone();
		await registry.admin.createContract(contractRequest("O-3", { terms }));
		const offer = await registry.port.offerEnrollment("O-3", phone.identity);
		await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence("O-3"));
		await contact(phone);
		// 02:00 UTC is 20:00 where most of Mexico lives; the night ends at 08:00 there.
		registry.now = START + 50 * DAY + 14 * HOUR;
		const { objections } = await check("O-3", restrict());
		expect(objections).toContainEqual(
			expect.objectContaining({ code: "quiet-hours", rule: "F14", untilUnixSeconds: START + 51 * DAY + 2 * HOUR }),
		);
		registry.now = START + 51 * DAY + 2 * HOUR;
		expect((await codes("O-3", restrict())).join()).not.toContain("quiet-hours");
	});
});

describe("an export", () => {
	const download = async (name: string) => {
		const response = await fetch(`${registry.url}/v1/exports/${name}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
		return { type: response.headers.get("content-type"), text: await response.text() };
	};

	test("of contracts and payments is CSV that no spreadsheet program calculates", async () => {
		await registry.admin.createContract(contractRequest("X-1"));
		await registry.admin.recordPayment("X-1", { reference: "=HYPERLINK(1)", amountMinor: 5 });
		await registry.admin.recordPayment("X-1", { reference: '+1"2', amountMinor: 6 });
		const payments = await download("payments.csv");
		expect(payments.type).toContain("text/csv");
		const rows: string[][] = parse(payments.text);
		expect(rows[0]).toContain("amount_minor");
		expect(rows.filter(([contract]) => contract === "X-1").map(([, reference]) => reference)).toEqual([
			"'+1\"2",
			"'=HYPERLINK(1)",
		]);
		const contracts: string[][] = parse((await download("contracts.csv")).text);
		expect(new Set(contracts.map((row) => row.length)).size).toBe(1);
		expect(contracts.slice(1).map(([id]) => id)).toEqual(["O-1", "O-2", "O-3", "S-1", "X-1"]);
	});

	test("of the log holds every entry, and says where its chain was broken", async () => {
		const lines = (text: string) =>
			text
				.trim()
				.split("\n")
				.map((line) => JSON.parse(line));
		const whole = lines((await download("audit.jsonl")).text);
		const { rows } = await registry.database.pool.query<{ count: number }>("SELECT count(*) AS count FROM audit_log");
		expect(whole.at(-1)).toMatchObject({ chain: "whole", entries: rows[0]?.count, breaks: [] });
		expect(whole).toHaveLength(Number(rows[0]?.count) + 1);
		await registry.database.pool.query("ALTER TABLE audit_log DISABLE TRIGGER audit_log_append_only");
		await registry.database.pool.query("UPDATE audit_log SET actor = 'nobody' WHERE subject = 'S-1' AND entry = 2");
		await registry.database.pool.query("DELETE FROM audit_log WHERE subject = 'O-1' AND entry = 1");
		expect(lines((await download("audit.jsonl")).text).at(-1)).toMatchObject({
			chain: "broken",
			breaks: [
				{ subject: "O-1", entry: 2 },
				{ subject: "S-1", entry: 2 },
			],
		});
	});
});
