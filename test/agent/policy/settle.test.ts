import { describe, expect, test } from "vitest";

import { recentDecisions } from "../../../agent/policy/decision-log.ts";
import { emptyLedger, emptyNotices, type Ledger } from "../../../agent/policy/ledger.ts";
import { createStandingRule } from "../../../agent/policy/machine.ts";
import { TICK_MS } from "../../../agent/policy/offline-budget.ts";
import { controlsOf } from "../../../agent/policy/posture.ts";
import { settle } from "../../../agent/policy/settle.ts";
import type { Situation } from "../../../agent/policy/situation.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH } from "../test-lender.ts";
import { boundPhone, PAID_UNTIL, seen } from "./bound-phone.ts";

const {
	STANDING_UNBOUND: UNBOUND,
	STANDING_UNLOCKED: UNLOCKED,
	STANDING_GRACE: GRACE,
	STANDING_LOCKED_LIMITED: LOCKED_LIMITED,
	STANDING_LOCKED_FULL: LOCKED_FULL,
	STANDING_RELEASED: RELEASED,
} = wire.Standing;
const { DECISION_KIND_STANDING: STANDING, DECISION_KIND_RELEASED: FREED } = wire.DecisionKind;
const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
const judge = { crypto: nobleCrypto, standingAfter: createStandingRule() };

const settled = (phone: Situation): Ledger => settle(judge, phone.ledger, phone);
const decisions = ({ log }: Ledger) => recentDecisions(log);
const kinds = (ledger: Ledger) => decisions(ledger).map(({ kind, standing }) => [kind, standing]);

const LOCK_AT = PAID_UNTIL + 3 * DAY;
const NOTICES = { shown: [0, 1, 2].map((day) => seen(PAID_UNTIL + day * DAY)) };
const orderedTo = (level: wire.RestrictionLevel) => ({
	cause: wire.LockCause.LOCK_CAUSE_ORDERED,
	level,
	reason: wire.ReasonCode.REASON_CODE_FRAUD,
	sequence: 7,
	sinceUnixSeconds: EPOCH,
});

describe("a phone without a contract", () => {
	test("states once that nothing should be restricted, and decides nothing", () => {
		const once = settle(judge, emptyLedger(), undefined);
		expect(once).toEqual({ ...emptyLedger(), posture: { ...emptyLedger().posture, revision: 1 } });
		expect(settle(judge, once, undefined)).toEqual(once);
	});

	test("of whose contract the terms are not understood restricts nothing", () => {
		const { ledger } = boundPhone({ lock: { standing: LOCKED_FULL }, posture: { ...emptyLedger().posture, wanted: 0 } });
		expect(settle(judge, ledger, undefined).lock).toEqual(ledger.lock);
	});

	test("of whose ended contract the terms are not understood is free all the same (F7)", () => {
		const phone = boundPhone({ lock: { standing: LOCKED_FULL }, contract: { releasedBy: wire.ReleaseCause.RELEASE_CAUSE_CODE } });
		const ledger = settle(judge, phone.ledger, undefined);
		expect([ledger.lock.standing, ledger.posture.wanted]).toEqual([RELEASED, 0]);
	});
});

