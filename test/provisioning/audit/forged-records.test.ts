import { beforeAll, describe, expect, test } from "vitest";

import { encode } from "../../../proto/codec.ts";
import { readRecordFile, writeRecordFile } from "../../../proto/record-file.ts";
import { wire } from "../../../proto/wire.ts";
import { auditRecord } from "../../../provisioning/audit/audit-record.ts";
import type { AuditReport } from "../../../provisioning/audit/report.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../../agent/test-lender.ts";
import { boundPhone, type TestPhone } from "../../agent/test-phone.ts";
import { type OpenEntry, openRecord, sealRecord, signCheckpoint } from "./record-forger.ts";

const crypto = createNodeCrypto();
const audit = (file: Uint8Array) => auditRecord({ crypto }, file);
const { DecisionKind, Standing, LockCause, ReasonCode } = wire;
const LIMITED = wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED;

/** Rules that a report calls broken, with what it says. */
function brokenIn(report: AuditReport): string[] {
	if (!("totals" in report)) return [report.verdict];
	const all = [...report.findings, ...report.decisions.flatMap(({ findings }) => findings)];
	return all.filter(({ severity }) => severity === "broken").map(({ rule, what }) => `${rule} ${what}`);
}

let lender: TestLender;
/** Of {@link phone}. */
let payee: TestLender;
/** A phone that was locked, limited and full, and opened by a payment. */
let phone: TestPhone;
let honest: Uint8Array;

async function phoneOf(terms: Partial<wire.Terms.$Properties> = {}): Promise<TestPhone> {
	const offline = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: LIMITED };
	lender = await TestLender.create(termsOf({ offline, ...terms }));
	return boundPhone(lender);
}

function live(which: TestPhone, days: number): void {
	for (let halfDay = 0; halfDay < days * 2; halfDay += 1) which.jump(12 * HOUR);
}

