import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { trustedKeySet } from "../../../../agent/daemon/key-sets.ts";
import { decode, encode } from "../../../../proto/codec.ts";
import type { Signer } from "../../../../proto/crypto.ts";
import { PayloadType, readEnvelope, seal, sealBytes } from "../../../../proto/envelope.ts";
import { grantOf } from "../../../../proto/roles.ts";
import { wire } from "../../../../proto/wire.ts";
import type { EnrollmentOffer } from "../../../../provisioning/procedure/registry-port.ts";
import { readKeyFile } from "../../../../provisioning/registry/keys/key-file.ts";
import { type OnlineRole, onlineKeyPath, WIRE_ROLE } from "../../../../provisioning/registry/keys/key-folder.ts";
import { rotateKeys } from "../../../../provisioning/registry/keys/rotate-keys.ts";
import { TestPhone as AgentPhone } from "../../../agent/test-phone.ts";
import { crypto, evidence } from "../test-phone.ts";
import { contractRequest, expectFault, nextImei, startTestRegistry, type TestRegistry } from "../test-registry.ts";

/**
 * A thief has a key of the lender. What can be done with it to a phone that runs the real agent, until the keys are rotated and
 * after. The registry is never restarted. SECURITY.md has the table.
 */
let registry: TestRegistry;
let safe: string;
beforeAll(async () => {
	registry = await startTestRegistry();
	safe = await mkdtemp(join(tmpdir(), "holdfast-safe-"));
});
afterAll(async () => {
	await registry.close();
	await rm(safe, { recursive: true, force: true });
});

let contracts = 0;
let phone: AgentPhone;
let offer: EnrollmentOffer;
let contractId: string;
beforeEach(async () => {
	contracts += 1;
	contractId = `STOLEN-${contracts}`;
	phone = new AgentPhone();
	phone.imeis = [nextImei(), nextImei()];
	phone.serial = `SERIAL${contracts}`;
	await registry.admin.createContract(contractRequest(contractId));
	offer = await registry.port.offerEnrollment(contractId, identity());
	phone.send({ started: {} });
	phone.facts();
	const receipt =
		phone.cable({ bind: { ...offer, keySetEnvelopes: [...offer.keySetEnvelopes] } }).bindingAccepted?.receiptEnvelope ??
		new Uint8Array();
	await registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence(contractId));
	await checkIn();
	phone.faults = [];
});

// The numbers were made with their check digits.
const identity = () => ({ imei1: phone.imeis[0], imei2: phone.imeis[1], serial: phone.serial, model: "X" }) as never;

/** One check-in over the network, with whatever the registry has for the phone. */
async function checkIn() {
	registry.now = Math.floor(phone.unixSeconds);
	const replyEnvelope = await registry.port.relayCheckIn(phone.startCheckIn());
	return phone.cable({ finishCheckIn: { replyEnvelope } }).outcome?.orders ?? [];
}

const trusted = () => trustedKeySet(phone.ledger.contract ?? { keySet: new Uint8Array() });
const lastSequence = () => phone.ledger.contract?.lastSequence ?? -1;

/** A copy of the role's key as it is now. */
async function steal(role: OnlineRole): Promise<{ thief: Signer; file: string }> {
	const [key] = grantOf(registry.keys.current, WIRE_ROLE[role]).keys;
	const file = onlineKeyPath(registry.keysFolder, role, key?.keyid ?? "");
	return { thief: await readKeyFile(crypto, file, { insecureDev: true }), file };
}

/** An order that a thief signs, for this phone. */
function forged(thief: Signer, fields: wire.Order.$Properties): Promise<Uint8Array> {
	return seal(
		wire.Order,
		PayloadType.order,
		{
			...{ deviceId: offer.deviceId, contractId, lenderId: "lender-1", epoch: trusted().epoch, sequence: lastSequence() + 1 },
			...{ issuedAtUnixSeconds: registry.now, expiresAtUnixSeconds: registry.now + 86_400 },
			reason: wire.ReasonCode.REASON_CODE_FRAUD,
			...fields,
		},
		[thief],
	);
}

const limited = { restrict: { level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED } };
const days = (count: number) => ({ extend: { paidUntilUnixSeconds: registry.now + count * 86_400 } });
const deliver = (...envelopes: Uint8Array[]) =>
	phone.deliverEnvelopes(...envelopes).map(({ result, rule }) => rule || wire.OrderResult[result]);
const rotate = (options: Partial<Parameters<typeof rotateKeys>[0]> = {}) =>
	rotateKeys({ folder: registry.keysFolder, protection: { insecureDev: true }, nowMs: registry.now * 1000, ...options });

/** What a rightful order of the registry comes to on the phone, at its next check-in. */
async function rightful(): Promise<string[]> {
	await registry.admin.issueOrder(contractId, { action: "restore", reason: "goodwill" });
	return (await checkIn()).map(({ result, rule }) => rule || wire.OrderResult[result]);
}

