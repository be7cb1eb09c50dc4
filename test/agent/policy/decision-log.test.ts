import { createHash } from "node:crypto";

import { describe, expect, test } from "vitest";

import { type DecisionMade, nextHead, recentDecisions, record } from "../../../agent/policy/decision-log.ts";
import { type Decision, emptyLedger, type Ledger } from "../../../agent/policy/ledger.ts";
import { decode, encode } from "../../../proto/codec.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { wire } from "../../../proto/wire.ts";
import { EPOCH } from "../test-lender.ts";
import { boundPhone, PAID_UNTIL } from "./bound-phone.ts";

const { DECISION_KIND_BOUND: BOUND, DECISION_KIND_NOTICE_SHOWN: NOTICE_SHOWN } = wire.DecisionKind;
const written = (ledger: Ledger, made: DecisionMade) => record(nobleCrypto, ledger, made);
const last = ({ log }: Ledger) => recentDecisions(log).at(-1);

describe("a decision that is written down (F12)", () => {
	const lock = {
		standing: wire.Standing.STANDING_LOCKED_LIMITED,
		causes: [
			{ cause: wire.LockCause.LOCK_CAUSE_OFFLINE, level: 1, reason: 0, sequence: 0, sinceUnixSeconds: 0 },
			{ cause: wire.LockCause.LOCK_CAUSE_ORDERED, level: 1, reason: 8, sequence: 7, sinceUnixSeconds: 0 },
		],
	};
	const contact = { chargedMs: 600_000, prepaidUntilElapsedMs: 600_000 };
	const { ledger } = boundPhone({ at: 5.999, lock, contact });

	test("says what holds: number, times, standing, causes, paid-until and use without contact", () => {
		expect(last(written(ledger, { kind: BOUND }))).toEqual({
			number: 1,
			atUnixSeconds: EPOCH + 5,
			atPoweredOnSeconds: 5,
			kind: BOUND,
			standing: lock.standing,
			causes: [wire.LockCause.LOCK_CAUSE_OFFLINE, wire.LockCause.LOCK_CAUSE_ORDERED],
			orderEpoch: 0,
			orderSequence: 0,
			reason: 0,
			detail: "",
			paidUntilUnixSeconds: EPOCH + PAID_UNTIL,
			offlineSpentSeconds: 5,
			noticeKind: 0,
			noticeChannel: 0,
		});
	});

	test("says what was decided, as it was told", () => {
		const made = {
			kind: NOTICE_SHOWN,
			orderEpoch: 2,
			orderSequence: 7,
			reason: wire.ReasonCode.REASON_CODE_FRAUD,
			detail: "why",
			noticeKind: wire.NoticeKind.NOTICE_KIND_OVERDUE,
			noticeChannel: wire.NoticeChannel.NOTICE_CHANNEL_SMS,
		};
		expect(last(written(ledger, made))).toMatchObject(made);
	});

	test("has nothing to say of a contract where there is none", () => {
		expect(last(written(emptyLedger(), { kind: BOUND }))).toMatchObject({ paidUntilUnixSeconds: 0, atUnixSeconds: 0 });
	});

	test("waits for the host's record with what moved it, behind those of the same event", () => {
		const evidence = { orderEnvelope: Uint8Array.of(1, 2) };
		const { decided, log } = written(written(ledger, { kind: BOUND }), { kind: NOTICE_SHOWN, evidence });
		expect(decided).toEqual([{ decision: log.recent[0] }, { decision: log.recent[1], ...evidence }]);
	});

	test("changes nothing of the ledger but its log and what waits", () => {
		const { log, decided, ...rest } = written(ledger, { kind: BOUND });
		expect({ ...rest, log: ledger.log, decided: [] }).toEqual(ledger);
		expect([log.length, decided.length]).toEqual([1, 1]);
	});
});

describe("the chain (F12)", () => {
	/** The ledger after each of fourteen decisions, all of one event. */
	const fourteen = () => {
		const ledgers: Ledger[] = [];
		for (let number = 1; number <= 14; number += 1)
			ledgers.push(written(ledgers.at(-1) ?? emptyLedger(), { kind: BOUND, detail: `decision ${number}` }));
		return { ledgers, end: ledgers.at(-1) ?? emptyLedger() };
	};
	const sha256 = (...parts: Uint8Array[]) => new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());

	test("is SHA-256 of the head before and the decision, from 32 zero bytes on", () => {
		const { end } = fourteen();
		const bytes = end.decided.map(({ decision }) => decision ?? new Uint8Array());
		const head = bytes.reduce<Uint8Array>((before, decision) => sha256(before, decision), new Uint8Array(32));
		expect(end.log.head).toEqual(head);
	});

	test("covers all, numbered, of which the last twelve stay readable", () => {
		const { end } = fourteen();
		expect(end.log.length).toBe(14);
		expect(recentDecisions(end.log).map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
		expect(recentDecisions(end.log).at(-1)?.detail).toBe("decision 14");
	});

	test("can be followed by whoever has the decisions", () => {
		const { ledgers, end } = fourteen();
		const heads: Uint8Array[] = [];
		for (const { decision } of end.decided) {
			const read: Decision = decode(wire.Decision, decision ?? new Uint8Array());
			heads.push(nextHead(nobleCrypto, heads.at(-1) ?? new Uint8Array(), read));
		}
		expect(heads).toEqual(ledgers.map(({ log }) => log.head));
	});

	test("shows a decision that was changed", () => {
		const { ledgers, end } = fourteen();
		const [first] = recentDecisions(ledgers[0]?.log ?? end.log);
		if (!first) throw new Error("one decision");
		const forged = nextHead(nobleCrypto, new Uint8Array(), { ...first, detail: "decision 2" });
		expect(forged).not.toEqual(ledgers[0]?.log.head);
		expect(encode(wire.Decision, first)).toEqual(end.decided[0]?.decision);
	});
});
