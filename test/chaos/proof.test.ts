import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { TestPhone } from "../provisioning/registry/test-phone.ts";
import { connect, contractRequest, startTestRegistry, type TestRegistry } from "../provisioning/registry/test-registry.ts";
import { type Acknowledged, type Attempt, disturbanceOf } from "./journal.ts";
import { prove } from "./proof.ts";

const CONTRACT = "C-1";

let registry: TestRegistry;
let aside: Client;
const acknowledged: Acknowledged[] = [];
beforeAll(async () => {
	registry = await startTestRegistry();
	aside = await connect(registry);
	await aside.query("SET session_replication_role = replica"); // what guards the audit log would else stop a forger
	const phone = new TestPhone();
	await registry.admin.createContract(contractRequest(CONTRACT));
	const offer = await registry.port.offerEnrollment(CONTRACT, phone.identity);
	const receipt = await phone.bind(offer);
	await registry.port.confirmEnrollment(offer.enrollmentId, receipt, new Uint8Array());
	const { deviceId } = offer;
	const one = { atMs: 0, contractId: CONTRACT };
	acknowledged.push({ ...one, kind: "enrolment", deviceId, receipt });
	for (const reference of ["p-1", "p-2"]) {
		await registry.admin.recordPayment(CONTRACT, { reference, amountMinor: 600 });
		acknowledged.push({ ...one, kind: "payment", reference, amountMinor: 600 });
	}
	const { epoch, sequence, envelope } = await registry.admin.issueOrder(CONTRACT, {
		action: "restore",
		reason: "goodwill",
		requestId: "r-1",
	});
	acknowledged.push({ ...one, kind: "order", requestId: "r-1", epoch, sequence, envelope });
	const checkIn = await phone.checkIn();
	await registry.port.relayCheckIn(checkIn);
	acknowledged.push({ atMs: 0, kind: "check-in", deviceId, counter: 1, envelope: checkIn });
});
afterAll(async () => {
	await aside.end();
	await registry.close();
});

/** What the proof finds after somebody changed the database, which is then as before. */
async function findings(change: string): Promise<{ lost: readonly string[]; doubled: readonly string[] }> {
	const tables = ["check_in_events", "check_ins", "payments", "orders", "contracts", "enrollments", "audit_log"];
	for (const table of tables) await aside.query(`CREATE TEMP TABLE kept_${table} AS SELECT * FROM ${table}`);
	try {
		await aside.query(change);
		const { options } = registry.database.pool;
		// The pool shows its password to nobody who lists what it has.
		const { lost, doubled } = await prove({ ...options, password: options.password }, acknowledged);
		return { lost: lost.map(({ what }) => what), doubled };
	} finally {
		for (const table of tables) {
			await aside.query(`DELETE FROM ${table}`);
			await aside.query(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
			await aside.query(`DROP TABLE kept_${table}`);
		}
	}
}

describe("the proof", () => {
	test("finds nothing where all is as it was acknowledged", async () => {
		expect(await findings("SELECT 1")).toEqual({ lost: [], doubled: [] });
	});

	test.each([
		["DELETE FROM check_in_events", /check-in 1 .* no event/],
		["UPDATE check_in_events SET envelope = ''", /another event/],
		["UPDATE check_ins SET counter = 0", /the counter went back/],
		["DELETE FROM payments WHERE reference = 'p-2'", /payment p-2/],
		["UPDATE orders SET envelope = '' WHERE request_id = 'r-1'", /order r-1/],
		["UPDATE enrollments SET receipt = NULL", /the enrolment of C-1/],
	])("misses what was acknowledged: %s", async (change, what) => {
		expect((await findings(change)).lost).toEqual([expect.stringMatching(what)]);
	});

	test.each([
		[
			"INSERT INTO check_in_events SELECT device_id, key_generation, counter, at + 1, envelope FROM check_in_events",
			/recorded twice/,
		],
		["UPDATE contracts SET paid_minor = paid_minor + 600", /is paid to 1800, its payments come to 1200/],
		[
			"INSERT INTO payments (contract_id, reference, amount_minor, at, source) SELECT contract_id, 'p-3', 0, at, source FROM payments LIMIT 1",
			/payment p-3 was never acknowledged/,
		],
		["UPDATE orders SET sequence = sequence + 1 WHERE request_id = 'r-1'", /follows/],
		[
			"UPDATE orders SET payload = (SELECT payload FROM orders WHERE action = 'extend' LIMIT 1), action = 'extend'",
			/moved its phone on twice/,
		],
		["DELETE FROM audit_log WHERE action = 'order.issued'", /entries order.issued for 1/],
		["UPDATE audit_log SET at = at + 1 WHERE entry = 2", /audit chain of C-1 breaks at entry 2/],
	])("sees what was done twice, or by nobody: %s", async (change, what) => {
		expect((await findings(change)).doubled).toContainEqual(expect.stringMatching(what));
	});
});

describe("how long nobody had an answer", () => {
	const attempt = (startMs: number, endMs: number, status = 200): Attempt => ({ kind: "payment", startMs, endMs, status });

	test("is the longest time without a normal one; what is refused or late does not end it", () => {
		const attempts = [attempt(0, 10), attempt(20, 30, 503), attempt(30, 4000), attempt(4100, 4200), attempt(4300, 4310)];
		expect(disturbanceOf(attempts, "payment", 5, 5000)).toEqual({ silentMs: 4190, overMs: 3995 });
		expect(disturbanceOf(attempts, "check-in", 5, 5000)).toEqual({ silentMs: 4995, overMs: 0 });
	});
});
