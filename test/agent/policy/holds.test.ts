import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { grantHold, holdInForce, isDisputed, isHoldKind, openDispute } from "../../../agent/policy/holds.ts";
import { emptyLock, type LockRecord } from "../../../agent/policy/ledger.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH } from "../test-lender.ts";

const {
	HOLD_KIND_DISPUTE: DISPUTE,
	HOLD_KIND_PROMISE_TO_PAY: PROMISE,
	HOLD_KIND_DISASTER: DISASTER,
	HOLD_KIND_CLEARING: CLEARING,
} = wire.HoldKind;
const LONGEST = [
	[DISPUTE, 30],
	[PROMISE, 14],
	[DISASTER, 90],
	[CLEARING, 7],
] as const;

const locked = (...holds: LockRecord["holds"]): LockRecord => ({ ...emptyLock(), wrongfulLockMinutes: 7, holds });
const hold = (kind: wire.HoldKind, untilUnixSeconds: number) => ({ kind, untilUnixSeconds });

describe("granting a hold", () => {
	test.each(LONGEST)("of kind %i lasts %i days at the longest (F13, F14)", (kind, days) => {
		const granted = (until: number) => grantHold(locked(), kind, until, EPOCH).holds;
		expect(granted(EPOCH + days * DAY - 1)).toEqual([hold(kind, EPOCH + days * DAY - 1)]);
		expect(granted(EPOCH + days * DAY)).toEqual([hold(kind, EPOCH + days * DAY)]);
		expect(granted(EPOCH + days * DAY + 1)).toEqual([hold(kind, EPOCH + days * DAY)]);
	});

	test("of no kind that is known is none: not even for a moment", () => {
		const unknown: wire.HoldKind = Number("9");
		expect(grantHold(locked(), unknown, EPOCH + DAY, EPOCH).holds).toEqual([]);
		expect([wire.HoldKind.HOLD_KIND_UNSPECIFIED, unknown].map(isHoldKind)).toEqual([false, false]);
		expect(LONGEST.map(([kind]) => isHoldKind(kind))).toEqual([true, true, true, true]);
	});

	test("that is over already, or just now, leaves nothing behind", () => {
		expect(grantHold(locked(), PROMISE, EPOCH - 1, EPOCH).holds).toEqual([]);
		expect(grantHold(locked(), PROMISE, EPOCH, EPOCH).holds).toEqual([]);
		expect(grantHold(locked(), PROMISE, EPOCH + 1, EPOCH).holds).toEqual([hold(PROMISE, EPOCH + 1)]);
	});

	test("never shortens one that is there, and puts a longer one in its place", () => {
		const before = locked(hold(PROMISE, EPOCH + 5 * DAY));
		expect(grantHold(before, PROMISE, EPOCH + 2 * DAY, EPOCH).holds).toEqual([hold(PROMISE, EPOCH + 5 * DAY)]);
		expect(grantHold(before, PROMISE, EPOCH + 8 * DAY, EPOCH).holds).toEqual([hold(PROMISE, EPOCH + 8 * DAY)]);
	});

	test("leaves holds of other kinds as they are, and forgets those that are over", () => {
		const before = locked(hold(DISPUTE, EPOCH + 9 * DAY), hold(CLEARING, EPOCH), hold(DISASTER, EPOCH + 1));
		expect(grantHold(before, PROMISE, EPOCH + DAY, EPOCH).holds).toEqual([
			hold(DISPUTE, EPOCH + 9 * DAY),
			hold(DISASTER, EPOCH + 1),
			hold(PROMISE, EPOCH + DAY),
		]);
	});

	test("changes nothing else of the lock", () => {
		expect(grantHold(locked(), PROMISE, EPOCH + DAY, EPOCH)).toEqual(locked(hold(PROMISE, EPOCH + DAY)));
	});

	test("again and again without end reaches no further than its kind from the last grant (F13)", () => {
		const grants = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 20 * DAY }), until: fc.integer({ min: 0, max: 2e9 }) }));
		fc.assert(
			fc.property(fc.constantFrom(...LONGEST), grants, ([kind, days], story) => {
				let lock = locked();
				let now = EPOCH;
				for (const { gap, until } of story) {
					now += gap;
					lock = grantHold(lock, kind, until, now);
					for (const { untilUnixSeconds } of lock.holds) expect(untilUnixSeconds).toBeLessThanOrEqual(now + days * DAY);
				}
			}),
		);
	});
});

describe("the hold in force", () => {
	test("is there until the second in which it ends", () => {
		const lock = locked(hold(PROMISE, EPOCH));
		expect([-1, 0, 1].map((seconds) => holdInForce(lock, EPOCH + seconds)?.kind)).toEqual([PROMISE, undefined, undefined]);
	});

	test("is the one that stands longest, wherever it is written", () => {
		const [short, long] = [hold(PROMISE, EPOCH + 1), hold(DISASTER, EPOCH + 2)];
		expect(holdInForce(locked(short, long), EPOCH)).toEqual(long);
		expect(holdInForce(locked(long, short), EPOCH)).toEqual(long);
		expect(holdInForce(locked(), EPOCH)).toBeUndefined();
	});

	test("is the first of two that end together", () => {
		expect(holdInForce(locked(hold(DISASTER, EPOCH + 1), hold(PROMISE, EPOCH + 1)), EPOCH)?.kind).toBe(DISASTER);
	});
});

describe("a dispute (F13)", () => {
	test("stands until the second in which it ends, whatever holds stand beside it", () => {
		const lock = locked(hold(DISASTER, EPOCH + DAY), hold(DISPUTE, EPOCH));
		expect([-1, 0, 1].map((seconds) => isDisputed(lock, EPOCH + seconds))).toEqual([true, false, false]);
		expect(isDisputed(locked(hold(DISASTER, EPOCH + DAY)), EPOCH)).toBe(false);
	});

	test("that the borrower opens stands for fourteen days and is remembered for the period", () => {
		const paidUntil = EPOCH + 3 * DAY;
		expect(openDispute(locked(), paidUntil, EPOCH)).toEqual({
			...locked(hold(DISPUTE, EPOCH + 14 * DAY)),
			disputedPaidUntilUnixSeconds: paidUntil,
		});
	});

	test("is opened once for each period that is paid for, and again in the next", () => {
		const once = openDispute(locked(), EPOCH, EPOCH) ?? locked();
		expect(openDispute(once, EPOCH, EPOCH + 20 * DAY)).toBeUndefined();
		const again = openDispute(once, EPOCH + 30 * DAY, EPOCH + 40 * DAY);
		expect(again?.holds).toEqual([hold(DISPUTE, EPOCH + 54 * DAY)]);
	});

	test("that the lender granted for longer is not shortened by the borrower's own", () => {
		const granted = grantHold(locked(), DISPUTE, EPOCH + 30 * DAY, EPOCH);
		expect(openDispute(granted, EPOCH, EPOCH)?.holds).toEqual([hold(DISPUTE, EPOCH + 30 * DAY)]);
	});
});