describe("a bound phone", () => {
	test.each([
		["paid for is unlocked", PAID_UNTIL - 1, [[STANDING, UNLOCKED]]],
		[
			"past due is in grace",
			PAID_UNTIL,
			[
				[STANDING, UNLOCKED],
				[STANDING, GRACE],
			],
		],
		[
			"past grace and warned is limited, whatever level is asked for (F4)",
			LOCK_AT,
			[
				[STANDING, UNLOCKED],
				[STANDING, LOCKED_LIMITED],
			],
		],
	])("%s, and each step is written down", (_, at, expected) => {
		const ledger = settled(boundPhone({ at, notices: NOTICES, lock: { standing: UNBOUND } }));
		expect(kinds(ledger)).toEqual(expected);
	});

	test("pays for the tick that it is in", () => {
		expect(settled(boundPhone({ at: 1 })).contact).toMatchObject({ chargedMs: TICK_MS, prepaidUntilElapsedMs: TICK_MS });
	});

	test.each([
		["one millisecond before its dwell is over", -0.001, LOCKED_LIMITED],
		["when it is", 0, LOCKED_FULL],
	])("in LIMITED goes to FULL: %s (F4)", (_, seconds, standing) => {
		const lock = { standing: LOCKED_LIMITED, standingSincePoweredOnMs: LOCK_AT * 1000, causes: [orderedTo(FULL)] };
		expect(settled(boundPhone({ at: LOCK_AT + DAY + seconds, notices: NOTICES, lock })).lock.standing).toBe(standing);
	});

	test("in FULL comes down to LIMITED, to grace or to unlocked in one step (F4)", () => {
		const down = (at: number, causes: Ledger["lock"]["causes"]) =>
			kinds(settled(boundPhone({ at, lock: { standing: LOCKED_FULL, causes } })));
		expect(down(PAID_UNTIL - 1, [])).toEqual([[STANDING, UNLOCKED]]);
		expect(down(PAID_UNTIL, [])).toEqual([[STANDING, GRACE]]);
		expect(down(PAID_UNTIL, [orderedTo(LIMITED)])).toEqual([[STANDING, LOCKED_LIMITED]]);
	});

	test("remembers since when it is as it is, and since when it is locked", () => {
		const at = (standing: wire.Standing, causes: Ledger["lock"]["causes"], when: number) => {
			const lock = { standing, causes, standingSincePoweredOnMs: 5, lockedSincePoweredOnMs: 6 };
			const after = settled(boundPhone({ at: when, lock })).lock;
			return [after.standing, after.standingSincePoweredOnMs, after.lockedSincePoweredOnMs];
		};
		expect(at(UNLOCKED, [orderedTo(LIMITED)], 20 * DAY)).toEqual([LOCKED_LIMITED, 20 * DAY * 1000, 20 * DAY * 1000]);
		expect(at(LOCKED_LIMITED, [orderedTo(LIMITED)], 20 * DAY)).toEqual([LOCKED_LIMITED, 5, 6]);
		expect(at(LOCKED_LIMITED, [orderedTo(FULL)], 20 * DAY)).toEqual([LOCKED_FULL, 20 * DAY * 1000, 6]);
		expect(at(LOCKED_FULL, [orderedTo(LIMITED)], 20 * DAY)).toEqual([LOCKED_LIMITED, 20 * DAY * 1000, 6]);
		expect(at(LOCKED_FULL, [], 20 * DAY)).toEqual([UNLOCKED, 20 * DAY * 1000, 0]);
	});

	test("writes down the order that locked it, and none when it opens", () => {
		const [locked] = decisions(settled(boundPhone({ at: DAY, lock: { causes: [orderedTo(LIMITED)] } })));
		expect(locked).toMatchObject({ standing: LOCKED_LIMITED, orderSequence: 7, reason: wire.ReasonCode.REASON_CODE_FRAUD });
		const both = [{ ...orderedTo(LIMITED), cause: wire.LockCause.LOCK_CAUSE_OVERDUE, sequence: 0 }, orderedTo(LIMITED)];
		const [beside] = decisions(settled(boundPhone({ at: LOCK_AT, lock: { causes: both } })));
		expect(beside).toMatchObject({ standing: LOCKED_LIMITED, orderSequence: 7 });
		const lock = { standing: LOCKED_LIMITED, causes: [orderedTo(LIMITED)], passUntilPoweredOnMs: 2 * DAY * 1000 };
		const [opened] = decisions(settled(boundPhone({ at: DAY, lock })));
		expect(opened).toMatchObject({ standing: UNLOCKED, orderSequence: 0, reason: 0 });
		const [overdue] = decisions(settled(boundPhone({ at: LOCK_AT, notices: NOTICES })));
		expect(overdue).toMatchObject({ standing: LOCKED_LIMITED, orderSequence: 0 });
	});

	test("writes down a cause that joins a lock or leaves it, where the lock stays as it is (F12)", () => {
		const debt = { ...orderedTo(FULL), cause: wire.LockCause.LOCK_CAUSE_OVERDUE, reason: 0, sequence: 0 };
		const told = (at: number, causes: Ledger["lock"]["causes"]) => {
			const phone = boundPhone({ at, notices: NOTICES, lock: { standing: LOCKED_FULL, causes } });
			const ledger = settled(phone);
			expect(settle(judge, ledger, phone).log).toEqual(ledger.log);
			return decisions(ledger).map(({ kind, standing, causes, orderSequence }) => ({ kind, standing, causes, orderSequence }));
		};
		const { LOCK_CAUSE_OVERDUE: OVERDUE, LOCK_CAUSE_ORDERED: ORDERED } = wire.LockCause;
		const full = { kind: STANDING, standing: LOCKED_FULL, orderSequence: 7 };
		expect(told(LOCK_AT, [orderedTo(FULL)])).toEqual([{ ...full, causes: [OVERDUE, ORDERED] }]);
		expect(told(PAID_UNTIL - 1, [debt, orderedTo(FULL)])).toEqual([{ ...full, causes: [ORDERED] }]);
		expect(told(LOCK_AT, [debt, orderedTo(FULL)])).toEqual([]);
	});

	test("restricts what its standing says, and what its place protects stays open (F2)", () => {
		const lock = { standing: LOCKED_FULL, causes: [orderedTo(FULL)] };
		const wanted = (profile: Partial<Situation["profile"]>) =>
			controlsOf(settled(boundPhone({ at: DAY, lock, contract: { sealed: true }, profile })).posture.wanted);
		expect(wanted({})).toEqual(expect.arrayContaining(["lockTask", "outgoingCalls", "debugging"]));
		expect(wanted({ neverRestricted: ["outgoingCalls"] })).not.toContain("outgoingCalls");
	});

	test("keeps debugging open until it is sealed, and in a service window", () => {
		const wanted = (contract: Partial<Situation["contract"]>) =>
			controlsOf(settled(boundPhone({ at: DAY, contract })).posture.wanted).includes("debugging");
		const window = { serviceOpensAtUnixSeconds: EPOCH + DAY, serviceClosesAtUnixSeconds: EPOCH + DAY + 1 };
		expect([wanted({}), wanted({ sealed: true }), wanted({ sealed: true, ...window })]).toEqual([false, true, false]);
	});

	test("states a posture anew when another is wanted, and only then", () => {
		const first = settled(boundPhone({ at: DAY }));
		expect(first.posture.revision).toBe(1);
		expect(settle(judge, first, boundPhone()).posture).toEqual(first.posture);
		const locked = { ...first, lock: { ...first.lock, causes: [orderedTo(LIMITED)] } };
		expect(settle(judge, locked, boundPhone()).posture.revision).toBe(2);
	});
});

