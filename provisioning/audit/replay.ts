import type { Message } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { isRoleCurrent } from "../../proto/roles.ts";
import { wire } from "../../proto/wire.ts";
import { passSeconds } from "./agreement.ts";
import {
	type Checked,
	checkBinding,
	checkKeysTaken,
	checkNewTerms,
	checkOrder,
	checkRebind,
	checkReply,
	type Order,
} from "./evidence.ts";
import { judgeStanding, objectionToRestrict } from "./floor.ts";
import { type Contract, isLocked, type Life } from "./life.ts";
import { broken, type Decision, type Finding } from "./report.ts";
import { owedMinutes } from "./wrongful.ts";

export type Entry = Message<wire.RecordEntry.$Properties>;

/** A life after one more decision, and what was wrong with that decision. */
export interface Step {
	readonly life: Life;
	readonly findings: readonly Finding[];
}

const { DecisionKind } = wire;
const DAY = 24 * 3600;
const CLOCK_SPREAD = 3600;
/** F13: a dispute that the borrower opens alone stands so long. */
const OWN_DISPUTE = 14 * DAY;
/** F13, F14: longest that a hold of each kind may stand. */
const LONGEST_HOLD: ReadonlyMap<wire.HoldKind, number> = new Map([
	[wire.HoldKind.HOLD_KIND_DISPUTE, 30 * DAY],
	[wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY, 14 * DAY],
	[wire.HoldKind.HOLD_KIND_DISASTER, 90 * DAY],
	[wire.HoldKind.HOLD_KIND_CLEARING, 7 * DAY],
]);

/** Lives one more decision: judges it by the life before it, and takes it into account. */
export function replay(crypto: Crypto, before: Life, entry: Entry, decision: Decision): Step {
	const life = arrive(before, decision);
	// Judged by the life before it, so before anything moves.
	const standing = judgeStanding(life, decision);
	const moved = move(crypto, life, entry, decision);
	const { paidUntil } = moved.life;
	const findings = [
		...judgeOrder(before, decision),
		...(before.counted && decision.kind !== DecisionKind.DECISION_KIND_ORDER_ACCEPTED
			? [broken("F6", "wrongful minutes were counted that no order owes")]
			: []),
		...standing,
		...moved.findings,
		...(decision.paidUntilUnixSeconds === paidUntil
			? []
			: [broken("F12", "paid-until is not what the orders and codes in the record make of it")]),
		...(hasStrayEvidence(entry, decision) ? [broken("F12", "something is attached that this decision does not rest on")] : []),
	];
	return { life: settle(moved.life, decision), findings };
}

/** The moment is reached: what ends by itself has ended. */
function arrive(life: Life, decision: Decision): Life {
	const isPaidBack = decision.offlineSpentSeconds < life.at.offlineSpentSeconds;
	return isPaidBack ? { ...life, offlineWarning: undefined, wasPaidBack: true } : life;
}

/** Numbers without gaps, times that never go back (F12). */
function judgeOrder({ at }: Life, decision: Decision): Finding[] {
	const findings: Finding[] = [];
	if (decision.number !== at.number + 1) findings.push(broken("F12", `number ${decision.number} does not follow ${at.number}`));
	if (decision.atUnixSeconds < at.atUnixSeconds || decision.atPoweredOnSeconds < at.atPoweredOnSeconds)
		findings.push(broken("F12", "time goes backward"));
	return findings;
}

/** What stands after the decision. */
function settle(life: Life, decision: Decision): Life {
	const { standing, causes, atPoweredOnSeconds: now } = decision;
	const isStanding = decision.kind === DecisionKind.DECISION_KIND_STANDING;
	const isStep = isStanding && standing !== life.standing;
	const begins = isStep && isLocked(standing) && !isLocked(life.standing);
	return {
		...life,
		standing,
		causes,
		standingSince: isStep ? now : life.standingSince,
		lockedSince: begins ? now : isLocked(standing) ? life.lockedSince : undefined,
		orderedLock: isStanding && !causes.includes(wire.LockCause.LOCK_CAUSE_ORDERED) ? undefined : life.orderedLock,
		tookCode: decision.kind === DecisionKind.DECISION_KIND_CODE_ACCEPTED,
		counted: decision.kind === DecisionKind.DECISION_KIND_WRONGFUL_MINUTES ? life.counted : undefined,
		at: decision,
	};
}