const ACCEPTED = "ORDER_RESULT_ACCEPTED";

describe("with the command key a thief", () => {
	test("can give time away and use up every sequence, but locks nobody below the floor; a new epoch ends it without a restart", async () => {
		const { thief, file } = await steal("command");
		expect(await deliver(await forged(thief, limited))).toEqual(["F3"]);
		const gift = await forged(thief, days(40));
		const toTheEnd = await forged(thief, { ...days(41), sequence: 0xffffffff });
		expect(deliver(gift, toTheEnd)).toEqual([ACCEPTED, ACCEPTED]);
		expect(await rightful()).not.toContain(ACCEPTED); // no sequence is left

		await rotate({ newEpoch: true });
		await rm(file);
		await registry.reloadKeys();
		await checkIn(); // says where the phone stands, and brings the new key set
		expect(trusted()).toMatchObject({ epoch: registry.keys.current.epoch, version: registry.keys.current.version });

		const next = { epoch: trusted().epoch };
		const forgeries = [
			gift,
			toTheEnd,
			await forged(thief, { ...days(90), ...next }),
			await forged(thief, { ...limited, ...next }),
		];
		forgeries.push(await forged(thief, { ...days(90), ...next, sequence: 0xffffffff }));
		expect(deliver(...forgeries)).toEqual(forgeries.map(() => "UNTRUSTED"));
		expect(lastSequence()).toBeLessThan(10);
		await checkIn();
		expect(await rightful()).toContain(ACCEPTED);
	});

	test("cannot keep the phone from the new keys with orders that come first", async () => {
		const { thief } = await steal("command");
		await rotate({ newEpoch: true });
		await registry.reloadKeys();
		const old = trusted();
		// In the name of the new key set, with none in it, or with one that the thief made alone.
		const empty = await forged(thief, { newKeys: { keySetEnvelopes: [] } });
		const own = await sealBytes(PayloadType.keySet, encode(wire.KeySet, { ...old, version: old.version + 1, epoch: 9 }), [thief]);
		const alone = await forged(thief, { newKeys: { keySetEnvelopes: [own] } });
		deliver(empty, alone);
		expect(trusted()).toMatchObject({ version: old.version, epoch: old.epoch });
		await checkIn();
		expect(trusted().version).toBe(registry.keys.current.version);
	});
});

test("with the heartbeat key a thief tells the time to a phone that asks, until the rotation", async () => {
	const { thief } = await steal("heartbeat");
	const lie = async (envelope: Uint8Array, seconds: number) => {
		const { nonce, counter } = decode(wire.CheckIn, readEnvelope(envelope, PayloadType.checkIn).payload);
		const fields = { deviceId: offer.deviceId, contractId, nonce, counter, orderEnvelopes: [], nextCheckInSeconds: 3600 };
		return seal(
			wire.CheckInReply,
			PayloadType.checkInReply,
			{ ...fields, serverTimeUnixSeconds: registry.now + seconds, paymentFeedStale: false },
			[thief],
		);
	};
	const finish = (replyEnvelope: Uint8Array) => phone.cable({ finishCheckIn: { replyEnvelope } });
	expect(finish(await lie(phone.startCheckIn(), 3600)).outcome).toBeDefined();
	await rotate();
	await registry.reloadKeys();
	await checkIn();
	expect(finish(await lie(phone.startCheckIn(), 7200)).refused).toBeDefined();
	expect(phone.faults.join()).toContain("REPLY_REFUSED THRESHOLD_NOT_MET");
	await checkIn();
	expect(await rightful()).toContain(ACCEPTED);
});

test("with the enroll key a thief binds new phones for himself alone: the registry takes no such receipt, and bound phones stay", async () => {
	const { thief } = await steal("enroll");
	await rotate();
	await registry.reloadKeys();
	await checkIn();
	const mine = decode(wire.Binding, readEnvelope(offer.bindingEnvelope, PayloadType.binding).payload);
	const stranger = new AgentPhone();
	stranger.imeis = [nextImei(), nextImei()];
	stranger.serial = "STRANGER";
	const [imei1 = "", imei2 = ""] = stranger.imeis;
	const forgedBinding = (keySetVersion: number, epoch: number) =>
		seal(wire.Binding, PayloadType.binding, { ...mine, imei1, imei2, serial: "STRANGER", keySetVersion, epoch }, [thief]);
	stranger.send({ started: {} });
	stranger.facts();
	const { current, keySetEnvelopes } = registry.keys;
	const latest = { ...offer, keySetEnvelopes: [...keySetEnvelopes] };
	const refused = stranger.cable({ bind: { ...latest, bindingEnvelope: await forgedBinding(current.version, current.epoch) } });
	expect(refused.refused?.code).toBeDefined();
	// A new phone believes the first chain that it is shown: an old one still ends in the stolen key. Nobody else believes it.
	const old = trusted().version - 1;
	const shown = { ...offer, keySetEnvelopes: keySetEnvelopes.slice(0, old) };
	const bound = stranger.cable({
		bind: { ...shown, bindingEnvelope: await forgedBinding(old, registry.keys.keySets[old - 1]?.epoch ?? 0) },
	});
	const receipt = bound.bindingAccepted?.receiptEnvelope ?? new Uint8Array();
	expect(receipt.length).toBeGreaterThan(0);
	await expectFault(registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence(contractId)), "RECEIPT_INVALID");
	expect(await rightful()).toContain(ACCEPTED);
});

