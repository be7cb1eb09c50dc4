import { wire } from "../../proto/wire.ts";
import type { LockRecord } from "./ledger.ts";

const DAY = 24 * 3600;
/** A dispute that the borrower opens alone. */
const OWN_DISPUTE_SECONDS = 14 * DAY;

/** Longest that a hold of each kind may stand, so that a stolen key cannot give a phone away (F13, F14). */
const LONGEST: ReadonlyMap<wire.HoldKind, number> = new Map([
	[wire.HoldKind.HOLD_KIND_DISPUTE, 30 * DAY],
	[wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY, 14 * DAY],
	[wire.HoldKind.HOLD_KIND_DISASTER, 90 * DAY],
	[wire.HoldKind.HOLD_KIND_CLEARING, 7 * DAY],
]);

/** Whether a kind of hold is known. */
export function isHoldKind(kind: wire.HoldKind): boolean {
	return LONGEST.has(kind);
}

/** Grants a hold, no longer than its kind may stand. Never shortens one that is there. */
export function grantHold(lock: LockRecord, kind: wire.HoldKind, untilUnixSeconds: number, now: number): LockRecord {
	const until = Math.min(untilUnixSeconds, now + (LONGEST.get(kind) ?? 0));
	const before = lock.holds.find((hold) => hold.kind === kind)?.untilUnixSeconds ?? 0;
	const others = lock.holds.filter((hold) => hold.kind !== kind && hold.untilUnixSeconds > now);
	const longer = Math.max(until, before);
	return { ...lock, holds: longer > now ? [...others, { kind, untilUnixSeconds: longer }] : others };
}

/** The hold that stands longest; `undefined` if none does. */
export function holdInForce(lock: LockRecord, now: number): { kind: wire.HoldKind; untilUnixSeconds: number } | undefined {
	return lock.holds
		.filter((hold) => now < hold.untilUnixSeconds)
		.reduce<LockRecord["holds"][number] | undefined>(
			(longest, hold) => (longest && longest.untilUnixSeconds >= hold.untilUnixSeconds ? longest : hold),
			undefined,
		);
}

/** Whether a dispute stands: then nothing above LIMITED is in force (F13). */
export function isDisputed(lock: LockRecord, now: number): boolean {
	return lock.holds.some((hold) => hold.kind === wire.HoldKind.HOLD_KIND_DISPUTE && now < hold.untilUnixSeconds);
}

/** The borrower disputes: a hold, once for each period that is paid for. `undefined` if this period had its dispute. */
export function openDispute(lock: LockRecord, paidUntil: number, now: number): LockRecord | undefined {
	if (lock.disputedPaidUntilUnixSeconds === paidUntil) return undefined;
	const held = grantHold(lock, wire.HoldKind.HOLD_KIND_DISPUTE, now + OWN_DISPUTE_SECONDS, now);
	return { ...held, disputedPaidUntilUnixSeconds: paidUntil };
}
