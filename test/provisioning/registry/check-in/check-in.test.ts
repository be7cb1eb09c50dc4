import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { wire } from "../../../../proto/wire.ts";
import { makeKey } from "../../../../provisioning/registry/keys/key-file.ts";
import { rotateKeys } from "../../../../provisioning/registry/keys/rotate-keys.ts";
import { crypto, evidence, TestPhone } from "../test-phone.ts";
import { contractRequest, DAY, expectFault, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const { STANDING_RELEASED, STANDING_UNLOCKED } = wire.Standing;

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

const stateOf = async (contractId: string) => (await registry.port.enrollmentOf(contractId))?.state;

async function post(body: Uint8Array, contentType = "application/x-protobuf") {
	const response = await fetch(`${registry.url}/v1/device/check-in`, {
		method: "POST",
		headers: { "content-type": contentType },
		body: Uint8Array.from(body),
	});
	const problem: unknown = response.headers.get("content-type")?.includes("json") ? await response.json() : undefined;
	return { status: response.status, problem };
}

describe("a check-in", () => {
	test("is answered with signed time and its own nonce, and moves the enrolment forward only", async () => {
		const phone = await enrolled("C-1");
		registry.now = START + 5;
		const reply = phone.takeReply(
			await registry.port.relayCheckIn(await phone.checkIn({ status: { standing: STANDING_UNLOCKED, sealed: false } })),
		);
		expect(reply).toMatchObject({ counter: 1, serverTimeUnixSeconds: START + 5, orders: [], paymentFeedStale: false });
		expect(reply.nextCheckInSeconds).toBeGreaterThanOrEqual(900);
		expect(await stateOf("C-1")).toBe("contacted");
		await registry.port.relayCheckIn(await phone.checkIn({ status: { standing: STANDING_UNLOCKED, sealed: true } }));
		expect(await stateOf("C-1")).toBe("sealed");
		await registry.port.relayCheckIn(await phone.checkIn({ status: { standing: STANDING_UNLOCKED, sealed: false } }));
		expect(await registry.port.enrollmentOf("C-1")).toMatchObject({
			state: "sealed",
			standing: "unlocked",
			lastCheckInUnixSeconds: START + 5,
		});
	});

	test("brings pending orders until the phone says what became of them", async () => {
		const phone = await enrolled("C-2");
		await registry.admin.recordPayment("C-2", { reference: "p1", amountMinor: 1000 });
		const first = phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		expect(first.orders.map(({ extend, role }) => [extend?.paidUntilUnixSeconds, role])).toEqual([
			[START + 60 * DAY, wire.Role.ROLE_COMMAND],
		]);
		const second = phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		expect(second.orders).toEqual([]);
		expect((await registry.admin.listOrders("C-2")).map(({ state }) => state)).toEqual(["accepted"]);
	});

	test("says which rule of the floor forbade an order", async () => {
		const phone = await enrolled("C-3");
		await registry.admin.issueOrder("C-3", {
			action: "restrict",
			level: "limited",
			reason: "fraud",
			note: "as the team decided",
		});
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		const outcomes = [{ epoch: 1, sequence: 1, result: wire.OrderResult.ORDER_RESULT_BELOW_FLOOR, rule: "F3" }];
		await registry.port.relayCheckIn(await phone.checkIn({ outcomes }));
		expect(await registry.admin.listOrders("C-3")).toMatchObject([{ state: "below_floor", rule: "F3" }]);
	});

	test("whose reply was lost gets the same orders with fresh time, and is recorded once", async () => {
		const phone = await enrolled("C-4");
		await registry.admin.issueOrder("C-4", { action: "restore", reason: "goodwill" });
		const checkIn = await phone.checkIn();
		await registry.port.relayCheckIn(checkIn);
		registry.now += 60;
		const again = phone.takeReply(await registry.port.relayCheckIn(checkIn));
		expect(again).toMatchObject({ counter: 1, serverTimeUnixSeconds: registry.now });
		expect(again.orders).toHaveLength(1);
		const { rows } = await registry.database.pool.query("SELECT count(*) AS count FROM check_in_events WHERE device_id = $1", [
			again.deviceId,
		]);
		expect(rows).toEqual([{ count: 1 }]);
	});

	test("that is older than the last one is refused and changes nothing", async () => {
		const phone = await enrolled("C-5");
		const old = await phone.checkIn({ status: { standing: STANDING_RELEASED, sealed: false } });
		await registry.port.relayCheckIn(await phone.checkIn());
		await expectFault(registry.port.relayCheckIn(old), "REGISTRY_REFUSED", { reason: "CHECK_IN_REPLAYED", lastCounter: "2" });
		expect(await stateOf("C-5")).toBe("sealed");
		// A phone whose counter was lost behind is not lost: the next higher one is taken.
		phone.counter = 2;
		await expect(registry.port.relayCheckIn(await phone.checkIn())).resolves.toBeDefined();
	});

	test("by another key, of an unknown or an unconfirmed phone gets one and the same answer", async () => {
		const phone = await enrolled("C-6");
		const forged = await post(await phone.checkIn({}, makeKey(crypto).signer));
		expect(forged).toMatchObject({ status: 403, problem: { code: "CHECK_IN_REFUSED" } });
		expect(await post(await phone.checkIn({ deviceId: "f".repeat(32) }))).toEqual(forged);
		expect(await post(await phone.checkIn({ contractId: "C-5" }))).toEqual(forged);
		await registry.admin.createContract(contractRequest("C-7"));
		const unconfirmed = new TestPhone();
		await unconfirmed.bind(await registry.port.offerEnrollment("C-7", unconfirmed.identity));
		expect(await post(await unconfirmed.checkIn())).toEqual(forged);
	});

	test("that is garbage, too large or of another type is refused as such", async () => {
		const phone = await enrolled("C-8");
		const good = await phone.checkIn();
		expect(await post(new Uint8Array(200).fill(0xff))).toMatchObject({ status: 400, problem: { code: "BAD_REQUEST" } });
		expect(await post(good.subarray(0, good.length - 1))).toMatchObject({ status: 400, problem: { code: "BAD_REQUEST" } });
		expect(await post(new Uint8Array(20_000))).toMatchObject({ status: 413, problem: { code: "TOO_LARGE" } });
		expect(await post(good, "application/json")).toMatchObject({ status: 415, problem: { code: "UNSUPPORTED_MEDIA_TYPE" } });
		expect(await post(good, "text/plain")).toMatchObject({ status: 415 });
		expect(await post(await phone.checkIn({ keySetVersion: 9 }))).toMatchObject({
			status: 403,
			problem: { code: "CHECK_IN_REFUSED" },
		});
	});

	test("many at once of one phone are each recorded at most once, the highest counter last", async () => {
		const phone = await enrolled("C-9");
		const checkIns = await Promise.all(Array.from({ length: 20 }, () => phone.checkIn()));
		await Promise.allSettled(checkIns.map((each) => registry.port.relayCheckIn(each)));
		const { rows } = await registry.database.pool.query(
			"SELECT counter FROM check_ins c JOIN devices d USING (device_id) WHERE d.contract_id = 'C-9'",
		);
		expect(rows).toEqual([{ counter: 20 }]);
	});
});

describe("check-ins of many phones at the same time", () => {
	test("are each answered to its own phone and recorded under its own name, beside strangers' rubbish", async () => {
		const phones = await Promise.all(Array.from({ length: 24 }, (_, index) => enrolled(`M-${index}`)));
		// The second of each is routine: it goes with the others.
		for (let round = 0; round < 2; round += 1) {
			const replies = await Promise.all(
				phones.map(async (phone) => {
					const [reply] = await Promise.all([
						registry.port.relayCheckIn(await phone.checkIn()),
						post(await phone.checkIn({ deviceId: "f\0f", counter: 1 })),
						post(await phone.checkIn({ deviceId: "é".repeat(200) }, makeKey(crypto).signer)),
					]);
					return phone.takeReply(reply);
				}),
			);
			expect(replies.map(({ contractId }) => contractId)).toEqual(phones.map((_, index) => `M-${index}`));
		}
		const { rows } = await registry.database.pool.query(
			`SELECT c.counter, count(*) AS events, bool_and(position(convert_to(d.contract_id, 'UTF8') IN e.envelope) > 0) AS own
			FROM check_ins c JOIN devices d USING (device_id) JOIN check_in_events e USING (device_id)
			WHERE d.contract_id LIKE 'M-%' GROUP BY c.counter, d.device_id`,
		);
		expect(rows).toEqual(Array.from({ length: 24 }, () => ({ counter: 4, events: 2, own: true })));
	});

	test("move the day that they were last seen on, also where nothing else has changed", async () => {
		const phones = await Promise.all(Array.from({ length: 8 }, (_, index) => enrolled(`O-${index}`)));
		for (const phone of phones) await registry.port.relayCheckIn(await phone.checkIn());
		const seen = async () =>
			(await registry.database.pool.query("SELECT DISTINCT seen_day FROM contracts WHERE contract_id LIKE 'O-%'")).rows;
		const today = Math.floor(registry.now / DAY);
		expect(await seen()).toEqual([{ seen_day: today }]);
		registry.now += 2 * DAY;
		await Promise.all(phones.map(async (phone) => registry.port.relayCheckIn(await phone.checkIn())));
		expect(await seen()).toEqual([{ seen_day: today + 2 }]);
	});

	test("are kept although one of them says what no database takes", async () => {
		const phones = await Promise.all(Array.from({ length: 8 }, (_, index) => enrolled(`N-${index}`)));
		for (const phone of phones) await registry.port.relayCheckIn(await phone.checkIn());
		await Promise.all(
			phones.map(async (phone, index) =>
				registry.port.relayCheckIn(await phone.checkIn({ agentVersion: index === 3 ? "1\0.0" : "1.0" })),
			),
		);
		const { rows } = await registry.database.pool.query(
			"SELECT agent_version, count(*) AS count FROM check_ins JOIN devices USING (device_id) WHERE contract_id LIKE 'N-%' GROUP BY 1",
		);
		expect(rows).toEqual([{ agent_version: "1.0", count: 8 }]);
	});
});

describe("after payoff", () => {
	test("a check-in brings the release order, signed by the release role, and nothing that tightens", async () => {
		const phone = await enrolled("E-1");
		await registry.admin.issueOrder("E-1", { action: "restrict", level: "full", reason: "fraud", note: "as the team decided" });
		for (const index of [1, 2, 3]) await registry.admin.recordPayment("E-1", { reference: `p${index}`, amountMinor: 1000 });
		const { orders } = phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		expect(orders.map(({ action }) => action)).toEqual(["extend", "extend", "release"]);
		expect(orders.at(-1)).toMatchObject({ role: wire.Role.ROLE_RELEASE, reason: wire.ReasonCode.REASON_CODE_PAID_OFF });
		const grant = await registry.port.grantRelease("E-1");
		expect(grant.releaseEnvelope).toEqual(orders.at(-1)?.envelope);
		expect(grant.certificateId).toBe(orders.at(-1)?.release?.certificateId);
		await registry.port.relayCheckIn(await phone.checkIn({ status: { standing: STANDING_RELEASED, ownershipReturned: true } }));
		expect(await registry.admin.getContract("E-1")).toMatchObject({
			state: "released",
			pendingOrders: 0,
			enrollment: { state: "released" },
		});
		expect(await registry.port.grantRelease("E-1")).toMatchObject({
			certificateId: grant.certificateId,
			releaseEnvelope: grant.releaseEnvelope,
		});
	});
});

describe("after a rotation of the keys", () => {
	test("a phone is told in the keys it knows, takes the new ones, and then gets orders signed by those", async () => {
		const phone = await enrolled("K-1");
		await registry.admin.issueOrder("K-1", { action: "restore", reason: "goodwill" });
		await rotateKeys({
			folder: registry.keysFolder,
			protection: { insecureDev: true },
			nowMs: registry.now * 1000,
			newRoot: true,
		});
		const rotated = await registry.sibling();
		const first = phone.takeReply(await rotated.port.relayCheckIn(await phone.checkIn()));
		expect(first.orders.map(({ action }) => action)).toEqual(["restore", "newKeys"]);
		expect(phone.keySet?.version).toBe(2);
		await rotated.admin.issueOrder("K-1", {
			action: "hold",
			kind: "dispute",
			untilUnixSeconds: registry.now + DAY,
			reason: "dispute",
		});
		const second = phone.takeReply(await rotated.port.relayCheckIn(await phone.checkIn()));
		expect(second.orders.map(({ action }) => action)).toEqual(["hold"]);
		expect(phone.takeReply(await rotated.port.relayCheckIn(await phone.checkIn())).orders).toEqual([]);
	});

	test("with a new epoch, orders that the phone has not had come again under new sequences", async () => {
		const { port } = await registry.sibling();
		const phone = await enrolled("K-2");
		phone.takeReply(await port.relayCheckIn(await phone.checkIn())); // learns of the first rotation
		await rotateKeys({
			folder: registry.keysFolder,
			protection: { insecureDev: true },
			nowMs: registry.now * 1000,
			newEpoch: true,
		});
		const rotated = await registry.sibling();
		phone.takeReply(await rotated.port.relayCheckIn(await phone.checkIn()));
		expect(phone.keySet).toMatchObject({ version: 3, epoch: 2 });
		// Issued by a registry that has not been told of the phone's new key set: signed in the old epoch's name.
		await rotated.admin.issueOrder("K-2", { action: "restore", reason: "goodwill" });
		const { orders } = phone.takeReply(await rotated.port.relayCheckIn(await phone.checkIn()));
		expect(orders).toMatchObject([{ action: "restore", epoch: 2, sequence: 1 }]);
		phone.takeReply(await rotated.port.relayCheckIn(await phone.checkIn()));
		expect((await rotated.admin.getContract("K-2")).pendingOrders).toBe(0);
	});

	test("a phone that a thief ran ahead still gets its orders, after the highest sequence it knows", async () => {
		const rotated = await registry.sibling();
		const phone = await enrolled("K-3");
		for (let round = 0; round < 3; round += 1) phone.takeReply(await rotated.port.relayCheckIn(await phone.checkIn()));
		phone.lastSequence = 3_000_000_000;
		await rotated.admin.issueOrder("K-3", { action: "restore", reason: "goodwill" });
		const { orders } = phone.takeReply(await rotated.port.relayCheckIn(await phone.checkIn()));
		expect(orders).toMatchObject([{ action: "restore", sequence: 3_000_000_001 }]);
	});
});
