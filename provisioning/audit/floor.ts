import { wire } from "../../proto/wire.ts";
import { type Agreement, dwellSeconds, graceSeconds, highestLevel, isQuiet, lastOfflineWarning } from "./agreement.ts";
import { isLocked, type Life, type Notice } from "./life.ts";
import { broken, type Decision, type Finding } from "./report.ts";

// The borrower's floor once more, from the text of F1 to F18 and the places' data, without a line of the agent's. It looks at the
// record only: an emergency call, a stale payment feed and the replies that paid the offline budget back are not in it.

const { STANDING_LOCKED_LIMITED: LIMITED, STANDING_LOCKED_FULL: FULL } = wire.Standing;
const {
	RESTRICTION_LEVEL_NONE: NO_LEVEL,
	RESTRICTION_LEVEL_LIMITED: LIMITED_LEVEL,
	RESTRICTION_LEVEL_FULL: FULL_LEVEL,
} = wire.RestrictionLevel;
const DAY = 24 * 3600;
/** F5: nothing new for this long, powered-on, after the record was lost or put back, while the lender has not answered. */
const RECOVERY_GRACE = 72 * 3600;
/** A lock warning of the lender warns of nothing any more after this, powered-on. */
const WARNING_LIFE = 60 * DAY;
/** F5: the tick that pays for the present moment. */
const PREPAID_TICK = 300;
const RESTRICTING = [
	wire.ReasonCode.REASON_CODE_OVERDUE,
	wire.ReasonCode.REASON_CODE_THEFT_REPORTED,
	wire.ReasonCode.REASON_CODE_FRAUD,
	wire.ReasonCode.REASON_CODE_RETURNED,
];

/** What is wrong with a decision's standing and causes, given the life before it. Empty: the floor was kept. */
export function judgeStanding(life: Life, decision: Decision): Finding[] {
	return [
		...judgeRest(life, decision),
		...judgeCauses(life, decision),
		...(isStep(decision) && isTightening(life.standing, decision.standing) ? judgeTightening(life, decision) : []),
	];
}

function isStep({ kind }: Decision): boolean {
	return kind === wire.DecisionKind.DECISION_KIND_STANDING;
}

function isTightening(before: wire.Standing | undefined, after: wire.Standing): boolean {
	if (!isLocked(after)) return false;
	return before === undefined || !isLocked(before) || (before === LIMITED && after === FULL);
}

/** Between two steps nothing changes, and what was promised for now holds now. */
function judgeRest(life: Life, decision: Decision): Finding[] {
	const findings: Finding[] = [];
	const { STANDING_RELEASED: RELEASED } = wire.Standing;
	if (life.standing === RELEASED && decision.standing !== RELEASED)
		findings.push(broken("F7", "the phone was free, and is not any more"));
	if (!isStep(decision) && life.standing !== undefined && decision.standing !== life.standing)
		findings.push(broken("F12", "the standing changed without a decision that says so"));
	// What lifts the last cause is an order; that the lock ends with it is the next decision.
	const isLifted = decision.kind === wire.DecisionKind.DECISION_KIND_ORDER_ACCEPTED && decision.detail === "restore";
	if (isLocked(decision.standing) && decision.causes.length === 0 && !isLifted)
		findings.push(broken("F11", "locked without a cause"));
	if (isLocked(decision.standing) && decision.atPoweredOnSeconds < life.passUntil)
		findings.push(broken("F13", "locked while an emergency pass was in use"));
	if (decision.standing === FULL && isHeld(life, decision, wire.HoldKind.HOLD_KIND_DISPUTE))
		findings.push(broken("F13", "at FULL while a dispute stood"));
	const grace = life.contract ? graceSeconds(life.contract.agreement) : 0;
	const isOverdue = decision.causes.includes(wire.LockCause.LOCK_CAUSE_OVERDUE);
	// A code's own decisions stand side by side; what follows from them comes after both.
	const isSettled = decision.kind !== wire.DecisionKind.DECISION_KIND_CONTACT_RESTORED;
	if (isSettled && isLocked(decision.standing) && isOverdue && decision.atUnixSeconds < life.paidUntil + grace)
		findings.push(broken("F6", "still locked for a debt that was not due any more"));
	return findings;
}

