import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { evidence, TestPhone } from "../test-phone.ts";
import { connect, contractRequest, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const CONTRACT = "C-1";

let registry: TestRegistry;
let aside: Client;
/** Commits and waits, to see whether commits wait. */
let probe: Client;
beforeAll(async () => {
	registry = await startTestRegistry();
	aside = await connect(registry);
	probe = await connect(registry);
});
afterAll(async () => {
	await probe.end();
	await aside.end();
	await registry.close();
});
afterEach(() => waitFor(""));

/** Commits wait for a standby of this name from now on: with "", for none. */
async function waitFor(standby: string): Promise<void> {
	await aside.query(`ALTER SYSTEM SET synchronous_standby_names = '${standby}'`);
	await aside.query("SELECT pg_reload_conf()");
	for (;;) {
		const { rows } = await aside.query<{ setting: string }>("SHOW synchronous_standby_names");
		if (JSON.stringify(rows).includes(`:"${standby}"`)) break;
	}
	// It is another process, the checkpointer, that reads the name for all, and it may read it later than this session.
	while (standby !== "" && !(await doesProbeWait()));
}

async function doesProbeWait(): Promise<boolean> {
	const { rows } = await probe.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
	const committed = probe.query("SELECT pg_logical_emit_message(true, 'probe', '')");
	const isWaiting = await waitsForStandby(committed);
	// It has been committed; only its wait ends.
	if (isWaiting) await aside.query("SELECT pg_cancel_backend($1)", [rows[0]?.pid]);
	await committed;
	return isWaiting;
}

/** Whether an answer waits until a standby has what it says. */
async function waitsForStandby(answer: Promise<unknown>): Promise<boolean> {
	let isAnswered = false;
	const settled = answer.then(
		() => (isAnswered = true),
		() => (isAnswered = true),
	);
	for (;;) {
		const { rows } = await aside.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
		if (rows.length > 0) return true;
		await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 10))]);
		if (isAnswered) return false;
	}
}

/**
 * What a crashed primary committed shows after its restart, whether a standby has it or not. Who asks again then, because there was no
 * answer, must not be told that it is done: another failover, and it would not be.
 */
describe("what is asked again is answered when a standby has it", () => {
	const phone = new TestPhone();
	const payment = { reference: "p-1", amountMinor: 400 };
	const order = {
		action: "notice" as const,
		noticeId: "n-1",
		kind: "information" as const,
		texts: [{ language: "en", text: "Hello" }],
		reason: "goodwill" as const,
		requestId: "r-1",
	};
	let acts: Record<string, () => Promise<unknown>>;
	beforeAll(async () => {
		await registry.admin.createContract(contractRequest(CONTRACT));
		const offer = await registry.port.offerEnrollment(CONTRACT, phone.identity);
		const receipt = await phone.bind(offer);
		await registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence(CONTRACT));
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		const checkIn = await phone.checkIn();
		acts = {
			"a check-in": () => registry.port.relayCheckIn(checkIn),
			"a payment": () => registry.admin.recordPayment(CONTRACT, payment),
			"an order": () => registry.admin.issueOrder(CONTRACT, order),
			"a contract": () => registry.admin.createContract(contractRequest(CONTRACT)),
			"an offer": () => registry.port.offerEnrollment(CONTRACT, phone.identity),
			"a receipt": () => registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence(CONTRACT)),
		};
		for (const act of Object.values(acts)) await act();
	});

	test.each(["a check-in", "a payment", "an order", "a contract", "an offer", "a receipt"])("%s", async (name) => {
		await waitFor("nobody");
		const answer = acts[name]?.() ?? Promise.reject(new Error("no such act"));
		expect(await waitsForStandby(answer)).toBe(true);
		await waitFor("");
		await expect(answer).resolves.toBeDefined();
	});
});
