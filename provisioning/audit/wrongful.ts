import type { Jurisdiction } from "../../proto/jurisdiction.ts";
import { wire } from "../../proto/wire.ts";
import type { Order } from "./evidence.ts";
import { isLocked, type Life } from "./life.ts";
import { broken, type Decision, type Finding } from "./report.ts";

/** Decisions are told to the second, so what the phone counted to the millisecond may lie a second to either side. */
const PRECISION = 0.999;

/**
 * Minutes of a lock that an order makes wrongful (F6): all of it if the lender calls it its own mistake; if a payment took longer
 * than the place allows to reach the phone, what came after. Powered-on, begun minutes whole.
 */
export function owedMinutes(
	life: Life,
	{ restoreMaxMinutes }: Jurisdiction,
	order: Order,
	decision: Decision,
): { readonly minutes: number; readonly finding?: Finding } {
	const counted = life.counted?.minutes ?? 0;
	const isCounted = (order.extend || order.restore) && isLocked(life.standing);
	if (!isCounted) return counted === 0 ? { minutes: 0 } : { minutes: 0, finding: broken("F6", NOT_OWED) };
	const since = life.counted ? life.counted.lockedSince : life.lockedSince;
	// The lock began before this file does.
	if (since === undefined) return { minutes: counted };
	const lockedFor = decision.atPoweredOnSeconds - since;
	const late = lateness(life, order, decision, restoreMaxMinutes);
	const least = minutes(Math.min(lockedFor - PRECISION, late));
	const most = minutes(Math.min(lockedFor + PRECISION, late));
	if (counted >= least && counted <= most) return { minutes: counted };
	const owed = counted < least ? least : most;
	return { minutes: owed, finding: broken("F6", `${counted} wrongful minutes were counted, ${owed} are owed`) };
}

const NOT_OWED = "wrongful minutes were counted that the order does not owe";

/** Seconds of a lock, counted from its end, that an order makes wrongful at most. */
function lateness(life: Life, order: Order, { atUnixSeconds }: Decision, restoreMaxMinutes: number): number {
	if (order.reason === wire.ReasonCode.REASON_CODE_LENDER_ERROR) return Number.POSITIVE_INFINITY;
	const receivedAt = order.extend?.receivedAtUnixSeconds ?? 0;
	if (receivedAt === 0 || !life.causes?.includes(wire.LockCause.LOCK_CAUSE_OVERDUE)) return 0;
	return atUnixSeconds - receivedAt - restoreMaxMinutes * 60;
}

function minutes(seconds: number): number {
	return Math.max(0, Math.ceil(seconds / 60));
}
