import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { faultError } from "../../../../provisioning/handset/fault.ts";
import { createRegistryClient } from "../../../../provisioning/registry/client.ts";
import { createStationClient } from "../../../../provisioning/registry/station-client.ts";
import type { Unit } from "../../../../provisioning/station/unit.ts";
import { createDelivery } from "../../../../provisioning/station/vouchers/delivery.ts";
import { fetchVouchers } from "../../../../provisioning/station/vouchers/fetch-vouchers.ts";
import { giveBackVouchers } from "../../../../provisioning/station/vouchers/give-back.ts";
import type { RegistryHealth, RegistryStatus } from "../../../../provisioning/station/vouchers/registry-health.ts";
import { createVoucherRegistry, type QueuedReceipt } from "../../../../provisioning/station/vouchers/voucher-registry.ts";
import { openVoucherStore, type VoucherStore } from "../../../../provisioning/station/vouchers/voucher-store.ts";
import { crypto, evidence, TestPhone } from "../../registry/test-phone.ts";
import {
	ADMIN_TOKEN,
	contractRequest,
	DAY,
	expectFault,
	START,
	startTestRegistry,
	type TestRegistry,
} from "../../registry/test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

let folder: string;
let store: VoucherStore;
/** Requests that a station made, and what becomes of each: `lost` before it is sent. */
let calls: string[];
let fate: (path: string) => "lost" | "sent";
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-vouchers-"));
	store = await openVoucherStore(folder);
	calls = [];
	fate = () => "sent";
	registry.now = START;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const nowMs = () => registry.now * 1000;

function stationOf(station: string) {
	const send: typeof fetch = async (input, init) => {
		const path = new URL(String(input)).pathname;
		calls.push(path);
		if (fate(path) === "lost") throw new TypeError("no route to host");
		return fetch(input, init);
	};
	const address = { url: registry.url, adminToken: ADMIN_TOKEN, station, fetch: send, attempts: 1 };
	return { online: createRegistryClient({ ...address, crypto }), station: createStationClient(address) };
}

const unitOf = (contractId: string, { identity }: TestPhone, over: Partial<Unit> = {}): Unit => ({
	contractId,
	imeis: identity.imei2 === undefined ? [identity.imei1] : [identity.imei1, identity.imei2],
	serial: identity.serial,
	row: 2,
	...over,
});

let batches = 0;
/** Contracts and the phones that they are for. */
async function batch(count: number): Promise<{ contractId: string; phone: TestPhone }[]> {
	batches += 1;
	const units = Array.from({ length: count }, (_, index) => ({ contractId: `F-${batches}-${index}`, phone: new TestPhone() }));
	for (const { contractId } of units) await registry.admin.createContract(contractRequest(contractId));
	return units;
}

function fetchFor(units: readonly Unit[], name = "A", over: Partial<Parameters<typeof fetchVouchers>[0]> = {}) {
	const { online, station } = stationOf(name);
	return fetchVouchers({ registry: online, leases: station, units, store, nowMs, ...over });
}

