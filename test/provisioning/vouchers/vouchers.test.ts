import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { faultError } from "../../../provisioning/handset/fault.ts";
import { openVoucherStore } from "../../../provisioning/station/vouchers/voucher-folder.ts";
import { giveBackVouchers } from "../../../provisioning/vouchers/give-back.ts";
import { createVoucherRegistry } from "../../../provisioning/vouchers/voucher-registry.ts";
import { crypto, evidence, TestPhone } from "../registry/test-phone.ts";
import { DAY, expectFault, START } from "../registry/test-registry.ts";
import { unitOf, voucherBench } from "./voucher-bench.ts";

const bench = voucherBench();
const { nowMs, stationOf, batch, fetchFor, desk } = bench;

describe("fetching vouchers", () => {
	test("gets one for each unit that is told in full, and says of every other why it has none", async () => {
		const [full, bare, single, enrolled, foreign] = await batch(5);
		if (!full || !bare || !single || !enrolled || !foreign) throw new Error("five");
		const offer = await bench.registry.port.offerEnrollment(enrolled.contractId, enrolled.phone.identity);
		await bench.registry.port.confirmEnrollment(offer.enrollmentId, await enrolled.phone.bind(offer), evidence("x"));
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
		bench.fate = (path) =>
			path === "/v1/enrollments" && bench.calls.filter((each) => each === path).length > 5 ? "lost" : "sent";
		const first = await fetchFor(units, { concurrency: 2 });
		expect(first).toMatchObject({ ready: 5, left: 7, stopped: { code: "REGISTRY_UNREACHABLE" }, refused: [] });
		bench.fate = () => "sent";
		bench.calls = [];
		expect(await fetchFor(units)).toMatchObject({ ready: 12, left: 0 });
		expect(bench.calls.filter((path) => path === "/v1/enrollments")).toHaveLength(7);
	});

	test("stops where it is told to, and finds a wrong clock before it matters", async () => {
		const units = (await batch(3)).map(({ contractId, phone }) => unitOf(contractId, phone));
		expect(await fetchFor(units, { signal: AbortSignal.abort() })).toMatchObject({ left: 3, stopped: { code: "CANCELLED" } });
		const early = await fetchFor(units, { nowMs: () => nowMs() - DAY * 1000 });
		expect(early).toMatchObject({ ready: 0, stopped: { code: "STATION_CLOCK_WRONG" } });
	});

	test("one registry's refusal of one unit does not stop the others", async () => {
		const units = await batch(3);
		const [closed] = units;
		await bench.registry.admin.payOff(closed?.contractId ?? "", { reference: "r" });
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
		expect((await stat(bench.folder)).mode & 0o777).toBe(0o700);
		for (const name of await readdir(bench.folder)) expect((await stat(join(bench.folder, name))).mode & 0o777).toBe(0o600);
		await bench.store.take(one.contractId);
		const again = await openVoucherStore(bench.folder);
		expect(again.find(one.contractId)?.used).toBe(true);
		expect(again.find(two.contractId)?.used).toBe(false);
		expect(again.figures(nowMs())).toEqual({ left: 1, expiresAtMs: (START + 7 * DAY) * 1000 });
		expect(again.figures(nowMs() + 7 * DAY * 1000)).toEqual({ left: 0 });
		expect(again.figures(nowMs() - DAY * 1000)).toEqual({ left: 0 });
		const codeKey = Buffer.from((await again.take(one.contractId)).offer.codeKey).toString("base64");
		await again.remove(one.contractId);
		await again.remove(one.contractId);
		await expectFault(again.take(one.contractId), "VOUCHER_MISSING");
		for (const name of await readdir(bench.folder))
			expect(await readFile(join(bench.folder, name), "utf8")).not.toContain(codeKey);
	});

	test("keeps in mind what was handed out when the voucher is fetched again", async () => {
		const [unit] = await batch(1);
		if (!unit) throw new Error("one");
		await fetchFor([unitOf(unit.contractId, unit.phone)]);
		await bench.store.take(unit.contractId);
		bench.registry.now = START + 8 * DAY;
		expect(await fetchFor([unitOf(unit.contractId, unit.phone)])).toMatchObject({ ready: 1 });
		expect(bench.store.find(unit.contractId)).toMatchObject({ used: true, issuedAtMs: nowMs() });
	});

	test("drops what is damaged, half written or of another name when it is opened", async () => {
		const units = await batch(3);
		await fetchFor(units.map(({ contractId, phone }) => unitOf(contractId, phone)));
		const [first = "", second = ""] = (await readdir(bench.folder)).filter((name) => name.endsWith(".voucher"));
		await writeFile(join(bench.folder, first), (await readFile(join(bench.folder, first), "utf8")).slice(0, 500));
		await writeFile(join(bench.folder, `${"0".repeat(40)}.voucher`), await readFile(join(bench.folder, second), "utf8"));
		await writeFile(join(bench.folder, `${first}.a1b2.new`), "half");
		expect((await openVoucherStore(bench.folder)).all()).toHaveLength(2);
		expect(await readdir(bench.folder)).toHaveLength(2);
	});
});

