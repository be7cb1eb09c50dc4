import { wire } from "../../proto/wire.ts";
import type { Situation } from "./situation.ts";
import { isLocked } from "./standings.ts";
import { trustedNow } from "./trusted-time.ts";

const MINUTE_MS = 60_000;

/** Why a lock may have been wrong, in an order's words. */
export interface Excuse {
	readonly reason: wire.ReasonCode;
	/** When the lender received the payment that the order tells of, or 0. */
	readonly receivedAtUnixSeconds: number;
}

/**
 * Minutes of the present lock that turn out wrongful with an order that opens it (F6): all of them if the lender calls the lock
 * its own mistake; if a payment took longer than the place allows to reach the phone, those since then. Powered-on minutes,
 * begun ones counted whole. Whoever counts them begins the lock anew, so that none is counted twice.
 */
export function wrongfulMinutes({ ledger, profile }: Situation, { reason, receivedAtUnixSeconds }: Excuse): number {
	const { lock, time } = ledger;
	if (!isLocked(lock.standing)) return 0;
	const lockedMs = time.poweredOnMs - lock.lockedSincePoweredOnMs;
	if (reason === wire.ReasonCode.REASON_CODE_LENDER_ERROR) return Math.ceil(lockedMs / MINUTE_MS);
	if (receivedAtUnixSeconds === 0 || !lock.causes.some(({ cause }) => cause === wire.LockCause.LOCK_CAUSE_OVERDUE)) return 0;
	const lateMs = (trustedNow(time) - receivedAtUnixSeconds) * 1000 - profile.restoreMaxMinutes * MINUTE_MS;
	return Math.max(0, Math.ceil(Math.min(lockedMs, lateMs) / MINUTE_MS));
}