/** The registry as a station's runs see it, which is up or down as the test says. */
function desk(name = "A") {
	const { online, station } = stationOf(name);
	let status: RegistryStatus = { state: "up", sinceMs: 0 };
	const listeners = new Set<(status: RegistryStatus) => void>();
	const suspicions = { count: 0 };
	const health: RegistryHealth = {
		status: () => status,
		suspect: () => {
			suspicions.count += 1;
		},
		onChange: (listener) => {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		close: () => {},
	};
	const become = (state: RegistryStatus["state"]) => {
		status = { state, sinceMs: nowMs() };
		for (const listener of [...listeners]) listener(status);
	};
	const queue: QueuedReceipt[] = [];
	const queueReceipt = async (receipt: QueuedReceipt) => void queue.push(receipt);
	const port = createVoucherRegistry({ online, health, station, vouchers: store, crypto, nowMs, queueReceipt });
	return { port, online, station, health, become, queue, suspicions };
}

async function auditOf(contractId: string): Promise<string[]> {
	const rows = await registry.database.kysely
		.selectFrom("audit_log")
		.select("action")
		.where("subject", "=", contractId)
		.orderBy("entry")
		.execute();
	return rows.map(({ action }) => action);
}

describe("fetching vouchers", () => {
	test("gets one for each unit that is told in full, and says of every other why it has none", async () => {
		const [full, bare, single, enrolled, foreign] = await batch(5);
		if (!full || !bare || !single || !enrolled || !foreign) throw new Error("five");
		const offer = await registry.port.offerEnrollment(enrolled.contractId, enrolled.phone.identity);
		await registry.port.confirmEnrollment(offer.enrollmentId, await enrolled.phone.bind(offer), evidence("x"));
		await stationOf("B").station.lease([foreign.contractId], 3600);
		const { serial: _, ...noSerial } = unitOf(bare.contractId, bare.phone);
		const fetched = await fetchFor([
			unitOf(full.contractId, full.phone),
			noSerial,
			unitOf(single.contractId, single.phone, { imeis: [single.phone.identity.imei1] }),
			unitOf(enrolled.contractId, enrolled.phone),
			unitOf(foreign.contractId, foreign.phone),
			unitOf("F-none", new TestPhone()),
		]);
		expect(fetched).toMatchObject({
			of: 6,
			ready: 1,
			firstExpiresAtMs: (START + 7 * DAY) * 1000,
			enrolled: [enrolled.contractId],
			impossible: [
				{ contractId: bare.contractId, why: "no serial number" },
				{ contractId: single.contractId, why: "second IMEI not told" },
			],
			elsewhere: [{ contractId: foreign.contractId, station: "B" }],
			refused: [{ contractId: "F-none", fault: { code: "CONTRACT_UNKNOWN" } }],
			left: 0,
		});
		expect(fetched.stopped).toBeUndefined();
		// No other station may work on any of them.
		expect((await stationOf("B").station.lease([full.contractId, bare.contractId], 60)).refused).toHaveLength(2);
	});

	test("goes on where it stopped when the registry went away in the middle", async () => {
		const units = (await batch(12)).map(({ contractId, phone }) => unitOf(contractId, phone));
		fate = (path) => (path === "/v1/enrollments" && calls.filter((each) => each === path).length > 5 ? "lost" : "sent");
		const first = await fetchFor(units, "A", { concurrency: 2 });
		expect(first).toMatchObject({ ready: 5, left: 7, stopped: { code: "REGISTRY_UNREACHABLE" }, refused: [] });
		fate = () => "sent";
		calls = [];
		expect(await fetchFor(units)).toMatchObject({ ready: 12, left: 0 });
		expect(calls.filter((path) => path === "/v1/enrollments")).toHaveLength(7);
	});

	test("stops where it is told to, and finds a wrong clock before it matters", async () => {
		const units = (await batch(3)).map(({ contractId, phone }) => unitOf(contractId, phone));
		expect(await fetchFor(units, "A", { signal: AbortSignal.abort() })).toMatchObject({
			left: 3,
			stopped: { code: "CANCELLED" },
		});
		const early = await fetchFor(units, "A", { nowMs: () => nowMs() - DAY * 1000 });
		expect(early).toMatchObject({ ready: 0, stopped: { code: "STATION_CLOCK_WRONG" } });
	});

	test("one registry's refusal of one unit does not stop the others", async () => {
		const units = await batch(3);
		const [closed] = units;
		await registry.admin.payOff(closed?.contractId ?? "", { reference: "r" });
		const fetched = await fetchFor(units.map(({ contractId, phone }) => unitOf(contractId, phone)));
		expect(fetched).toMatchObject({ ready: 2, left: 0, refused: [{ fault: { code: "CONTRACT_CLOSED" } }] });
	});
});

describe("the folder of vouchers", () => {
	test("is private, survives a restart with its marks, and loses what is deleted", async () => {
		const units = await batch(2);
		const [one, two] = units;
		if (!one || !two) throw new Error("two");
		await fetchFor(units.map(({ contractId, phone }) => unitOf(contractId, phone)));
		expect((await stat(folder)).mode & 0o777).toBe(0o700);
		for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
		await store.take(one.contractId);
		const again = await openVoucherStore(folder);
		expect(again.find(one.contractId)?.used).toBe(true);
		expect(again.find(two.contractId)?.used).toBe(false);
		expect(again.figures(nowMs())).toEqual({ left: 1, expiresAtMs: (START + 7 * DAY) * 1000 });
		expect(again.figures(nowMs() + 7 * DAY * 1000)).toEqual({ left: 0 });
		expect(again.figures(nowMs() - DAY * 1000)).toEqual({ left: 0 });
		const codeKey = Buffer.from((await again.take(one.contractId)).offer.codeKey).toString("base64");
		await again.remove(one.contractId);
		await again.remove(one.contractId);
		await expectFault(again.take(one.contractId), "VOUCHER_MISSING");
		for (const name of await readdir(folder)) expect(await readFile(join(folder, name), "utf8")).not.toContain(codeKey);
	});

	test("keeps in mind what was handed out when the voucher is fetched again", async () => {
		const [unit] = await batch(1);
		if (!unit) throw new Error("one");
		await fetchFor([unitOf(unit.contractId, unit.phone)]);
		await store.take(unit.contractId);
		registry.now = START + 8 * DAY;
		expect(await fetchFor([unitOf(unit.contractId, unit.phone)])).toMatchObject({ ready: 1 });
		expect(store.find(unit.contractId)).toMatchObject({ used: true, issuedAtMs: nowMs() });
	});

	test("drops what is damaged, half written or of another name when it is opened", async () => {
		const units = await batch(3);
		await fetchFor(units.map(({ contractId, phone }) => unitOf(contractId, phone)));
		const [first = "", second = ""] = (await readdir(folder)).filter((name) => name.endsWith(".voucher"));
		await writeFile(join(folder, first), (await readFile(join(folder, first), "utf8")).slice(0, 500));
		await writeFile(join(folder, `${"0".repeat(40)}.voucher`), await readFile(join(folder, second), "utf8"));
		await writeFile(join(folder, `${first}.a1b2.new`), "half");
		expect((await openVoucherStore(folder)).all()).toHaveLength(2);
		expect(await readdir(folder)).toHaveLength(2);
	});
});

describe("the registry with vouchers", () => {
	async function withVoucher() {
		const [unit] = await batch(1);
		if (!unit) throw new Error("one");
		await fetchFor([unitOf(unit.contractId, unit.phone)]);
		calls = [];
		return unit;
	}

	test("asks nobody while the registry is known to be down", async () => {
		const { contractId, phone } = await withVoucher();
		const { port, become, queue } = desk();
		become("down");
		const offer = await port.offerEnrollment(contractId, phone.identity);
		const receipt = await phone.bind(offer);
		const answer = await port.confirmEnrollment(offer.enrollmentId, receipt, evidence(contractId));
		expect(answer).toMatchObject({ queued: true, state: "offered", contractId, serial: phone.identity.serial });
		expect(queue).toEqual([
			{
				contractId,
				enrollmentId: offer.enrollmentId,
				receiptEnvelope: Buffer.from(receipt).toString("base64"),
				evidence: Buffer.from(evidence(contractId)).toString("base64"),
			},
		]);
		await expectFault(port.enrollmentOf(contractId), "REGISTRY_UNREACHABLE");
		await expectFault(port.relayCheckIn(await phone.checkIn()), "REGISTRY_UNREACHABLE");
		await expectFault(port.grantRelease(contractId), "REGISTRY_UNREACHABLE");
		expect(calls).toEqual([]);
	});

	test("stops waiting for an answer as soon as the registry is known to be down", async () => {
		const { contractId, phone } = await withVoucher();
		const { online, station, health, become, queue } = desk();
		const port = createVoucherRegistry({
			online: { ...online, offerEnrollment: () => new Promise(() => {}) },
			health,
			station,
			vouchers: store,
			crypto,
			nowMs,
			queueReceipt: async (receipt) => void queue.push(receipt),
		});
		const offered = port.offerEnrollment(contractId, phone.identity);
		become("down");
		expect(await offered).toMatchObject({ contractId });
	});

	test("gives out the very binding that the registry gives, so that it does not matter who was asked", async () => {
		const { contractId, phone } = await withVoucher();
		const { port, become, suspicions } = desk();
		const online = await port.offerEnrollment(contractId, phone.identity);
		fate = () => "lost";
		expect(await port.offerEnrollment(contractId, phone.identity)).toEqual(online);
		expect(suspicions.count).toBe(1);
		become("down");
		expect(await port.offerEnrollment(contractId, phone.identity)).toEqual(online);
	});

	test("hides no refusal and no mistake of the registry behind a voucher", async () => {
		const { contractId, phone } = await withVoucher();
		const { port, online, station, health } = desk();
		await registry.database.pool.query("ALTER TABLE terms RENAME TO hidden");
		const mistake = port.offerEnrollment(contractId, phone.identity);
		await expectFault(mistake, "REGISTRY_UNREACHABLE", expect.objectContaining({ reason: "INTERNAL" }));
		await registry.database.pool.query("ALTER TABLE hidden RENAME TO terms");
		await registry.admin.payOff(contractId, { reference: "r" });
		await expectFault(port.offerEnrollment(contractId, phone.identity), "CONTRACT_CLOSED");
		const untrusted = { ...online, offerEnrollment: () => Promise.reject(faultError("REGISTRY_UNTRUSTED")) };
		const options = { health, station, vouchers: store, crypto, nowMs, queueReceipt: async () => {} };
		const doubtful = createVoucherRegistry({ ...options, online: untrusted });
		await expectFault(doubtful.offerEnrollment(contractId, phone.identity), "REGISTRY_UNTRUSTED");
	});

	test("does not use a voucher that was changed on the disk, or that another lender signed", async () => {
		const { contractId, phone } = await withVoucher();
		const { online, station, health, become, port } = desk();
		become("down");
		const pins = { firstKeySetSha256: "0".repeat(64) };
		const options = { online, station, health, vouchers: store, crypto, nowMs, queueReceipt: async () => {} };
		const pinned = createVoucherRegistry({ ...options, pins });
		await expectFault(pinned.offerEnrollment(contractId, phone.identity), "REGISTRY_UNTRUSTED");
		const [name = ""] = (await readdir(folder)).filter((each) => each.endsWith(".voucher"));
		const json = JSON.parse(await readFile(join(folder, name), "utf8"));
		json.offer.codeKey = Buffer.alloc(32, 1).toString("base64");
		await writeFile(join(folder, name), JSON.stringify(json));
		await expectFault(port.offerEnrollment(contractId, phone.identity), "REGISTRY_UNTRUSTED");
	});

	test("gives back its own voucher when the box told another serial number than the phone, and no other phone's", async () => {
		const [unit] = await batch(1);
		if (!unit) throw new Error("one");
		const { contractId, phone } = unit;
		await fetchFor([unitOf(contractId, phone, { serial: "FROM-THE-BOX" })]);
		const { port } = desk();
		await expectFault(port.offerEnrollment(contractId, new TestPhone().identity), "CONTRACT_BOUND_ELSEWHERE");
		const offer = await port.offerEnrollment(contractId, phone.identity);
		expect(offer).toMatchObject({ contractId, state: "offered" });
		expect(store.find(contractId)).toBeUndefined();
	});

	test("never gives back a voucher that a phone may hold", async () => {
		const [unit] = await batch(1);
		if (!unit) throw new Error("one");
		const { contractId, phone } = unit;
		await fetchFor([unitOf(contractId, phone)]);
		const { port } = desk();
		await port.offerEnrollment(contractId, phone.identity); // online: the same binding as the voucher's
		const other = { ...phone.identity, serial: "ANOTHER" };
		await expectFault(port.offerEnrollment(contractId, other), "CONTRACT_BOUND_ELSEWHERE");
		const { station } = stationOf("A");
		const given = await giveBackVouchers({ station, store, contractIds: [contractId], isQueued: () => true });
		expect(given).toEqual({ withdrawn: [], standing: [contractId], left: 0 });
		// Its receipt is on its way: the contract stays this station's.
		expect((await stationOf("B").station.lease([contractId], 60)).refused).toHaveLength(1);
	});

	test("deletes the voucher, and the secret in it, once the phone itself was answered", async () => {
		const { contractId, phone } = await withVoucher();
		const { port } = desk();
		const offer = await port.offerEnrollment(contractId, phone.identity);
		await port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
		expect((await port.enrollmentOf(contractId))?.state).toBe("confirmed");
		expect(store.find(contractId)).toBeDefined();
		await port.relayCheckIn(await phone.checkIn({ status: { sealed: false } }));
		expect((await port.enrollmentOf(contractId))?.state).toBe("contacted");
		expect(await readdir(folder)).toEqual([]);
	});

	test("is given back in part when the registry goes away, and in full when it is back", async () => {
		const units = await batch(3);
		await fetchFor(units.map(({ contractId, phone }) => unitOf(contractId, phone)));
		const { station } = stationOf("A");
		const contractIds = units.map(({ contractId }) => contractId);
		calls = [];
		fate = () => (calls.length > 1 ? "lost" : "sent");
		const back = () => giveBackVouchers({ station, store, contractIds, isQueued: () => false });
		expect(await back()).toMatchObject({ left: 2, stopped: { code: "REGISTRY_UNREACHABLE" } });
		fate = () => "sent";
		expect(await back()).toMatchObject({ left: 0 });
		expect((await stationOf("B").station.lease(contractIds, 60)).granted).toHaveLength(3);
		for (const { contractId } of units) {
			const phone = new TestPhone();
			await expect(stationOf("B").online.offerEnrollment(contractId, phone.identity)).resolves.toMatchObject({
				state: "offered",
			});
		}
	});
});

describe("delivery", () => {
	/** Phones that were bound while the registry was down, and a delivery of their receipts. */
	async function bound(count: number) {
		const units = await batch(count);
		await fetchFor(units.map(({ contractId, phone }) => unitOf(contractId, phone)));
		const { port, online, health, become, queue } = desk();
		become("down");
		for (const { contractId, phone } of units) {
			const offer = await port.offerEnrollment(contractId, phone.identity);
			await port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
		}
		const log: string[] = [];
		const pauses: (() => void)[] = [];
		const delivery = createDelivery({
			online,
			health,
			waiting: () => queue,
			delivered: async (receipt) => {
				log.push(`delivered ${receipt.contractId}`);
				queue.splice(queue.indexOf(receipt), 1);
			},
			refused: async (receipt, { code }) => void log.push(`${code} ${receipt.contractId}`),
			failed: (error) => void log.push(String(error)),
			pause: () => new Promise((resolve) => pauses.push(resolve)),
		});
		return { units: units.map(({ contractId }) => contractId), become, queue, log, delivery, pauses };
	}

	test("brings every receipt, in order, once the registry is back, and each is stored once", async () => {
		const { units, become, queue, log, delivery } = await bound(5);
		await delivery.deliver();
		expect(log).toEqual([]);
		become("up");
		await delivery.deliver();
		expect(log).toEqual(units.map((contractId) => `delivered ${contractId}`));
		expect(queue).toEqual([]);
		for (const contractId of units) {
			expect((await registry.admin.getContract(contractId)).enrollment?.state).toBe("confirmed");
			expect((await auditOf(contractId)).filter((action) => action.startsWith("enrollment."))).toEqual([
				"enrollment.offered",
				"enrollment.confirmed",
			]);
		}
		await delivery.close();
	});

	test("stops at the first silence, keeps the order, and tries again by itself", async () => {
		const { units, become, log, delivery, pauses } = await bound(3);
		fate = (path) =>
			path.endsWith("/receipt") && calls.filter((each) => each.endsWith("/receipt")).length > 1 ? "lost" : "sent";
		become("up");
		await delivery.deliver();
		expect(log).toEqual([`delivered ${units[0]}`]);
		fate = () => "sent";
		pauses[0]?.();
		await expect.poll(() => log).toEqual(units.map((contractId) => `delivered ${contractId}`));
		await delivery.close();
	});

	test("is not held up by one that is refused, and does not ask for that one again", async () => {
		const { units, become, queue, log, delivery } = await bound(3);
		const [first] = queue;
		await registry.admin.payOff(units[2] ?? "", { reference: "r" }); // a closed contract's phone is taken all the same
		await stationOf("A").station.withdrawOffer(first?.enrollmentId ?? "");
		become("up");
		await delivery.deliver();
		await delivery.deliver();
		expect(log).toEqual([`REGISTRY_REFUSED ${units[0]}`, `delivered ${units[1]}`, `delivered ${units[2]}`]);
		expect(queue).toEqual([first]);
		await delivery.close();
	});

	test("of the same receipt twice, after a crash before it was written down, changes nothing", async () => {
		const { units, become, queue, delivery } = await bound(1);
		const [receipt] = [...queue];
		become("up");
		await delivery.deliver();
		const before = await registry.admin.getContract(units[0] ?? "");
		if (receipt) queue.push({ ...receipt });
		await delivery.deliver();
		expect(queue).toEqual([]);
		expect(await registry.admin.getContract(units[0] ?? "")).toEqual(before);
		await delivery.close();
	});
});
