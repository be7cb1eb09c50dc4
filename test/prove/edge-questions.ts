import type { Ledger } from "../../agent/policy/ledger.ts";
import { wire } from "../../proto/wire.ts";
import { type Fact, isTrueAnswer, type Truth } from "./truth.ts";
import type { Edge } from "./walk.ts";

const { STANDING_LOCKED_LIMITED: LIMITED, STANDING_LOCKED_FULL: FULL, STANDING_RELEASED: RELEASED } = wire.Standing;
export const TICK_MS = 5 * 60 * 1000;
export const HOUR_MS = 3600 * 1000;
export const RECOVERY_LEFT_MS = 7 * 24 * HOUR_MS;
export const RECOVERY_QUIET_MS = 72 * HOUR_MS;
export const WARNING_LIFE_MS = 60 * 24 * HOUR_MS;

/** `undefined`: the rule says nothing about this event. `true`: it held. A text: it was broken, and how. */
export type Verdict = undefined | true | string;

/** A promise to borrower (F) or lender (L), as a question about one event. */
export interface Invariant {
	readonly id: string;
	readonly says: string;
	holds(edge: Edge): Verdict;
}

export const levelOf = (standing: wire.Standing) => (standing === FULL ? 2 : standing === LIMITED ? 1 : 0);
export const trustedOf = ({ time }: Ledger) =>
	time.signedUnixSeconds === 0
		? 0
		: Math.floor((time.signedUnixSeconds * 1000 + (time.poweredOnMs - time.signedAtPoweredOnMs)) / 1000);
export const has = (ledger: Ledger, cause: wire.LockCause) => ledger.lock.causes.some((one) => one.cause === cause);
export const begins = ({ before, after }: Edge, cause: wire.LockCause) => has(after, cause) && !has(before, cause);
export const ends = ({ before, after }: Edge, cause: wire.LockCause) =>
	has(before, cause) && !has(after, cause) && after.lock.standing !== RELEASED;
export const rises = ({ before, after }: Edge) => levelOf(after.lock.standing) > levelOf(before.lock.standing);
export const must = (isSo: boolean, otherwise: string): Verdict => isSo || otherwise;

type OrderFact = Extract<Fact, { kind: "order" }>;

/** The order in an event, whichever way it came, if it came at all. */
export function orderIn(edge: Edge): OrderFact | undefined {
	if (edge.fact.kind === "order") return edge.fact;
	return edge.fact.kind === "answer" && isTrueAnswer(edge.truthBefore, edge.fact) ? edge.fact.carries : undefined;
}

const MAY: Readonly<Record<OrderFact["action"], readonly string[]>> = {
	extend: ["command", "release"],
	restrict: ["command"],
	restore: ["command", "release"],
	notice: ["command"],
	hold: ["command", "release"],
	serviceWindow: ["command", "release"],
	rebind: ["command"],
	newTerms: ["command", "root"],
	newKeys: ["command", "release", "root"],
	release: ["release"],
};

const KEPT_KEYS: readonly string[] = ["root", "release"];

/** Signed by who may, for this phone, in its turn: by the truth, not by the agent. */
export function isDue(truth: Truth, order: OrderFact): boolean {
	// Root and release keys are the same in every ring of a world.
	const entitled =
		order.toUs && MAY[order.action].includes(order.by) && (KEPT_KEYS.includes(order.by) || order.ring === truth.ring);
	return (
		entitled &&
		(order.action === "release" || (order.epoch === truth.epoch && order.sequence > truth.sequence && !truth.released))
	);
}

/** Whether something in an event has no authority at all: then it is as if nothing but time had come. */
export function isVoid(edge: Edge): boolean {
	const { fact, truthBefore } = edge;
	if (fact.kind === "answer") return !isTrueAnswer(truthBefore, fact);
	if (fact.kind !== "order") return false;
	if (fact.action === "newKeys") return fact.keys?.isNext !== true && !isDue(truthBefore, fact);
	return !isDue(truthBefore, fact);
}