describe("the end (F7, F18)", () => {
	const full = {
		at: DAY,
		contract: { sealed: true, codeKey: Uint8Array.of(1), releasedBy: wire.ReleaseCause.RELEASE_CAUSE_ORDER },
		lock: {
			standing: LOCKED_FULL,
			causes: [orderedTo(FULL)],
			holds: [{ kind: wire.HoldKind.HOLD_KIND_DISPUTE, untilUnixSeconds: EPOCH + 9 * DAY }],
			passUntilPoweredOnMs: 5 * DAY * 1000,
			wrongfulLockMinutes: 7,
		},
		notices: NOTICES,
	};

	test("leaves nothing that could lock again, and restricts nothing", () => {
		const { lock, contract, notices, posture } = settled(boundPhone(full));
		expect(lock).toMatchObject({ standing: RELEASED, causes: [], holds: [], passUntilPoweredOnMs: 0 });
		expect(contract).toMatchObject({ releasedBy: full.contract.releasedBy, sealed: false, codeKey: new Uint8Array() });
		expect([notices, posture.wanted]).toEqual([emptyNotices(), 0]);
	});

	test("keeps what the lender owes the borrower", () => {
		expect(settled(boundPhone(full)).lock.wrongfulLockMinutes).toBe(7);
	});

	test("is written down once, with what brought it", () => {
		const ledger = settled(boundPhone(full));
		expect(kinds(ledger)).toEqual([
			[STANDING, RELEASED],
			[FREED, RELEASED],
		]);
		expect(decisions(ledger).at(-1)?.detail).toBe(String(full.contract.releasedBy));
		expect(settle(judge, ledger, boundPhone(full))).toEqual(ledger);
		expect(settle(judge, ledger, undefined)).toEqual(ledger);
	});

	test.each([
		["a lender that is gone (F16)", { at: 270 * DAY }, wire.ReleaseCause.RELEASE_CAUSE_DEAD_LENDER],
		[
			"a binding that nobody confirmed",
			{ at: 14 * DAY, contract: { confirmed: false } },
			wire.ReleaseCause.RELEASE_CAUSE_UNCONFIRMED,
		],
	])("comes by itself with %s", (_, says, cause) => {
		const ledger = settled(boundPhone(says));
		expect([ledger.lock.standing, ledger.contract?.releasedBy]).toEqual([RELEASED, cause]);
	});

	test("of a contract that was never settled goes the machine's way", () => {
		const ledger = settled(boundPhone({ ...full, lock: { standing: UNBOUND } }));
		expect(kinds(ledger)).toEqual([
			[STANDING, RELEASED],
			[FREED, RELEASED],
		]);
	});

	test("keeps the cause that it had, whatever would end it later", () => {
		expect(settled(boundPhone({ ...full, at: 300 * DAY })).contract?.releasedBy).toBe(full.contract.releasedBy);
	});

	test("does not come back: no debt, order or notice locks again", () => {
		const freed = settled(boundPhone(full));
		const later = boundPhone({ at: LOCK_AT });
		const ledger = {
			...freed,
			time: later.ledger.time,
			lock: { ...freed.lock, causes: [orderedTo(FULL)] },
			notices: { ...emptyNotices(), ...NOTICES },
		};
		expect(settle(judge, ledger, later).lock).toMatchObject({ standing: RELEASED, causes: [] });
	});
});
