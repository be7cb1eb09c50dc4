import { decode } from "../../proto/codec.ts";
import { type FloorRule, objectionsToTerms } from "../../proto/terms-floor.ts";
import { wire } from "../../proto/wire.ts";
import { forgiveBadCodes } from "../policy/code-entry.ts";
import { record } from "../policy/decision-log.ts";
import { objectionToOrderedLock } from "../policy/floor.ts";
import { grantHold, isHoldKind } from "../policy/holds.ts";
import type { CauseRecord, ContractRecord, Ledger } from "../policy/ledger.ts";
import { addPending } from "../policy/notices.ts";
import { takeAsRight } from "../policy/observations.ts";
import type { Situation } from "../policy/situation.ts";
import { finalDue, MAX_EXTENSION_SECONDS, readAgreement } from "../policy/terms.ts";
import { isSameContract, movesLender, waysTightened } from "../policy/terms-change.ts";
import { trustedNow } from "../policy/trusted-time.ts";
import { wrongfulMinutes } from "../policy/wrongful-minutes.ts";
import { checkConsent, verifyBinding } from "./binding-checks.ts";
import type { Order } from "./orders.ts";
import type { OrderRefusal } from "./outcomes.ts";
import { isRefused } from "./refusals.ts";
import type { Tools } from "./turn.ts";

const DAY = 24 * 3600;
const MAX_SERVICE_SECONDS = DAY;
const MAX_NOTICE_ID = 64;
const MAX_NOTICE_TEXT = 500;
const MAX_NOTICE_LANGUAGES = 16;

/** What became of an authentic order in its turn. */
export type Obeyed = { readonly ledger: Ledger } | { readonly refusal: OrderRefusal } | { readonly rule: FloorRule };

const outOfBounds: Obeyed = { refusal: "OUT_OF_BOUNDS" };

/**
 * Whether an order makes anything harder for the borrower. Such an order expires, and its signer's role does. A notice
 * counts toward a lock, so it is one.
 */
export function tightens(tools: Tools, ledger: Ledger, order: Order): boolean {
	switch (order.action) {
		case "restrict":
		case "notice":
		case "rebind":
			return true;
		case "newTerms": {
			const before = tools.agreementOf(ledger);
			const after = readAgreement(order.newTerms?.terms ?? new Uint8Array());
			return !before || "problem" in after || waysTightened(before.terms, after.terms).length > 0;
		}
		default:
			return false;
	}
}

/**
 * Does what an order says, as far as the floor allows.
 *
 * @param situation `undefined` only for a release, which needs no terms.
 */
export function obey(tools: Tools, ledger: Ledger, situation: Situation | undefined, order: Order, role: wire.Role): Obeyed {
	if (order.release) return release(ledger);
	if (!situation) return outOfBounds;
	if (order.extend) return extend(tools, situation, order, order.extend.paidUntilUnixSeconds);
	if (order.restrict) return restrict(situation, order, order.restrict.level);
	if (order.restore) return { ledger: restore(tools, situation, order) };
	if (order.notice) return notice(situation, order.notice);
	if (order.hold) return hold(situation, order.hold.kind, order.hold.untilUnixSeconds);
	if (order.serviceWindow) {
		return serviceWindow(situation, order.serviceWindow.opensAtUnixSeconds, order.serviceWindow.closesAtUnixSeconds);
	}
	if (order.rebind) return rebind(tools, situation, order.rebind.bindingEnvelope);
	if (order.newTerms) return newTerms(tools, situation, order.newTerms.terms, order.newTerms.consent, role);
	return outOfBounds;
}

function changed({ ledger, contract }: Situation, changes: Partial<ContractRecord>): Ledger {
	return { ...ledger, contract: { ...contract, ...changes } };
}

/** F7: absorbing. What follows from it is settle.ts. */
function release(ledger: Ledger): Obeyed {
	if (!ledger.contract || ledger.contract.releasedBy) return { ledger };
	return { ledger: { ...ledger, contract: { ...ledger.contract, releasedBy: wire.ReleaseCause.RELEASE_CAUSE_ORDER } } };
}

function extend(tools: Tools, situation: Situation, order: Order, paidUntil: number): Obeyed {
	if (paidUntil > finalDue(situation.terms) + MAX_EXTENSION_SECONDS) return outOfBounds;
	const { contract } = situation;
	const counted = countWrongful(tools, situation, order);
	return {
		ledger: {
			...counted,
			contract: { ...contract, paidUntilUnixSeconds: Math.max(contract.paidUntilUnixSeconds, paidUntil) },
			codes: forgiveBadCodes(counted.codes),
		},
	};
}

/** The order asks; how far it is obeyed is the caps' and the dwell's business, at every moment anew. */
function restrict(situation: Situation, order: Order, level: wire.RestrictionLevel): Obeyed {
	const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
	if (level !== LIMITED && level !== FULL) return outOfBounds;
	const objection = objectionToOrderedLock(situation, order.reason);
	if (objection) return { rule: objection.rule };
	const { ledger } = situation;
	const cause: CauseRecord = {
		cause: wire.LockCause.LOCK_CAUSE_ORDERED,
		level,
		reason: order.reason,
		sequence: order.sequence,
		sinceUnixSeconds: trustedNow(ledger.time),
	};
	return { ledger: { ...ledger, lock: { ...ledger.lock, causes: [...withoutOrdered(ledger), cause] } } };
}