beforeAll(async () => {
	phone = await phoneOf();
	payee = lender;
	live(phone, 40);
	const reason = ReasonCode.REASON_CODE_PAYMENT;
	await phone.deliver(lender, { reason, extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
	honest = phone.takeRecord();
});

/** The record of {@link phone} as a patched agent would tell it, signed with the phone's own key. */
function told(change: (entries: OpenEntry[]) => OpenEntry[]): AuditReport {
	const record = openRecord(phone);
	return audit(sealRecord(phone, { ...record, entries: change(record.entries) }));
}

const isLock = ({ decision }: OpenEntry) =>
	decision.kind === DecisionKind.DECISION_KIND_STANDING && decision.standing === Standing.STANDING_LOCKED_LIMITED;
const isFull = ({ decision }: OpenEntry) =>
	decision.kind === DecisionKind.DECISION_KIND_STANDING && decision.standing === Standing.STANDING_LOCKED_FULL;
const isOfKind =
	(kind: wire.DecisionKind) =>
	({ decision }: OpenEntry) =>
		decision.kind === kind;

test("told as it was, it is in order", () => {
	expect(brokenIn(told((entries) => entries))).toEqual([]);
	expect(audit(honest).verdict).toBe("ok");
});

describe("what is found by the chain and the signature at its end", () => {
	const withEntries = (change: (entries: Uint8Array[]) => Uint8Array[]) => {
		const { formatVersion: _, ...file } = readRecordFile(honest);
		return brokenIn(audit(writeRecordFile({ ...file, entries: change([...file.entries]) }))).join("\n");
	};

	test("an entry that was dropped, from the middle or from the end", () => {
		expect(withEntries((entries) => entries.toSpliced(5, 1))).toContain("F12 the chain is not the one that was signed");
		expect(withEntries((entries) => entries.slice(0, -1))).toContain("F12 the number of decisions is not the one");
	});

	test("two entries in each other's place", () => {
		const swapped = withEntries((entries) => [...entries.slice(0, 5), ...entries.slice(5, 7).reverse(), ...entries.slice(7)]);
		expect(swapped).toContain("F12 the chain is not the one that was signed");
	});

	test("an entry that stands there twice", () => {
		expect(withEntries((entries) => entries.toSpliced(5, 0, ...entries.slice(5, 6)))).toContain("F12");
	});

	test("a checkpoint by another key, or a device key that is not the checkpoint's", async () => {
		const other = await boundPhone(payee);
		const record = openRecord(phone);
		const { formatVersion: _, ...file } = readRecordFile(honest);
		const bySomebodyElse = signCheckpoint(other, record.checkpoint);
		expect(audit(writeRecordFile({ ...file, endsWith: bySomebodyElse })).verdict).toBe("unreadable");
		expect(audit(writeRecordFile({ ...file, devicePublicKey: other.key.publicKey })).verdict).toBe("unreadable");
	});

	test("another phone's record, where the device key is known from its receipt", () => {
		const report = auditRecord({ crypto, devicePublicKey: new Uint8Array(65).fill(4) }, honest);
		expect(report.verdict).toBe("other phone");
		expect(auditRecord({ crypto, devicePublicKey: phone.key.publicKey }, honest).verdict).toBe("ok");
	});

	test("a file that was cut short anywhere", () => {
		for (let length = 0; length < honest.length; length += 1) {
			expect(audit(honest.slice(0, length)).verdict).not.toBe("ok");
		}
	});

	test("a bit turned over in any byte of the file", async () => {
		// Two of the three root keys sign, and two must: every byte of this file is needed.
		const fresh = await phoneOf();
		await fresh.deliver(lender, { reason: ReasonCode.REASON_CODE_PAYMENT, extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
		const file = fresh.takeRecord();
		expect(audit(file).verdict).toBe("ok");
		const missed: number[] = [];
		for (let index = 0; index < file.length; index += 1) {
			const flipped = Uint8Array.from(file);
			flipped[index] = (flipped[index] ?? 0) ^ (1 << (index % 8));
			if (audit(flipped).verdict === "ok") missed.push(index);
		}
		expect(missed).toEqual([]);
	}, 60_000);

	test("a file of a newer format, which is said", () => {
		const newer = Uint8Array.from(honest);
		newer[1] = 2;
		expect(audit(newer)).toMatchObject({ verdict: "unreadable", problem: expect.stringContaining("newer") });
	});
});

describe("what a patched agent signed, and should not have done", () => {
	test("a lock without notices (F3)", () => {
		const report = told((entries) => entries.filter((entry) => !isOfKind(DecisionKind.DECISION_KIND_NOTICE_SHOWN)(entry)));
		expect(brokenIn(report)).toEqual(["F3 not all of its notices were shown, or they had not aged"]);
	});

	test("a lock with two notices of three, or with all by one channel (F3)", () => {
		const isThird = ({ decision }: OpenEntry) => decision.detail?.endsWith("-3") === true;
		expect(brokenIn(told((entries) => entries.filter((entry) => !isThird(entry))))[0]).toMatch(/^F3/);
		const byScreen = told((entries) =>
			entries.filter(({ decision }) => decision.noticeChannel !== wire.NoticeChannel.NOTICE_CHANNEL_NOTIFICATION),
		);
		expect(brokenIn(byScreen)[0]).toMatch(/^F3/);
	});

	test("a lock a second before the last notice had aged (F3)", () => {
		const report = told((entries) =>
			entries.map((entry) =>
				isLock(entry)
					? {
							...entry,
							decision: {
								...entry.decision,
								atPoweredOnSeconds: (entry.decision.atPoweredOnSeconds ?? 0) - 1,
								atUnixSeconds: (entry.decision.atUnixSeconds ?? 0) - 1,
							},
						}
					: entry,
			),
		);
		expect(brokenIn(report).some((what) => what.startsWith("F3"))).toBe(true);
	});

	test("FULL at once, or before its dwell (F4)", () => {
		expect(brokenIn(told((entries) => entries.filter((entry) => !isLock(entry)))).join()).toContain("F4 two levels up at once");
		const early = told((entries) => {
			const lockAt = entries.find(isLock)?.decision;
			return entries.map((entry) =>
				isFull(entry)
					? {
							...entry,
							decision: {
								...entry.decision,
								atPoweredOnSeconds: (lockAt?.atPoweredOnSeconds ?? 0) + DAY - 1,
								atUnixSeconds: (lockAt?.atUnixSeconds ?? 0) + DAY - 1,
							},
						}
					: entry,
			);
		});
		expect(brokenIn(early)).toEqual(["F4 went to FULL before the least time at LIMITED was over"]);
	});

	test("a lock before the lender had confirmed (F10)", () => {
		const report = told((entries) => entries.filter((entry) => !isOfKind(DecisionKind.DECISION_KIND_CONFIRMED)(entry)));
		expect(brokenIn(report)).toContain("F10 locked before the lender had confirmed the binding");
	});

	test("a lock that goes on after it was paid for (F6)", () => {
		const report = told((entries) => {
			const paid = entries.find(isOfKind(DecisionKind.DECISION_KIND_ORDER_ACCEPTED));
			if (!paid) throw new Error("nothing was paid");
			const still = { ...paid.decision, kind: DecisionKind.DECISION_KIND_IDENTITY_CHANGED, detail: "", orderSequence: 0 };
			return [...entries.slice(0, entries.indexOf(paid) + 1), { decision: still }];
		});
		expect(brokenIn(report)).toContain("F6 still locked for a debt that was not due any more");
	});

	test("a paid-until that no order moved (F12)", () => {
		const report = told((entries) => entries.filter((entry) => !isOfKind(DecisionKind.DECISION_KIND_ORDER_ACCEPTED)(entry)));
		expect(brokenIn(report).join()).toContain("F12 paid-until");
	});

	test("a cause that nothing in the record gives (F15, F5)", () => {
		const withCause = (cause: wire.LockCause) =>
			told((entries) =>
				entries.map((entry) => (isLock(entry) ? { ...entry, decision: { ...entry.decision, causes: [cause] } } : entry)),
			);
		expect(brokenIn(withCause(LockCause.LOCK_CAUSE_ORDERED))[0]).toMatch(/^F/);
		expect(brokenIn(withCause(LockCause.LOCK_CAUSE_ORDERED)).join()).toContain("F15 no order in the record asks for this lock");
		expect(brokenIn(withCause(LockCause.LOCK_CAUSE_OFFLINE)).join()).toContain("F5 these terms know no offline lock");
		expect(brokenIn(withCause(LockCause.LOCK_CAUSE_OBSERVED)).join()).toContain("F3 nothing that was observed may lock");
	});

	test("a standing that changed without a decision, and time that goes backward (F12)", () => {
		expect(brokenIn(told((entries) => entries.filter((entry) => !isFull(entry)))).join()).toContain("F12 the standing changed");
		const back = told((entries) =>
			entries.map((entry, index) =>
				index === entries.length - 1 ? { ...entry, decision: { ...entry.decision, atUnixSeconds: EPOCH } } : entry,
			),
		);
		expect(brokenIn(back).join()).toContain("F12 time goes backward");
	});

	test("an order of another contract, one by another lender, one twice, and none at all (F15, F12)", async () => {
		const stranger = await TestLender.create(termsOf({ contractId: "C-2002" }));
		const extend = { paidUntilUnixSeconds: EPOCH + 60 * DAY };
		const reason = ReasonCode.REASON_CODE_PAYMENT;
		const withOrder = (orderEnvelope: Uint8Array | undefined) =>
			told((entries) =>
				entries.map(({ orderEnvelope: before, ...entry }) => (before && orderEnvelope ? { ...entry, orderEnvelope } : entry)),
			);
		const foreign = await payee.order({ sequence: 1, contractId: "C-2002", reason, extend });
		expect(brokenIn(withOrder(foreign)).join()).toContain("F15 an order for another phone, contract or lender");
		expect(brokenIn(withOrder(await stranger.order({ reason, extend }))).join()).toContain("F15 the order is not the lender's");
		expect(brokenIn(withOrder(undefined)).join()).toContain("F12 the order is not in the record");
		const twice = told((entries) => entries.flatMap((entry) => (entry.orderEnvelope ? [entry, entry] : [entry])));
		expect(brokenIn(twice).join()).toContain("F15 an order whose turn was over");
	});

	test("terms that nobody agreed to (F10)", () => {
		const report = told((entries) =>
			entries.map((entry) =>
				entry.bound
					? { ...entry, bound: { ...entry.bound, terms: encode(wire.Terms, termsOf({ lenderName: "Another bank" })) } }
					: entry,
			),
		);
		expect(brokenIn(report)).toContain("F10 not the terms that were bound");
	});

	test("something attached to a decision that does not rest on it (F12)", () => {
		const report = told((entries) =>
			entries.map((entry) => (isLock(entry) ? { ...entry, orderEnvelope: Uint8Array.of(1, 2, 3) } : entry)),
		);
		expect(brokenIn(report)).toEqual(["F12 something is attached that this decision does not rest on"]);
	});

	test("a checkpoint that says other than the record does (F12)", () => {
		const record = openRecord(phone);
		for (const lie of [
			{ paidUntilUnixSeconds: 1 },
			{ wrongfulLockMinutes: 5 },
			{ terms: Uint8Array.of() },
			{ contractId: "X" },
		]) {
			const file = sealRecord(phone, { ...record, checkpoint: { ...record.checkpoint, ...lie } });
			expect(brokenIn(audit(file)).join()).toContain("F12");
		}
	});

	test("wrongful minutes that are fewer than owed, or not owed (F6)", async () => {
		const wronged = await phoneOf();
		live(wronged, 40);
		const reason = ReasonCode.REASON_CODE_LENDER_ERROR;
		await wronged.deliver(lender, { reason, extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
		const record = openRecord(wronged);
		const counted = record.entries.find(isOfKind(DecisionKind.DECISION_KIND_WRONGFUL_MINUTES))?.decision;
		if (!counted) throw new Error("nothing was counted");
		const owed = counted.detail;
		counted.detail = "5";
		const fewer = audit(sealRecord(wronged, { ...record, checkpoint: { ...record.checkpoint, wrongfulLockMinutes: 5 } }));
		expect(brokenIn(fewer)).toEqual([`F6 5 wrongful minutes were counted, ${owed} are owed`]);
		const none = record.entries.filter(({ decision }) => decision !== counted);
		const silent = audit(sealRecord(wronged, { entries: none, checkpoint: { ...record.checkpoint, wrongfulLockMinutes: 0 } }));
		expect(brokenIn(silent)).toEqual([`F6 0 wrongful minutes were counted, ${owed} are owed`]);
	});

	test("a lock during a dispute, a pass, quiet hours, and after release (F13, F14, F7)", async () => {
		const lockedAgain = (before: OpenEntry["decision"]) =>
			told((entries) => {
				const lock = entries.find(isLock);
				const at = lock ? entries.indexOf(lock) : 0;
				const hourBefore = {
					atUnixSeconds: (lock?.decision.atUnixSeconds ?? 0) - HOUR,
					atPoweredOnSeconds: (lock?.decision.atPoweredOnSeconds ?? 0) - HOUR,
				};
				const paidUntilUnixSeconds = lock?.decision.paidUntilUnixSeconds ?? 0;
				const decision = { ...hourBefore, paidUntilUnixSeconds, standing: Standing.STANDING_GRACE, ...before };
				return entries.toSpliced(at, 0, { decision });
			});
		expect(brokenIn(lockedAgain({ kind: DecisionKind.DECISION_KIND_DISPUTE_OPENED }))[0]).toMatch(/^F13/);
		expect(brokenIn(lockedAgain({ kind: DecisionKind.DECISION_KIND_PASS_TAKEN })).join()).toContain("F13");
		const quiet = await phoneOf({
			jurisdiction: "KE",
			ladder: { graceSeconds: 4 * DAY, limitedDwellSeconds: DAY, maxLevel: LIMITED },
		});
		live(quiet, 40);
		const record = openRecord(quiet);
		const lock = record.entries.find(isLock);
		if (!lock) throw new Error("was not locked");
		for (const { decision } of record.entries.slice(record.entries.indexOf(lock))) {
			decision.atUnixSeconds = (decision.atUnixSeconds ?? 0) + 12 * HOUR;
			decision.atPoweredOnSeconds = (decision.atPoweredOnSeconds ?? 0) + 12 * HOUR;
		}
		expect(brokenIn(audit(sealRecord(quiet, record))).join()).toContain("F14 locked in quiet hours");
		await quiet.deliver(lender, { release: { certificateId: "P-1" } });
		const freed = openRecord(quiet);
		freed.entries.push({
			decision: {
				...freed.entries.at(-1)?.decision,
				kind: DecisionKind.DECISION_KIND_STANDING,
				standing: Standing.STANDING_GRACE,
			},
		});
		expect(brokenIn(audit(sealRecord(quiet, freed))).join()).toContain("F7 the phone was free");
	});
});
