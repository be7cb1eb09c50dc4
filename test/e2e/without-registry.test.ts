import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { decode, encode } from "../../proto/codec.ts";
import { toHex } from "../../proto/crypto.ts";
import { wire } from "../../proto/wire.ts";
import { giveBackVouchers } from "../../provisioning/vouchers/give-back.ts";
import type { LabHandset } from "../lab/lab.ts";
import { type Desk, openDesk, unitOf } from "./station-desk.ts";
import { worldOfThisFile } from "./test-world.ts";

// Work of a station while the registry is away: real registry, killed and started again; virtual handsets behind an adb server.

const here = worldOfThisFile("vouchers");
const DAY_MS = 24 * 3600_000;
const QUEUED = "The registry hears of it later; the phone is not sealed yet.";

let desk: Desk;
beforeAll(async () => {
	desk = await openDesk(here.world, join(here.folder, "vouchers"));
}, 120_000);
afterAll(() => desk?.close());
beforeEach(() => {
	desk.skewMs = 0;
	desk.before = () => {};
	desk.after = () => {};
});

let contracts = 0;
/** A phone in its box and the contract that is for it. */
async function sold(): Promise<{ contractId: string; handset: LabHandset }> {
	contracts += 1;
	const contractId = `V-${contracts}`;
	const handset = await here.world.lab.add();
	// The phone reaches nobody by itself, as in a warehouse: what the registry knows, it knows from the cable.
	handset.setOnline(false);
	await here.world.enterContract(contractId, handset);
	return { contractId, handset };
}

async function agentOf(handset: LabHandset) {
	const reply = await handset.agent?.cable(encode(wire.CableRequest, { hello: { challenge: new Uint8Array(16).fill(7) } }));
	return decode(wire.CableReply, reply ?? new Uint8Array()).identity;
}

/** Registry and phone agree: one enrolment, one receipt, one binding. */
async function expectSealed(contractId: string, handset: LabHandset): Promise<void> {
	const { enrollment } = await here.world.admin.getContract(contractId);
	const agent = await agentOf(handset);
	expect(agent).toMatchObject({ contractId, confirmed: true, deviceId: enrollment?.deviceId });
	expect(agent?.status?.sealed).toBe(true);
	expect(enrollment).toMatchObject({ serial: handset.serial, enrollmentId: expect.stringMatching(/-1$/) });
	expect(toHex(agent?.bindingSha256 ?? new Uint8Array())).toBe(enrollment?.bindingSha256);
	expect(["contacted", "sealed"]).toContain(enrollment?.state);
}

test("a phone is bound with its voucher while the registry is dead, and confirmed and sealed once it is back", async () => {
	const { contractId, handset } = await sold();
	const fetched = await desk.fetch(unitOf(contractId, handset));
	expect(fetched).toMatchObject({ of: 1, ready: 1, impossible: [], refused: [], left: 0 });
	await here.world.killRegistry();
	const offline = await desk.enroll(contractId, handset);
	expect(offline).toMatchObject({ fault: undefined, queued: true });
	expect(offline.ends).toMatchObject({ bind: "done", attest: "done", confirm: "postponed", seal: "postponed" });
	expect(offline.notes).toContain(QUEUED);
	expect(offline.acts).toEqual(["install", "own", "grants", "bind", "confirm"]);
	expect(await agentOf(handset)).toMatchObject({ contractId, confirmed: false, status: { sealed: false } });

	// Plugged in once more before the registry is back: nothing changes, and nothing is queued twice.
	expect(await desk.enroll(contractId, handset)).toMatchObject({ fault: undefined, queued: true });
	expect(desk.waiting.map((receipt) => receipt.contractId)).toEqual([contractId]);

	await here.world.startRegistry();
	await desk.knows("up");
	await desk.deliver();
	expect(desk.waiting).toEqual([]);
	expect(desk.delivered.filter((receipt) => receipt.contractId === contractId)).toHaveLength(1);
	expect((await here.world.admin.getContract(contractId)).enrollment?.state).toBe("confirmed");

	await handset.replug();
	const again = await desk.enroll(contractId, handset);
	expect(again).toMatchObject({ fault: undefined, queued: false });
	expect(again.ends).toMatchObject({
		install: "already",
		own: "already",
		grants: "already",
		bind: "already",
		confirm: "done",
		seal: "done",
	});
	await expectSealed(contractId, handset);
	expect(desk.store.find(contractId)).toBeUndefined();
}, 120_000);

test("the voucher of one phone is never used for another", async () => {
	const [first, second] = [await sold(), await sold()];
	await desk.fetch(unitOf(first.contractId, first.handset), unitOf(second.contractId, second.handset));
	await here.world.killRegistry();
	const wrong = await desk.enroll(first.contractId, second.handset);
	expect(wrong.fault).toBe("VOUCHER_MISSING");
	expect(await agentOf(second.handset)).toMatchObject({ contractId: "" });
	await here.world.startRegistry();
	await desk.knows("up");
}, 120_000);