function judgeTightening(life: Life, decision: Decision): Finding[] {
	const findings: Finding[] = [];
	const { contract } = life;
	if (!contract) return [broken("F10", "locked without a contract")];
	const { agreement } = contract;
	const now = decision.atPoweredOnSeconds;
	if (life.confirmed === false) findings.push(broken("F10", "locked before the lender had confirmed the binding"));
	if (life.recoverySince !== undefined && now < life.recoverySince + RECOVERY_GRACE)
		findings.push(broken("F5", "locked too soon after the record was lost or put back"));
	for (const [kind, rule] of HOLDS) {
		if (isHeld(life, decision, kind)) findings.push(broken(rule, "locked, or locked higher, while a hold was in force"));
	}
	if (isQuiet(agreement, decision.atUnixSeconds)) findings.push(broken("F14", "locked in quiet hours, or on a quiet day"));

	if (decision.standing === FULL) {
		if (life.standing !== undefined && life.standing !== LIMITED) findings.push(broken("F4", "two levels up at once"));
		else if (life.standingSince === undefined) findings.push(before("F4", "how long it had been at LIMITED"));
		else if (now < life.standingSince + dwellSeconds(agreement))
			findings.push(broken("F4", "went to FULL before the least time at LIMITED was over"));
	}
	const level = decision.standing === FULL ? FULL_LEVEL : LIMITED_LEVEL;
	if (level > highestLevel(agreement)) findings.push(broken("F4", "a higher level than terms or place allow"));
	const asked = Math.max(NO_LEVEL, ...decision.causes.map((cause) => levelOf(life, agreement, cause)));
	if (level > asked) findings.push(broken("F4", "a higher level than any of its causes asks for"));
	return findings;
}

/** Holds and the promise that each keeps. */
const HOLDS: readonly [wire.HoldKind, string][] = [
	[wire.HoldKind.HOLD_KIND_DISPUTE, "F13"],
	[wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY, "F13"],
	[wire.HoldKind.HOLD_KIND_CLEARING, "F13"],
	[wire.HoldKind.HOLD_KIND_DISASTER, "F14"],
];

function isHeld(life: Life, decision: Decision, kind: wire.HoldKind): boolean {
	return decision.atUnixSeconds < (life.holds.get(kind) ?? 0);
}

function levelOf(life: Life, { terms }: Agreement, cause: wire.LockCause): wire.RestrictionLevel {
	switch (cause) {
		case wire.LockCause.LOCK_CAUSE_OVERDUE:
			return terms.ladder.maxLevel;
		case wire.LockCause.LOCK_CAUSE_OFFLINE:
			return terms.offline.level;
		case wire.LockCause.LOCK_CAUSE_ORDERED:
			return life.orderedLock?.level ?? (life.beginsAt ? FULL_LEVEL : NO_LEVEL);
		case wire.LockCause.LOCK_CAUSE_OBSERVED:
			return LIMITED_LEVEL;
		default:
			return NO_LEVEL;
	}
}

/** Each cause that is new with this decision: whether it could begin. */
function judgeCauses(life: Life, decision: Decision): Finding[] {
	const { contract, causes } = life;
	const begun = decision.causes.filter((cause) => !causes?.includes(cause));
	if (begun.length === 0) return [];
	if (!contract) return [broken("F10", "a cause for a lock without a contract")];
	return begun.flatMap((cause) => {
		const finding = judgeCause(life, contract.agreement, decision, cause);
		if (!finding) return [];
		// The first decision of a file that begins late may show causes that are older than it.
		return [causes === undefined ? before(finding.rule, "what the cause of the lock rests on") : finding];
	});
}

function judgeCause(life: Life, agreement: Agreement, decision: Decision, cause: wire.LockCause): Finding | undefined {
	switch (cause) {
		case wire.LockCause.LOCK_CAUSE_OVERDUE:
			return objectionToOverdue(life, agreement, decision);
		case wire.LockCause.LOCK_CAUSE_OFFLINE:
			return objectionToOffline(life, agreement, decision);
		case wire.LockCause.LOCK_CAUSE_ORDERED:
			// The order itself is judged where it is accepted.
			return life.orderedLock || isAcceptedRestrict(decision)
				? undefined
				: broken("F15", "no order in the record asks for this lock");
		case wire.LockCause.LOCK_CAUSE_OBSERVED:
			return objectionToObserved(life, agreement, decision);
		default:
			return broken("F3", "a cause that nobody knows");
	}
}

function isAcceptedRestrict({ kind, detail }: Decision): boolean {
	return kind === wire.DecisionKind.DECISION_KIND_ORDER_ACCEPTED && detail === "restrict";
}

/** F3: why an order to restrict could not be obeyed at a decision. `undefined`: it could. */
export function objectionToRestrict(
	life: Life,
	agreement: Agreement,
	decision: Decision,
	reason: wire.ReasonCode,
): Finding | undefined {
	if (life.confirmed === false) return broken("F10", "ordered before the lender had confirmed the binding");
	if (!RESTRICTING.includes(reason)) return broken("F3", "not a reason to restrict");
	const hold = HOLDS.find(([kind]) => isHeld(life, decision, kind));
	if (hold) return broken(hold[1], "ordered while a hold was in force");
	if (reason === wire.ReasonCode.REASON_CODE_OVERDUE) return objectionToOverdue(life, agreement, decision);
	return objectionToWarnings(life, agreement, decision);
}