function hasStrayEvidence({ evidence }: Entry, { kind }: Decision): boolean {
	switch (kind) {
		case DecisionKind.DECISION_KIND_BOUND:
			return evidence !== "bound";
		case DecisionKind.DECISION_KIND_CONFIRMED:
			return evidence !== "replyEnvelope";
		case DecisionKind.DECISION_KIND_CONTACT_RESTORED:
			return evidence !== undefined && evidence !== "replyEnvelope";
		case DecisionKind.DECISION_KIND_ORDER_ACCEPTED:
		case DecisionKind.DECISION_KIND_ORDER_REFUSED:
		case DecisionKind.DECISION_KIND_KEYS_TAKEN:
			return evidence !== "orderEnvelope";
		default:
			return evidence !== undefined;
	}
}

function as(life: Life, ...findings: Finding[]): Step {
	return { life, findings };
}

function move(crypto: Crypto, life: Life, entry: Entry, decision: Decision): Step {
	const { contract } = life;
	const { kind, atPoweredOnSeconds: now, atUnixSeconds, detail } = decision;
	if (kind === DecisionKind.DECISION_KIND_BOUND) return bound(crypto, life, entry, decision);
	if (kind === DecisionKind.DECISION_KIND_RECORD_LOST || kind === DecisionKind.DECISION_KIND_RECORD_RESTORED)
		return as(contract ? { ...life, recoverySince: life.recoverySince ?? now } : life);
	if (!contract) return as(life, broken("F10", "a decision about a contract that was never bound"));
	switch (kind) {
		case DecisionKind.DECISION_KIND_CONFIRMED:
			return replied(crypto, { ...life, confirmed: true }, contract, entry);
		case DecisionKind.DECISION_KIND_CONTACT_RESTORED: {
			const restored = { ...life, recoverySince: undefined };
			if (life.tookCode && detail === "code" && entry.evidence === undefined) return as(restored);
			return replied(crypto, restored, contract, entry);
		}
		case DecisionKind.DECISION_KIND_KEYS_TAKEN:
			return keysTaken(crypto, life, contract, entry);
		case DecisionKind.DECISION_KIND_ORDER_ACCEPTED:
		case DecisionKind.DECISION_KIND_ORDER_REFUSED:
			return ordered(crypto, life, contract, entry, decision);
		case DecisionKind.DECISION_KIND_NOTICE_SHOWN:
			return noticeShown(life, decision);
		case DecisionKind.DECISION_KIND_PASS_TAKEN:
			return as({ ...life, passUntil: now + passSeconds(contract.agreement) });
		case DecisionKind.DECISION_KIND_DISPUTE_OPENED:
			return as(held(life, wire.HoldKind.HOLD_KIND_DISPUTE, atUnixSeconds + OWN_DISPUTE));
		case DecisionKind.DECISION_KIND_CODE_ACCEPTED:
			return codeAccepted(life, decision);
		case DecisionKind.DECISION_KIND_WRONGFUL_MINUTES:
			return wrongfulMinutes(life, decision);
		case DecisionKind.DECISION_KIND_RELEASED:
			return released(life, contract, decision);
		case DecisionKind.DECISION_KIND_SIM_CHANGED:
			return as({ ...life, simChanged: detail === "changed" });
		case DecisionKind.DECISION_KIND_ATTESTATION_CHANGED:
			return as({ ...life, attestationChanged: detail === "changed" });
		case DecisionKind.DECISION_KIND_SEALED:
			return life.confirmed === false ? as(life, broken("F10", "sealed before the lender had confirmed")) : as(life);
		case DecisionKind.DECISION_KIND_STANDING:
		case DecisionKind.DECISION_KIND_OWNERSHIP_RETURNED:
		case DecisionKind.DECISION_KIND_IDENTITY_CHANGED:
		case DecisionKind.DECISION_KIND_CODES_SIGNED_ONLY:
			return as(life);
		default:
			return as(life, broken("F12", "a kind of decision that this audit does not know"));
	}
}

function unless<Value>(life: Life, checked: Checked<Value>, then: (value: Value) => Step): Step {
	return "finding" in checked ? as(life, checked.finding) : then(checked.value);
}

function bound(crypto: Crypto, life: Life, { bound: evidence }: Entry, decision: Decision): Step {
	if (life.contract) return as(life, broken("F15", "bound a second time"));
	if (!evidence) return as(life, broken("F12", "the binding is not in the record"));
	return unless(life, checkBinding(crypto, evidence, decision.atPoweredOnSeconds), (contract) =>
		as({ ...life, contract, confirmed: false, paidUntil: contract.agreement.terms.initialPaidUntilUnixSeconds }),
	);
}