/** F3: notices that a person truly saw, far enough apart, by enough channels, and aged. */
export function wereNoticesSeen({ truth, world }: Edge, candidates: Truth["seen"]): Verdict {
	const { notices, channels, spacingMs, noticesTotalMs } = world.promise;
	const counted: Truth["seen"][number][] = [];
	for (const notice of [...candidates].filter((one) => one.onMs > 0).sort((a, b) => a.onMs - b.onMs)) {
		const last = counted.at(-1);
		if (!last || notice.onMs >= last.onMs + (spacingMs[counted.length - 1] ?? 0)) counted.push(notice);
		if (counted.length === notices) break;
	}
	const [first, last] = [counted[0], counted.at(-1)];
	if (!first || !last || counted.length < notices) return `only ${counted.length} notices were on the screen`;
	const bits = counted.reduce((all, { channels: some }) => all | some, 0);
	if ([1, 2, 3, 4].filter((channel) => bits & (1 << channel)).length < channels) return "by too few channels";
	if (truth.onMs < last.onMs + (spacingMs[notices - 1] ?? 0)) return "the last notice has not aged";
	return must(truth.onMs >= first.onMs + noticesTotalMs, "the notices took too little time");
}

export function overdueNotices({ truth, world, after }: Edge): Truth["seen"] {
	const from = (after.contract?.paidUntilUnixSeconds ?? 0) + world.promise.firstNoticePastDueSeconds;
	return truth.seen.filter(({ notice, atUnixSeconds }) => (notice === 2 || notice === 3) && atUnixSeconds >= from);
}

/** F14: no new lock at night, worked out from the words of the terms. */
export function isQuiet({ world, after }: Edge): boolean {
	const { quiet } = world.promise;
	if (!quiet) return false;
	const minute = Math.floor((trustedOf(after) % 86_400) / 60);
	return quiet.startMinute > quiet.endMinute
		? minute >= quiet.startMinute || minute < quiet.endMinute
		: minute >= quiet.startMinute && minute < quiet.endMinute;
}

export const isHeld = ({ truth, after }: Edge) => truth.holds.some((hold) => hold.untilUnixSeconds > trustedOf(after));
export const isDisputed = ({ truth, after }: Edge) =>
	truth.holds.some((hold) => hold.kind === wire.HoldKind.HOLD_KIND_DISPUTE && hold.untilUnixSeconds > trustedOf(after));
export const isPassUsed = ({ truth }: Edge) => truth.onMs < truth.passUntilOnMs;
export const isRecovering = ({ truth }: Edge) =>
	truth.recoveredOnMs !== undefined && truth.onMs < truth.recoveredOnMs + RECOVERY_QUIET_MS;

/** True powered-on time since the last question that was answered was asked. */
export const useMs = ({ truth }: Edge) => truth.onMs - truth.contactOnMs;

export function isLenderDead({ truth, after, world }: Edge): boolean {
	const paidUntil = after.contract?.paidUntilUnixSeconds ?? 0;
	const lastWord = Math.max(world.promise.finalDueUnixSeconds, paidUntil, truth.lastAnswerUnixSeconds);
	return trustedOf(after) >= lastWord + world.promise.deadLenderSeconds;
}

/** F1, F2, in the words of the promise. */
export const NEVER: readonly string[] = [
	"emergencyCall",
	"incomingCalls",
	"supportLine",
	"payApp",
	"internet",
	"messagesAndAlerts",
];

export const latest = ({ lock }: Ledger) => Math.max(0, ...lock.holds.map((hold) => hold.untilUnixSeconds));

/** The same contract, locks, notices and posture. An answer that is none may still end its check-in, and tell of newer keys. */
export function sameButForContact(a: Ledger, b: Ledger): boolean {
	const { keySet: _, ...known } = a.contract ?? { keySet: undefined };
	const { keySet: __, ...expected } = b.contract ?? { keySet: undefined };
	return (
		isSame(known, expected) &&
		isSame(a.lock, b.lock) &&
		isSame(a.notices, b.notices) &&
		a.posture.wanted === b.posture.wanted &&
		isSame(a.codes, b.codes) &&
		isSame(a.time, b.time) &&
		a.contact.chargedMs === b.contact.chargedMs &&
		a.contact.lastReplyUnixSeconds === b.contact.lastReplyUnixSeconds &&
		a.contact.paymentFeedStale === b.contact.paymentFeedStale &&
		a.contact.required === b.contact.required
	);
}

/** Equal in every part; the parts that two ledgers share are not looked into. */
function isSame(a: unknown, b: unknown): boolean {
	if (a === b) return true;
	if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
	const [own, other] = [Object.entries(a), Object.entries(b)];
	return (
		own.length === other.length &&
		own.every(([name, value], index) => other[index]?.[0] === name && isSame(value, other[index]?.[1]))
	);
}