function objectionToOverdue(life: Life, agreement: Agreement, decision: Decision): Finding | undefined {
	if (decision.atUnixSeconds < life.paidUntil + graceSeconds(agreement)) return broken("F3", "locked before the grace was over");
	const countsFrom = life.paidUntil + agreement.profile.notices.firstNotBeforePastDueSeconds;
	const counted = [...life.notices.values()].filter(
		({ kind, onScreen }) =>
			(kind === wire.NoticeKind.NOTICE_KIND_OVERDUE || kind === wire.NoticeKind.NOTICE_KIND_LOCK_WARNING) &&
			onScreen !== undefined &&
			onScreen.atUnixSeconds >= countsFrom,
	);
	const mayBeEarlier = life.beginsAt !== undefined && countsFrom <= life.beginsAt.atUnixSeconds;
	return haveAged(agreement, counted, decision)
		? undefined
		: missing(mayBeEarlier, "F3", "not all of its notices were shown, or they had not aged");
}

function objectionToWarnings(life: Life, agreement: Agreement, decision: Decision): Finding | undefined {
	const counted = [...life.notices.values()].filter(
		({ kind, onScreen }) =>
			kind === wire.NoticeKind.NOTICE_KIND_LOCK_WARNING &&
			onScreen !== undefined &&
			decision.atPoweredOnSeconds - onScreen.atPoweredOnSeconds <= WARNING_LIFE,
	);
	const { beginsAt } = life;
	const mayBeEarlier = beginsAt !== undefined && decision.atPoweredOnSeconds - beginsAt.atPoweredOnSeconds <= WARNING_LIFE;
	return haveAged(agreement, counted, decision)
		? undefined
		: missing(mayBeEarlier, "F3", "not all of the lock warnings were shown, or they had not aged");
}

function objectionToOffline(life: Life, agreement: Agreement, decision: Decision): Finding | undefined {
	const { offline } = agreement.terms;
	if (offline.budgetSeconds === 0 || offline.level === NO_LEVEL) return broken("F5", "these terms know no offline lock");
	if (decision.offlineSpentSeconds + PREPAID_TICK < offline.budgetSeconds)
		return broken("F5", "the offline budget was not spent");
	const last = lastOfflineWarning(agreement);
	const warning = life.offlineWarning;
	const isLast = warning?.remainingSeconds === last.remainingSeconds;
	if (isLast && decision.atPoweredOnSeconds - warning.atPoweredOnSeconds >= last.standsSeconds) return undefined;
	const mayBeEarlier = life.beginsAt !== undefined && !life.wasPaidBack && !isLast;
	return missing(mayBeEarlier, "F5", "the last offline warning was not shown, or not long enough");
}

function objectionToObserved(life: Life, agreement: Agreement, decision: Decision): Finding | undefined {
	const { observations } = agreement.terms;
	const bySim = (observations?.onSimChange ?? NO_LEVEL) > NO_LEVEL && life.simChanged !== false;
	const byAttestation = (observations?.onAttestationChange ?? NO_LEVEL) > NO_LEVEL && life.attestationChanged !== false;
	if (!bySim && !byAttestation) return broken("F3", "nothing that was observed may lock under these terms");
	return objectionToWarnings(life, agreement, decision);
}

/** F3: so many notices, each so long after the one before, by so many channels, and so old. */
function haveAged({ terms, profile }: Agreement, candidates: readonly Notice[], decision: Decision): boolean {
	const count = Math.max(terms.notices.count, profile.notices.minCount);
	const channels = Math.max(terms.notices.minChannels, profile.notices.minChannels);
	if (new Set(candidates.flatMap((notice) => notice.channels)).size < channels) return false;
	const shownAt = candidates.map(({ onScreen }) => onScreen?.atPoweredOnSeconds ?? 0).sort((a, b) => a - b);
	const cureAfter = (index: number) =>
		Math.max(
			terms.notices.minSpacingSeconds,
			index === 0 ? profile.notices.cureAfterFirstSeconds : 0,
			index === count - 1 ? profile.notices.cureAfterLastSeconds : 0,
		);
	let counted = 0;
	let next = Number.NEGATIVE_INFINITY;
	for (const at of shownAt) {
		if (counted === count || at < next) continue;
		next = at + cureAfter(counted);
		counted += 1;
	}
	const first = shownAt[0] ?? Number.POSITIVE_INFINITY;
	return counted === count && decision.atPoweredOnSeconds >= Math.max(next, first + profile.notices.minTotalSeconds);
}

function before(rule: string, what: string): Finding {
	return { severity: "unknown", rule, what: `${what}: that lies before this file begins` };
}

/** Something that should be there and is not; not known if it may have been before the file begins. */
function missing(mayBeEarlier: boolean, rule: string, what: string): Finding {
	return mayBeEarlier ? before(rule, what) : broken(rule, what);
}