test("with the release key a thief frees phones until the rotation, and none after it", async () => {
	const { thief } = await steal("release");
	await rotate();
	await registry.reloadKeys();
	await checkIn();
	const release = { release: { certificateId: "thief" }, sequence: 0xffffffff };
	expect(deliver(await forged(thief, release), await forged(thief, { ...days(300), sequence: lastSequence() + 1 }))).toEqual([
		"UNTRUSTED",
		"UNTRUSTED",
	]);
	expect(phone.standing).toBe("UNLOCKED");
	expect(phone.ledger.contract?.releasedBy).toBeFalsy();
	await registry.admin.payOff(contractId, { reference: "paid" });
	await checkIn();
	expect(phone.standing).toBe("RELEASED");
});

describe("with one root key of three", () => {
	test("a thief names no keys, and the two others take it out; after that it counts for nothing", async () => {
		const { current } = registry.keys;
		const roots = grantOf(current, wire.Role.ROLE_ROOT).keys.map(({ keyid }) =>
			join(registry.keysFolder, "root", `${keyid}.pem`),
		);
		const [stolen = "", ...others] = roots;
		const copy = join(safe, basename(stolen));
		await copyFile(stolen, copy);
		const thief = await readKeyFile(crypto, copy, { insecureDev: true });
		const evil = async () => {
			const now = trusted();
			const next = encode(wire.KeySet, { ...now, version: now.version + 1, epoch: now.epoch + 1 });
			const envelope = await sealBytes(PayloadType.keySet, next, [thief]);
			return forged(thief, { newKeys: { keySetEnvelopes: [envelope] } });
		};
		expect(deliver(await evil())).toEqual(["UNTRUSTED"]);
		await rm(stolen);
		await rotate({ rootFiles: others, newRoot: true });
		await registry.reloadKeys();
		await checkIn();
		expect(grantOf(trusted(), wire.Role.ROLE_ROOT).keys.some(({ keyid }) => keyid === thief.keyid)).toBe(false);
		expect(deliver(await evil())).toEqual(["UNTRUSTED"]);
		expect(await rightful()).toContain(ACCEPTED);
	});
});

describe("a rotation reaches", () => {
	test("a phone that was away for two of them, root keys and epoch changed, step by step in one check-in", async () => {
		const { version } = trusted();
		const away = registry.keys.current;
		await rotate({ newRoot: true });
		await rotate({ newEpoch: true, newRoot: true });
		for (const role of ["command", "heartbeat", "release", "enroll"] as const) {
			await rm(onlineKeyPath(registry.keysFolder, role, grantOf(away, WIRE_ROLE[role]).keys[0]?.keyid ?? ""), { force: true });
		}
		await registry.reloadKeys();
		await checkIn();
		expect(trusted()).toMatchObject({ version: version + 2, epoch: registry.keys.current.epoch });
		await checkIn();
		expect(await rightful()).toContain(ACCEPTED);
	});

	test("a registry beside the one that heard of it first, because a phone tells", async () => {
		const other = await registry.sibling();
		await rotate();
		await registry.reloadKeys();
		await checkIn();
		expect(other.keys.current.version).toBe(registry.keys.current.version - 1);
		registry.now += 60;
		const reply = await other.port.relayCheckIn(phone.startCheckIn());
		expect(phone.cable({ finishCheckIn: { replyEnvelope: reply } }).outcome).toBeDefined();
		expect(other.keys.current.version).toBe(registry.keys.current.version);
	});

	test("no registry from a folder that cannot be used: it goes on with what it has", async () => {
		const { version } = registry.keys.current;
		const path = join(registry.keysFolder, "key-sets", `${version + 1}.envelope`);
		await writeFile(path, "rubbish", { mode: 0o600 });
		await registry.reloadKeys();
		expect(registry.keys.current.version).toBe(version);
		expect(await rightful()).toContain(ACCEPTED);
		await rm(path);
		await rotate();
		await registry.reloadKeys();
		expect(registry.keys.current.version).toBe(version + 1);
	});
});