function replied(crypto: Crypto, after: Life, contract: Contract, { replyEnvelope }: Entry): Step {
	if (!replyEnvelope) return as(after, broken("F12", "the lender's answer is not in the record"));
	return unless(after, checkReply(crypto, contract, replyEnvelope), () => as(after));
}

function keysTaken(crypto: Crypto, life: Life, contract: Contract, { orderEnvelope }: Entry): Step {
	if (!orderEnvelope) return as(life, broken("F12", "the new keys are not in the record"));
	return unless(life, checkKeysTaken(crypto, contract, orderEnvelope), (keySet) => {
		const lastSequence = keySet.epoch > contract.keySet.epoch ? 0 : life.lastSequence;
		return as({ ...life, contract: { ...contract, keySet }, lastSequence });
	});
}

function ordered(crypto: Crypto, life: Life, contract: Contract, { orderEnvelope }: Entry, decision: Decision): Step {
	if (!orderEnvelope) return as(life, broken("F12", "the order is not in the record"));
	return unless(life, checkOrder(crypto, contract, orderEnvelope), ({ order, role }) => {
		const findings: Finding[] = [];
		const isSame =
			decision.orderSequence === order.sequence && decision.orderEpoch === order.epoch && decision.reason === order.reason;
		if (!isSame) findings.push(broken("F12", "not the order that the decision names"));
		const { lastSequence } = life;
		const isInTurn = lastSequence === undefined || order.sequence > lastSequence;
		if (!isInTurn && order.action !== "release") findings.push(broken("F15", "an order whose turn was over"));
		// A release comes at any time and takes no turn that is not its own.
		const takesTurn = isInTurn && order.epoch === contract.keySet.epoch;
		const turned: Life = takesTurn ? { ...life, lastSequence: order.sequence } : life;
		if (decision.kind === DecisionKind.DECISION_KIND_ORDER_REFUSED) return as(turned, ...findings);
		if (decision.detail !== order.action) findings.push(broken("F12", "not what the order says"));
		const owed = owedMinutes(turned, contract.agreement.profile, order, decision);
		const paid: Life = { ...turned, wrongfulMinutesOwed: turned.wrongfulMinutesOwed + owed.minutes };
		const obeyed = obey(crypto, paid, contract, { order, role }, decision);
		return as(obeyed.life, ...findings, ...(owed.finding ? [owed.finding] : []), ...obeyed.findings);
	});
}

function obey(
	crypto: Crypto,
	life: Life,
	contract: Contract,
	{ order, role }: { readonly order: Order; readonly role: wire.Role },
	decision: Decision,
): Step {
	const { atUnixSeconds: now } = decision;
	const late: Finding[] = [];
	// What only loosens is never too late.
	if (order.restrict || order.notice || order.rebind) {
		if (now >= order.expiresAtUnixSeconds || !isRoleCurrent(contract.keySet, role, now))
			late.push(broken("F15", "an order that had expired, or whose signer had"));
		if (order.issuedAtUnixSeconds > now + CLOCK_SPREAD) late.push(broken("F15", "an order from the future"));
	}
	if (order.extend) return as({ ...life, paidUntil: Math.max(life.paidUntil, order.extend.paidUntilUnixSeconds) }, ...late);
	if (order.restrict) {
		const { reason, sequence } = order;
		const objection = objectionToRestrict(life, contract.agreement, decision, reason);
		const orderedLock = { level: order.restrict.level, reason, sequence };
		return as({ ...life, orderedLock }, ...late, ...(objection ? [objection] : []));
	}
	if (order.restore) return as({ ...life, orderedLock: undefined, simChanged: false, attestationChanged: false }, ...late);
	if (order.notice) {
		life.ordered.set(order.notice.noticeId, order.notice.kind);
		return as(life, ...late);
	}
	if (order.hold) {
		const longest = LONGEST_HOLD.get(order.hold.kind) ?? 0;
		return as(held(life, order.hold.kind, Math.min(order.hold.untilUnixSeconds, now + longest)), ...late);
	}
	if (order.release) return as({ ...life, releaseOrdered: true }, ...late);
	const changed = order.rebind
		? checkRebind(crypto, contract, order.rebind.bindingEnvelope)
		: order.newTerms
			? checkNewTerms(crypto, contract, order.newTerms, role)
			: { value: contract };
	return unless(life, changed, (value) => as({ ...life, contract: value }, ...late));
}

