import { wire } from "../../proto/wire.ts";
import type { Decision } from "./report.ts";

const { DecisionKind, Standing, LockCause, ReasonCode, NoticeKind, NoticeChannel, ReleaseCause } = wire;

/** What was decided, in plain words. */
export function wordsOf(decision: Decision): string {
	const { kind, detail } = decision;
	switch (kind) {
		case DecisionKind.DECISION_KIND_BOUND:
			return "the contract was bound to this phone";
		case DecisionKind.DECISION_KIND_CONFIRMED:
			return "the lender confirmed the contract";
		case DecisionKind.DECISION_KIND_SEALED:
			return "USB debugging was switched off";
		case DecisionKind.DECISION_KIND_STANDING:
			return standingWords(decision);
		case DecisionKind.DECISION_KIND_ORDER_ACCEPTED:
			return `order ${orderName(decision)} obeyed: ${ORDERS[detail] ?? shown(detail)}${because(decision)}`;
		case DecisionKind.DECISION_KIND_ORDER_REFUSED:
			return `order ${orderName(decision)} refused: ${shown(detail)}${because(decision)}`;
		case DecisionKind.DECISION_KIND_NOTICE_SHOWN:
			return `${NOTICES[decision.noticeKind] ?? "a notice"}, ${CHANNELS[decision.noticeChannel] ?? "by some channel"} (${shown(detail)})`;
		case DecisionKind.DECISION_KIND_PASS_TAKEN:
			return "the borrower took an emergency pass";
		case DecisionKind.DECISION_KIND_DISPUTE_OPENED:
			return "the borrower opened a dispute";
		case DecisionKind.DECISION_KIND_RELEASED:
			return `free for ever, ${RELEASES[detail] ?? shown(detail)}`;
		case DecisionKind.DECISION_KIND_OWNERSHIP_RETURNED:
			return "the agent gave up its control of the phone";
		case DecisionKind.DECISION_KIND_RECORD_LOST:
			return "the agent's memory was lost";
		case DecisionKind.DECISION_KIND_RECORD_RESTORED:
			return "an earlier memory of the agent was put back";
		case DecisionKind.DECISION_KIND_IDENTITY_CHANGED:
			return "the phone's IMEIs are not those of the contract any more";
		case DecisionKind.DECISION_KIND_SIM_CHANGED:
			return detail === "changed" ? "another SIM is in the phone" : "the first SIM is in the phone again";
		case DecisionKind.DECISION_KIND_ATTESTATION_CHANGED:
			return detail === "changed" ? "the phone attests itself otherwise than before" : "the phone attests itself as before";
		case DecisionKind.DECISION_KIND_CODE_ACCEPTED:
			return `a code was accepted: ${shown(detail)}`;
		case DecisionKind.DECISION_KIND_CODES_SIGNED_ONLY:
			return "after many wrong codes only signed orders count";
		case DecisionKind.DECISION_KIND_CONTACT_RESTORED:
			return "the lender answered after its word was required";
		case DecisionKind.DECISION_KIND_WRONGFUL_MINUTES:
			return `${shown(detail)} minutes of the lock were wrongful`;
		case DecisionKind.DECISION_KIND_KEYS_TAKEN:
			return `newer keys of the lender were taken, version ${shown(detail)}`;
		default:
			return `decision of kind ${kind}`;
	}
}

/** Where the contract stands, in a word. */
export function standingName(standing: wire.Standing): string {
	return (STANDINGS[standing] ?? `standing ${standing}`).toString();
}

function standingWords({ standing, causes, orderSequence, reason }: Decision): string {
	const why = causes.map((cause) => CAUSES[cause] ?? `cause ${cause}`).join(" and ");
	const isLocked = standing === Standing.STANDING_LOCKED_LIMITED || standing === Standing.STANDING_LOCKED_FULL;
	const ordered = isLocked && orderSequence > 0 ? ` (order ${orderSequence}, ${reasonName(reason)})` : "";
	return isLocked ? `${standingName(standing)}: ${why || "no cause"}${ordered}` : `now ${standingName(standing)}`;
}

function orderName({ orderEpoch, orderSequence }: Decision): string {
	return `${orderEpoch}/${orderSequence}`;
}

function because({ reason }: Decision): string {
	return reason === ReasonCode.REASON_CODE_UNSPECIFIED ? "" : `, because ${reasonName(reason)}`;
}

function reasonName(reason: wire.ReasonCode): string {
	return (ReasonCode[reason] ?? `reason ${reason}`).replace("REASON_CODE_", "").toLowerCase().replaceAll("_", " ");
}

/** Text of the file, as far as it can be printed: it comes from outside. */
function shown(text: string): string {
	const printable = text.replace(/[^\x20-\x7e]/g, "?");
	return printable.length > 80 ? `${printable.slice(0, 77)}...` : printable;
}

type Words = Readonly<Record<string, string | undefined>>;

const STANDINGS: Words = {
	[Standing.STANDING_UNBOUND]: "unbound",
	[Standing.STANDING_UNLOCKED]: "unlocked",
	[Standing.STANDING_GRACE]: "grace",
	[Standing.STANDING_LOCKED_LIMITED]: "locked, limited",
	[Standing.STANDING_LOCKED_FULL]: "locked, full",
	[Standing.STANDING_RELEASED]: "released",
};
const CAUSES: Words = {
	[LockCause.LOCK_CAUSE_OVERDUE]: "payment overdue",
	[LockCause.LOCK_CAUSE_OFFLINE]: "no contact with the lender for too long",
	[LockCause.LOCK_CAUSE_ORDERED]: "by order",
	[LockCause.LOCK_CAUSE_OBSERVED]: "the phone was changed",
};
const ORDERS: Words = {
	extend: "paid until a later time",
	restrict: "restrict",
	restore: "lift a restriction",
	notice: "a notice to be shown",
	hold: "hold off locks",
	serviceWindow: "open USB debugging for a technician",
	rebind: "the same contract on a changed handset",
	newTerms: "other terms",
	newKeys: "newer keys",
	release: "free the phone for ever",
};
const NOTICES: Words = {
	[NoticeKind.NOTICE_KIND_DUE_SOON]: "notice that payment is due soon",
	[NoticeKind.NOTICE_KIND_OVERDUE]: "notice that payment is overdue",
	[NoticeKind.NOTICE_KIND_LOCK_WARNING]: "warning of a lock",
	[NoticeKind.NOTICE_KIND_OFFLINE_WARNING]: "warning that contact with the lender is missing",
	[NoticeKind.NOTICE_KIND_INFORMATION]: "notice",
};
const CHANNELS: Words = {
	[NoticeChannel.NOTICE_CHANNEL_SCREEN]: "on the screen",
	[NoticeChannel.NOTICE_CHANNEL_NOTIFICATION]: "as a notification",
	[NoticeChannel.NOTICE_CHANNEL_SMS]: "by text message",
	[NoticeChannel.NOTICE_CHANNEL_CALL]: "by a call",
};
const RELEASES: Words = {
	[ReleaseCause.RELEASE_CAUSE_ORDER]: "by the lender's order",
	[ReleaseCause.RELEASE_CAUSE_CODE]: "by the release code",
	[ReleaseCause.RELEASE_CAUSE_DEAD_LENDER]: "because the lender has been silent since long after the last due date",
	[ReleaseCause.RELEASE_CAUSE_UNCONFIRMED]: "because the lender never confirmed the contract",
};