describe("the registry with vouchers", () => {
	async function withVoucher() {
		const [unit] = await batch(1);
		if (!unit) throw new Error("one");
		await fetchFor([unitOf(unit.contractId, unit.phone)]);
		bench.calls = [];
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
		expect(bench.calls).toEqual([]);
	});

	test("stops waiting for an answer as soon as the registry is known to be down", async () => {
		const { contractId, phone } = await withVoucher();
		const { online, station, health, become, queue } = desk();
		const port = createVoucherRegistry({
			online: { ...online, offerEnrollment: () => new Promise(() => {}) },
			health,
			station,
			vouchers: bench.store,
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
		bench.fate = () => "lost";
		expect(await port.offerEnrollment(contractId, phone.identity)).toEqual(online);
		expect(suspicions.count).toBe(1);
		become("down");
		expect(await port.offerEnrollment(contractId, phone.identity)).toEqual(online);
	});

	test("hides no refusal and no mistake of the registry behind a voucher", async () => {
		const { contractId, phone } = await withVoucher();
		const { port, online, station, health } = desk();
		await bench.registry.database.pool.query("ALTER TABLE terms RENAME TO hidden");
		const mistake = port.offerEnrollment(contractId, phone.identity);
		await expectFault(mistake, "REGISTRY_UNREACHABLE", expect.objectContaining({ reason: "INTERNAL" }));
		await bench.registry.database.pool.query("ALTER TABLE hidden RENAME TO terms");
		await bench.registry.admin.payOff(contractId, { reference: "r" });
		await expectFault(port.offerEnrollment(contractId, phone.identity), "CONTRACT_CLOSED");
		const untrusted = { ...online, offerEnrollment: () => Promise.reject(faultError("REGISTRY_UNTRUSTED")) };
		const options = { health, station, vouchers: bench.store, crypto, nowMs, queueReceipt: async () => {} };
		const doubtful = createVoucherRegistry({ ...options, online: untrusted });
		await expectFault(doubtful.offerEnrollment(contractId, phone.identity), "REGISTRY_UNTRUSTED");
	});

	test("does not use a voucher that was changed on the disk, or that another lender signed", async () => {
		const { contractId, phone } = await withVoucher();
		const { online, station, health, become, port } = desk();
		become("down");
		const pins = { firstKeySetSha256: "0".repeat(64) };
		const options = { online, station, health, vouchers: bench.store, crypto, nowMs, queueReceipt: async () => {} };
		const pinned = createVoucherRegistry({ ...options, pins });
		await expectFault(pinned.offerEnrollment(contractId, phone.identity), "REGISTRY_UNTRUSTED");
		const [name = ""] = (await readdir(bench.folder)).filter((each) => each.endsWith(".voucher"));
		const json = JSON.parse(await readFile(join(bench.folder, name), "utf8"));
		json.offer.codeKey = Buffer.alloc(32, 1).toString("base64");
		await writeFile(join(bench.folder, name), JSON.stringify(json));
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
		expect(bench.store.find(contractId)).toBeUndefined();
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
		const given = await giveBackVouchers({ station, store: bench.store, contractIds: [contractId], isQueued: () => true });
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
		expect(bench.store.find(contractId)).toBeDefined();
		await port.relayCheckIn(await phone.checkIn({ status: { sealed: false } }));
		expect((await port.enrollmentOf(contractId))?.state).toBe("contacted");
		expect(await readdir(bench.folder)).toEqual([]);
	});

	test("is given back in part when the registry goes away, and in full when it is back", async () => {
		const units = await batch(3);
		await fetchFor(units.map(({ contractId, phone }) => unitOf(contractId, phone)));
		const { station } = stationOf("A");
		const contractIds = units.map(({ contractId }) => contractId);
		bench.calls = [];
		bench.fate = () => (bench.calls.length > 1 ? "lost" : "sent");
		const back = () => giveBackVouchers({ station, store: bench.store, contractIds, isQueued: () => false });
		expect(await back()).toMatchObject({ left: 2, stopped: { code: "REGISTRY_UNREACHABLE" } });
		bench.fate = () => "sent";
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