function held(life: Life, kind: wire.HoldKind, until: number): Life {
	return { ...life, holds: new Map(life.holds).set(kind, Math.max(until, life.holds.get(kind) ?? 0)) };
}

/** Own notices are known by their ids; the lender's must have come by an order. */
function noticeShown(life: Life, decision: Decision): Step {
	const { detail: id, noticeKind: kind, noticeChannel: channel, atUnixSeconds, atPoweredOnSeconds } = decision;
	const onScreen = channel === wire.NoticeChannel.NOTICE_CHANNEL_SCREEN;
	const offline = /^offline-\d{1,16}-(\d{1,16})$/.exec(id);
	if (offline && kind === wire.NoticeKind.NOTICE_KIND_OFFLINE_WARNING && !life.ordered.has(id)) {
		const warning = { remainingSeconds: Number(offline[1]), atPoweredOnSeconds };
		return as(onScreen ? { ...life, offlineWarning: warning } : life);
	}
	const known = life.ordered.get(id);
	const isOwn = /^overdue-\d{1,16}-\d{1,3}$/.test(id);
	const findings: Finding[] = [];
	if (known !== undefined ? known !== kind : !isOwn && !life.beginsAt)
		findings.push(broken("F3", "a notice that neither an order brought nor the agent gives"));
	const before = life.notices.get(id);
	const isKnown = channel >= wire.NoticeChannel.NOTICE_CHANNEL_SCREEN && channel <= wire.NoticeChannel.NOTICE_CHANNEL_CALL;
	if (!isKnown) findings.push(broken("F3", "carried by a channel that nobody knows"));
	const carried = before?.channels ?? [];
	const channels = carried.includes(channel) || !isKnown ? carried : [...carried, channel];
	const shown = { kind, channels, onScreen: before?.onScreen ?? (onScreen ? { atUnixSeconds, atPoweredOnSeconds } : undefined) };
	life.notices.set(id, shown);
	return as(life, ...findings);
}

/** Codes are secrets between phone and lender, so only their bounds can be checked here: days as they say, never back. */
function codeAccepted(life: Life, { detail, paidUntilUnixSeconds: paidUntil, atUnixSeconds: now }: Decision): Step {
	if (detail === "release") return as({ ...life, codeReleased: true });
	const [, kind, value] = /^(set|add|automatic) (\d{1,3})$/.exec(detail) ?? [];
	const from = kind === "set" ? now : life.paidUntil;
	const most = kind ? Math.max(life.paidUntil, from + Number(value) * DAY) : life.paidUntil;
	const isWithin = paidUntil >= life.paidUntil && paidUntil <= most;
	return isWithin ? as({ ...life, paidUntil }) : as(life, broken("F12", "more or less time than the code says"));
}

/** Counted just before the order that owes them: wrongful.ts. */
function wrongfulMinutes(life: Life, { detail, atPoweredOnSeconds: now }: Decision): Step {
	const minutes = /^\d{1,9}$/.test(detail) ? Number(detail) : Number.NaN;
	if (Number.isNaN(minutes)) return as(life, broken("F6", "wrongful minutes without a number"));
	const counted = { minutes, lockedSince: life.lockedSince };
	return as({ ...life, wrongfulMinutes: life.wrongfulMinutes + minutes, lockedSince: now, counted });
}

/** A contract ends by the lender's order, by its code, or by time (F16). */
function released(life: Life, { agreement: { terms }, boundAt }: Contract, decision: Decision): Step {
	const { ReleaseCause } = wire;
	const { atUnixSeconds: at, atPoweredOnSeconds: now } = decision;
	const lastWord = Math.max(terms.instalments.at(-1)?.dueAtUnixSeconds ?? 0, life.paidUntil);
	const grounds: Readonly<Record<string, boolean>> = {
		[ReleaseCause.RELEASE_CAUSE_ORDER]: life.releaseOrdered,
		[ReleaseCause.RELEASE_CAUSE_CODE]: life.codeReleased,
		[ReleaseCause.RELEASE_CAUSE_DEAD_LENDER]: at + 1 >= lastWord + terms.deadLenderReleaseSeconds,
		[ReleaseCause.RELEASE_CAUSE_UNCONFIRMED]:
			life.confirmed !== true && (boundAt === undefined || now + 1 >= boundAt + terms.unconfirmedReleaseSeconds),
	};
	return grounds[decision.detail] ? as(life) : as(life, broken("F7", "freed without a ground that the record shows"));
}
