import type { BorrowerView } from "../../registry/borrower/borrower-request.ts";
import type { Column } from "./posture-table.ts";

/** The one sentence that stands above all others: a group of words in the languages' `status`. */
export type StatusKind =
	| "notEnrolled"
	| "released"
	| "ending"
	| "unlockComing"
	| "notTold"
	| "lockedOverdue"
	| "lockedOffline"
	| "lockedOrdered"
	| "lockedOther"
	| "held"
	| "grace"
	| "overdue"
	| "paid";

/** How a sentence is to be taken, beside its words. */
export type Mood = "good" | "wait" | "grave";

const MOODS: Readonly<Record<StatusKind, Mood>> = {
	notEnrolled: "wait",
	released: "good",
	ending: "wait",
	unlockComing: "wait",
	notTold: "wait",
	lockedOverdue: "grave",
	lockedOffline: "grave",
	lockedOrdered: "grave",
	lockedOther: "grave",
	held: "wait",
	grace: "wait",
	overdue: "grave",
	paid: "good",
};

/** What is told of a contract. A phone that says that it is locked is never told of as if it were not. */
export function statusOf(view: BorrowerView): { readonly kind: StatusKind; readonly mood: Mood; readonly isHeldToo: boolean } {
	const kind = kindOf(view);
	return {
		kind,
		mood: MOODS[kind],
		isHeldToo: view.heldUntilUnixSeconds !== undefined && kind !== "held" && view.state === "open",
	};
}

function kindOf({ findings, state, phone, paymentStanding }: BorrowerView): StatusKind {
	const found = new Set(findings);
	if (found.has("not_enrolled")) return state === "open" ? "notEnrolled" : "ending";
	if (found.has("released")) return "released";
	if (state !== "open") return "ending";
	if (found.has("unlock_on_its_way")) return "unlockComing";
	if (found.has("phone_was_not_online")) return "notTold";
	if (isLocked(phone?.level)) {
		if (found.has("ordered_lock")) return "lockedOrdered";
		if (phone?.lockCauses.includes("overdue")) return "lockedOverdue";
		return found.has("offline_lock") ? "lockedOffline" : "lockedOther";
	}
	if (!found.has("not_paid")) return "paid";
	if (found.has("on_hold")) return "held";
	return paymentStanding === "grace" ? "grace" : "overdue";
}

function isLocked(level: "none" | "limited" | "full" | undefined): boolean {
	return level === "limited" || level === "full";
}

/** The column of the posture table that the phone goes by; `undefined` when nothing is restricted at all. */
export function columnOf({ phone, findings, paymentStanding }: BorrowerView): Column | undefined {
	if (!phone || findings.includes("released")) return undefined;
	if (phone.level === "limited" || phone.level === "full") return phone.level;
	return paymentStanding === "grace" || paymentStanding === "overdue" ? "grace" : "unlocked";
}

/** What came of looking again. */
export function newsBetween(before: BorrowerView, after: BorrowerView): "paymentFound" | "changed" | "nothingNew" {
	if (after.payments.length > before.payments.length || after.paidUntilUnixSeconds > before.paidUntilUnixSeconds)
		return "paymentFound";
	const told = (view: BorrowerView) =>
		JSON.stringify([
			statusOf(view),
			view.findings,
			view.phone?.level,
			view.phone?.lastCheckInUnixSeconds,
			view.orders,
			view.mayAskCode,
		]);
	return told(before) === told(after) ? "nothingNew" : "changed";
}