describe("while the registry is dead and no voucher fits", () => {
	let phone: { contractId: string; handset: LabHandset };
	beforeAll(async () => {
		phone = await sold();
		await desk.fetch(unitOf(phone.contractId, phone.handset));
		await here.world.killRegistry();
		await desk.knows("down");
	}, 120_000);
	afterAll(async () => {
		await here.world.startRegistry();
		await desk.knows("up");
	}, 120_000);

	test.each<[string, number, string]>([
		["its last hour has begun", 7 * DAY_MS - 3599_000, "VOUCHER_EXPIRED"],
		["it has expired", 8 * DAY_MS, "VOUCHER_EXPIRED"],
		["the station's clock is earlier than the voucher", -DAY_MS, "STATION_CLOCK_WRONG"],
	])("nothing is bound: %s", async (_when, skewMs, code) => {
		desk.skewMs = skewMs;
		const run = await desk.enroll(phone.contractId, phone.handset);
		expect(run).toMatchObject({ fault: code, queued: false });
		expect(run.ends.bind).toBeUndefined();
	});

	test("nothing is bound: there is none", async () => {
		const run = await desk.enroll("V-none", phone.handset);
		expect(run.fault).toBe("VOUCHER_MISSING");
		expect(run.ends.bind).toBeUndefined();
	});
});

test("a registry that dies between its offer and the receipt gets the receipt later", async () => {
	const { contractId, handset } = await sold();
	desk.before = async (path) => {
		if (path.endsWith("/receipt")) await here.world.killRegistry();
	};
	// No voucher: the offer came over the network.
	expect(await desk.enroll(contractId, handset)).toMatchObject({ fault: undefined, queued: true });
	desk.before = () => {};
	await here.world.startRegistry();
	await desk.knows("up");
	await desk.deliver();
	expect(desk.waiting).toEqual([]);
	await handset.replug();
	expect(await desk.enroll(contractId, handset)).toMatchObject({ fault: undefined, queued: false });
	await expectSealed(contractId, handset);
}, 120_000);

test("a receipt whose answer was lost after it was stored is delivered again, and changes nothing", async () => {
	const { contractId, handset } = await sold();
	let lost = 0;
	desk.after = (path) => {
		if (!path.endsWith("/receipt") || lost > 0) return;
		lost += 1;
		throw new TypeError("the answer got lost");
	};
	expect(await desk.enroll(contractId, handset)).toMatchObject({ fault: undefined, queued: true });
	const stored = await here.world.admin.getContract(contractId);
	expect(stored.enrollment?.state).toBe("confirmed");
	await desk.deliver();
	expect(desk.waiting).toEqual([]);
	expect(await here.world.admin.getContract(contractId)).toEqual(stored);
	expect(await desk.enroll(contractId, handset)).toMatchObject({ fault: undefined, queued: false });
	await expectSealed(contractId, handset);
}, 60_000);

test("an offer whose answer was lost gives way to the voucher: they are the same binding", async () => {
	const { contractId, handset } = await sold();
	await desk.fetch(unitOf(contractId, handset));
	let lost = 0;
	desk.after = (path) => {
		if (path !== "/v1/enrollments" || lost > 0) return;
		lost += 1;
		throw new TypeError("the answer got lost");
	};
	const run = await desk.enroll(contractId, handset, false);
	expect(run).toMatchObject({ fault: undefined, queued: false });
	expect(lost).toBe(1);
	const { enrollment } = await here.world.admin.getContract(contractId);
	expect(toHex((await agentOf(handset))?.bindingSha256 ?? new Uint8Array())).toBe(enrollment?.bindingSha256);
}, 60_000);

test("at the end unused vouchers and the leases are given back, and what was used stands", async () => {
	const [unused, used] = [await sold(), await sold()];
	await desk.fetch(unitOf(unused.contractId, unused.handset), unitOf(used.contractId, used.handset));
	await desk.store.take(used.contractId);
	const contractIds = [unused.contractId, used.contractId];
	const given = await giveBackVouchers({ station: desk.station, store: desk.store, contractIds, isQueued: () => false });
	expect(given).toMatchObject({ left: 0 });
	expect(given.withdrawn).toContain(unused.contractId);
	expect(given.withdrawn).not.toContain(used.contractId);
	expect(desk.store.all()).toEqual([]);
	expect((await here.world.admin.getContract(unused.contractId)).enrollment).toBeUndefined();
	expect((await here.world.admin.getContract(used.contractId)).enrollment?.state).toBe("offered");
	// Another station may have them now.
	expect(await desk.station.releaseLeases(contractIds)).toEqual([]);
}, 60_000);