/** What an order locked is open again, and what the phone observes of itself is right from now on. */
function restore(tools: Tools, situation: Situation, order: Order): Ledger {
	const ledger = countWrongful(tools, situation, order);
	const lock = { ...ledger.lock, causes: withoutOrdered(ledger) };
	return { ...ledger, lock, observations: takeAsRight(ledger.observations), codes: forgiveBadCodes(ledger.codes) };
}

function withoutOrdered(ledger: Ledger): CauseRecord[] {
	return ledger.lock.causes.filter((cause) => cause.cause !== wire.LockCause.LOCK_CAUSE_ORDERED);
}

/** F6: minutes that were wrongful are counted for the borrower, and written down. */
function countWrongful(tools: Tools, situation: Situation, { reason, extend }: Order): Ledger {
	const { ledger } = situation;
	const minutes = wrongfulMinutes(situation, { reason, receivedAtUnixSeconds: extend?.receivedAtUnixSeconds ?? 0 });
	if (minutes === 0) return ledger;
	const { lock, time } = ledger;
	// Counted from here on as a lock of its own, so that a second order does not count the same minutes.
	const counted = { ...lock, wrongfulLockMinutes: lock.wrongfulLockMinutes + minutes, lockedSincePoweredOnMs: time.poweredOnMs };
	const made = { kind: wire.DecisionKind.DECISION_KIND_WRONGFUL_MINUTES, detail: String(minutes) };
	return record(tools.crypto, { ...ledger, lock: counted }, made);
}

function notice({ ledger, contract, terms }: Situation, { noticeId, kind, texts }: NonNullable<Order["notice"]>): Obeyed {
	const isKind = kind >= wire.NoticeKind.NOTICE_KIND_DUE_SOON && kind <= wire.NoticeKind.NOTICE_KIND_INFORMATION;
	if (!isKind || noticeId === "" || noticeId.length > MAX_NOTICE_ID) return outOfBounds;
	if (texts.length === 0 || texts.length > MAX_NOTICE_LANGUAGES) return outOfBounds;
	if (texts.some(({ text }) => text === "" || text.length > MAX_NOTICE_TEXT)) return outOfBounds;
	const wished = [contract.language, ...terms.languages];
	const best = wished.map((language) => texts.find((text) => text.language === language)).find((text) => text) ?? texts[0];
	if (!best) return outOfBounds;
	const pending = { noticeId, kind, text: best.text, language: best.language };
	return { ledger: { ...ledger, notices: addPending(ledger.notices, pending) } };
}

function hold({ ledger }: Situation, kind: wire.HoldKind, until: number): Obeyed {
	if (!isHoldKind(kind)) return outOfBounds;
	return { ledger: { ...ledger, lock: grantHold(ledger.lock, kind, until, trustedNow(ledger.time)) } };
}

function serviceWindow(situation: Situation, opensAt: number, closesAt: number): Obeyed {
	if (closesAt <= opensAt || closesAt - opensAt > MAX_SERVICE_SECONDS) return outOfBounds;
	return { ledger: changed(situation, { serviceOpensAtUnixSeconds: opensAt, serviceClosesAtUnixSeconds: closesAt }) };
}

/** The same contract, terms and device id on a handset whose IMEIs or serial have changed. */
function rebind(tools: Tools, situation: Situation, envelope: Uint8Array): Obeyed {
	const { ledger, contract } = situation;
	const verified = verifyBinding(tools.crypto, ledger, contract.keySet, envelope);
	if (isRefused(verified)) return { refusal: "UNTRUSTED" };
	const { binding, payload } = verified;
	const before = decode(wire.Binding, contract.binding);
	const sameTerms = binding.termsSha256.every((byte, index) => byte === before.termsSha256[index]);
	if (binding.deviceId !== before.deviceId || binding.contractId !== before.contractId || !sameTerms) return outOfBounds;
	const rebound = changed(situation, { binding: payload, receiptEnvelope: new Uint8Array(), receiptSignature: new Uint8Array() });
	// It teaches no time: a stolen enroll key would carry the phone into a far future, where its lender is long gone.
	return { ledger: rebound };
}

/**
 * F10: harder terms take the root's threshold and the borrower's consent to exactly these. Never below the floor. Where the lender
 * is reached and paid takes the root's threshold too: with a stolen command key alone a thief would cut the phone off from its
 * lender, or be paid in its place.
 */
function newTerms(tools: Tools, situation: Situation, terms: Uint8Array, consent: Uint8Array, role: wire.Role): Obeyed {
	const after = readAgreement(terms);
	if ("problem" in after || !isSameContract(situation.terms, after.terms)) return outOfBounds;
	const objection = objectionsToTerms(after.terms, after.profile)[0];
	if (objection) return { rule: objection.rule };
	if (movesLender(situation.terms, after.terms) && role !== wire.Role.ROLE_ROOT) return { refusal: "CONSENT_MISSING" };
	if (waysTightened(situation.terms, after.terms).length > 0) {
		const agreed = checkConsent(tools.crypto, consent, terms, after.terms);
		if (role !== wire.Role.ROLE_ROOT || isRefused(agreed)) return { refusal: "CONSENT_MISSING" };
		return { ledger: changed(situation, { terms, language: agreed.language }) };
	}
	return { ledger: changed(situation, { terms }) };
}
