import { wire } from "../../proto/wire.ts";
import { screenView, type Way, waysOf } from "./screen-view.ts";
import type { Decided } from "./simulated-phone.ts";

/** A promise of agent/PROMISES.md. */
export type RuleName = `F${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18}`;

/** What happened to the phone, in a word. */
export type MomentKind =
	| "bound"
	| "confirmed"
	| "sealed"
	| "unlocked"
	| "grace"
	| "limited"
	| "full"
	| "orderObeyed"
	| "orderRefused"
	| "noticeOnScreen"
	| "noticeAsNotification"
	| "passTaken"
	| "disputeOpened"
	| "released"
	| "ownershipReturned"
	| "codeAccepted"
	| "codesSignedOnly"
	| "contactRestored"
	| "wrongfulMinutes"
	| "keysTaken"
	| "other";

/** A decision of the agent, as a line of a timeline. */
export interface Moment {
	/** Its number in the record. */
	readonly number: number;
	/** By the clock on the wall. */
	readonly atUnixSeconds: number;
	readonly kind: MomentKind;
	/** Why it locked: overdue, offline, ordered, observed. */
	readonly causes: readonly string[];
	/** The promise that it rests on. */
	readonly rule: RuleName;
	/** Notice: what it is about. Order: what it asked, or the rule it was refused by. Release: its cause. Minutes: how many. */
	readonly detail: string;
	/** What the borrower can do from here. */
	readonly ways: readonly Way[];
}

const { DecisionKind, Standing, LockCause, NoticeKind, NoticeChannel } = wire;

/** A decision as a moment. */
export function momentOf({ decision, atUnixSeconds, effects }: Decided): Moment {
	const causes = decision.causes.map((cause) => CAUSES[cause] ?? "other");
	const { kind, rule, detail } = told(decision, causes);
	return { number: decision.number, atUnixSeconds, kind, causes, rule, detail, ways: waysOf(screenView(effects)) };
}

type Told = Pick<Moment, "kind" | "rule" | "detail">;

function told(decision: Decided["decision"], causes: readonly string[]): Told {
	const { detail } = decision;
	switch (decision.kind) {
		case DecisionKind.DECISION_KIND_STANDING:
			return { ...standingTold(decision.standing, causes), detail: "" };
		case DecisionKind.DECISION_KIND_NOTICE_SHOWN: {
			const isOnScreen = decision.noticeChannel === NoticeChannel.NOTICE_CHANNEL_SCREEN;
			const kind = isOnScreen ? "noticeOnScreen" : "noticeAsNotification";
			const about = NOTICES[decision.noticeKind] ?? "information";
			return { kind, rule: about === "offlineWarning" ? "F5" : "F3", detail: about };
		}
		case DecisionKind.DECISION_KIND_ORDER_ACCEPTED:
			return { kind: "orderObeyed", rule: ORDER_RULES[detail] ?? "F15", detail };
		case DecisionKind.DECISION_KIND_ORDER_REFUSED:
			return { kind: "orderRefused", rule: isRule(detail) ? detail : "F15", detail };
		case DecisionKind.DECISION_KIND_RELEASED: {
			const cause = RELEASES[detail] ?? "other";
			return { kind: "released", rule: cause === "deadLender" ? "F16" : cause === "unconfirmed" ? "F10" : "F7", detail: cause };
		}
		default: {
			const [kind, rule] = OTHERS[decision.kind] ?? ["other", "F12"];
			return { kind, rule, detail };
		}
	}
}

function standingTold(standing: wire.Standing, causes: readonly string[]): Pick<Told, "kind" | "rule"> {
	switch (standing) {
		case Standing.STANDING_GRACE:
			return { kind: "grace", rule: "F3" };
		case Standing.STANDING_LOCKED_LIMITED:
			return { kind: "limited", rule: causes.includes("overdue") || !causes.includes("offline") ? "F3" : "F5" };
		case Standing.STANDING_LOCKED_FULL:
			return { kind: "full", rule: "F4" };
		case Standing.STANDING_RELEASED:
			return { kind: "released", rule: "F7" };
		default:
			return { kind: "unlocked", rule: "F6" };
	}
}

function isRule(text: string): text is RuleName {
	return /^F(?:1[0-8]?|[2-9])$/.test(text);
}

const CAUSES: Readonly<Record<number, string>> = {
	[LockCause.LOCK_CAUSE_OVERDUE]: "overdue",
	[LockCause.LOCK_CAUSE_OFFLINE]: "offline",
	[LockCause.LOCK_CAUSE_ORDERED]: "ordered",
	[LockCause.LOCK_CAUSE_OBSERVED]: "observed",
};
const NOTICES: Readonly<Record<number, string>> = {
	[NoticeKind.NOTICE_KIND_DUE_SOON]: "dueSoon",
	[NoticeKind.NOTICE_KIND_OVERDUE]: "overdue",
	[NoticeKind.NOTICE_KIND_LOCK_WARNING]: "lockWarning",
	[NoticeKind.NOTICE_KIND_OFFLINE_WARNING]: "offlineWarning",
	[NoticeKind.NOTICE_KIND_INFORMATION]: "information",
};
const ORDER_RULES: Readonly<Record<string, RuleName>> = {
	extend: "F6",
	restore: "F6",
	hold: "F13",
	restrict: "F3",
	notice: "F3",
	release: "F7",
	newTerms: "F10",
};
const RELEASES: Readonly<Record<string, string>> = {
	[wire.ReleaseCause.RELEASE_CAUSE_ORDER]: "order",
	[wire.ReleaseCause.RELEASE_CAUSE_CODE]: "code",
	[wire.ReleaseCause.RELEASE_CAUSE_DEAD_LENDER]: "deadLender",
	[wire.ReleaseCause.RELEASE_CAUSE_UNCONFIRMED]: "unconfirmed",
};
const OTHERS: Readonly<Record<number, readonly [MomentKind, RuleName]>> = {
	[DecisionKind.DECISION_KIND_BOUND]: ["bound", "F10"],
	[DecisionKind.DECISION_KIND_CONFIRMED]: ["confirmed", "F10"],
	[DecisionKind.DECISION_KIND_SEALED]: ["sealed", "F10"],
	[DecisionKind.DECISION_KIND_PASS_TAKEN]: ["passTaken", "F13"],
	[DecisionKind.DECISION_KIND_DISPUTE_OPENED]: ["disputeOpened", "F13"],
	[DecisionKind.DECISION_KIND_OWNERSHIP_RETURNED]: ["ownershipReturned", "F7"],
	[DecisionKind.DECISION_KIND_CODE_ACCEPTED]: ["codeAccepted", "F6"],
	[DecisionKind.DECISION_KIND_CODES_SIGNED_ONLY]: ["codesSignedOnly", "F15"],
	[DecisionKind.DECISION_KIND_CONTACT_RESTORED]: ["contactRestored", "F5"],
	[DecisionKind.DECISION_KIND_WRONGFUL_MINUTES]: ["wrongfulMinutes", "F6"],
	[DecisionKind.DECISION_KIND_KEYS_TAKEN]: ["keysTaken", "F15"],
};
