import { recentDecisions } from "../../agent/policy/decision-log.ts";
import type { Ledger } from "../../agent/policy/ledger.ts";
import { controlsOf } from "../../agent/policy/posture.ts";
import { encode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import { symbolicCrypto } from "./symbolic-crypto.ts";
import { areCodesRead, type Fact, isTrueAnswer, ORIGIN_MS, type Truth } from "./truth.ts";
import type { Edge, Phone } from "./walk.ts";

const {
	STANDING_LOCKED_LIMITED: LIMITED,
	STANDING_LOCKED_FULL: FULL,
	STANDING_RELEASED: RELEASED,
	STANDING_UNBOUND: UNBOUND,
} = wire.Standing;
const { LOCK_CAUSE_OVERDUE: OVERDUE, LOCK_CAUSE_OFFLINE: OFFLINE, LOCK_CAUSE_ORDERED: ORDERED } = wire.LockCause;
const TICK_MS = 5 * 60 * 1000;
const HOUR_MS = 3600 * 1000;
const RECOVERY_LEFT_MS = 7 * 24 * HOUR_MS;
const RECOVERY_QUIET_MS = 72 * HOUR_MS;
const WARNING_LIFE_MS = 60 * 24 * HOUR_MS;

/** `undefined`: the rule says nothing about this event. `true`: it held. A text: it was broken, and how. */
type Verdict = undefined | true | string;

/** A promise to borrower (F) or lender (L), as a question about one event. */
export interface Invariant {
	readonly id: string;
	readonly says: string;
	holds(edge: Edge): Verdict;
}

const levelOf = (standing: wire.Standing) => (standing === FULL ? 2 : standing === LIMITED ? 1 : 0);
const trustedOf = ({ time }: Ledger) =>
	time.signedUnixSeconds === 0
		? 0
		: Math.floor((time.signedUnixSeconds * 1000 + (time.poweredOnMs - time.signedAtPoweredOnMs)) / 1000);
const has = (ledger: Ledger, cause: wire.LockCause) => ledger.lock.causes.some((one) => one.cause === cause);
const begins = ({ before, after }: Edge, cause: wire.LockCause) => has(after, cause) && !has(before, cause);
const ends = ({ before, after }: Edge, cause: wire.LockCause) =>
	has(before, cause) && !has(after, cause) && after.lock.standing !== RELEASED;
const rises = ({ before, after }: Edge) => levelOf(after.lock.standing) > levelOf(before.lock.standing);
const must = (isSo: boolean, otherwise: string): Verdict => isSo || otherwise;

type OrderFact = Extract<Fact, { kind: "order" }>;

/** The order in an event, whichever way it came, if it came at all. */
function orderIn(edge: Edge): OrderFact | undefined {
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
function isDue(truth: Truth, order: OrderFact): boolean {
	// Root and release keys are the same in every ring of a world.
	const entitled =
		order.toUs && MAY[order.action].includes(order.by) && (KEPT_KEYS.includes(order.by) || order.ring === truth.ring);
	return (
		entitled &&
		(order.action === "release" || (order.epoch === truth.epoch && order.sequence > truth.sequence && !truth.released))
	);
}

/** Whether something in an event has no authority at all: then it is as if nothing but time had come. */
function isVoid(edge: Edge): boolean {
	const { fact, truthBefore } = edge;
	if (fact.kind === "answer") return !isTrueAnswer(truthBefore, fact);
	if (fact.kind !== "order") return false;
	if (fact.action === "newKeys") return fact.keys?.isNext !== true && !isDue(truthBefore, fact);
	return !isDue(truthBefore, fact);
}

/** F3: notices that a person truly saw, far enough apart, by enough channels, and aged. */
function wereNoticesSeen({ truth, world }: Edge, candidates: Truth["seen"]): Verdict {
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

function overdueNotices({ truth, world, after }: Edge): Truth["seen"] {
	const from = (after.contract?.paidUntilUnixSeconds ?? 0) + world.promise.firstNoticePastDueSeconds;
	return truth.seen.filter(({ notice, atUnixSeconds }) => (notice === 2 || notice === 3) && atUnixSeconds >= from);
}

/** F14: no new lock at night, worked out from the words of the terms. */
function isQuiet({ world, after }: Edge): boolean {
	const { quiet } = world.promise;
	if (!quiet) return false;
	const minute = Math.floor((trustedOf(after) % 86_400) / 60);
	return quiet.startMinute > quiet.endMinute
		? minute >= quiet.startMinute || minute < quiet.endMinute
		: minute >= quiet.startMinute && minute < quiet.endMinute;
}

const isHeld = ({ truth, after }: Edge) => truth.holds.some((hold) => hold.untilUnixSeconds > trustedOf(after));
const isDisputed = ({ truth, after }: Edge) =>
	truth.holds.some((hold) => hold.kind === wire.HoldKind.HOLD_KIND_DISPUTE && hold.untilUnixSeconds > trustedOf(after));
const isPassUsed = ({ truth }: Edge) => truth.onMs < truth.passUntilOnMs;
const isRecovering = ({ truth }: Edge) =>
	truth.recoveredOnMs !== undefined && truth.onMs < truth.recoveredOnMs + RECOVERY_QUIET_MS;

/** True powered-on time since the last question that was answered was asked. */
const useMs = ({ truth }: Edge) => truth.onMs - truth.contactOnMs;

function isLenderDead({ truth, after, world }: Edge): boolean {
	const paidUntil = after.contract?.paidUntilUnixSeconds ?? 0;
	const lastWord = Math.max(world.promise.finalDueUnixSeconds, paidUntil, truth.lastAnswerUnixSeconds);
	return trustedOf(after) >= lastWord + world.promise.deadLenderSeconds;
}

export const INVARIANTS: readonly Invariant[] = [
	{
		id: "F1/F2",
		says: "emergency and incoming calls, support, paying, internet, messages and alerts are restricted in no posture",
		holds: ({ after }) => {
			if (after.posture.wanted === 0) return undefined;
			const taken = controlsOf(after.posture.wanted).filter((control) => NEVER.includes(control));
			return must(taken.length === 0, `${taken.join(", ")} would be restricted`);
		},
	},
	{
		id: "F2",
		says: "camera, apps and lock task are restricted only in a lock",
		holds: ({ after }) => {
			const { standing } = after.lock;
			if (standing === UNBOUND) return undefined;
			const names: readonly string[] = controlsOf(after.posture.wanted);
			if (names.includes("lockTask") && standing !== FULL) return "lock task outside FULL";
			return must(!names.includes("cameraAndGallery") || levelOf(standing) > 0, "the camera is restricted outside a lock");
		},
	},
	{
		id: "F3 overdue",
		says: "a lock for debt begins only past due and grace, after notices that were seen, apart, by channels, and aged",
		holds: (edge) => {
			if (!begins(edge, OVERDUE)) return undefined;
			const { after, world } = edge;
			const paidUntil = after.contract?.paidUntilUnixSeconds ?? 0;
			if (trustedOf(after) < paidUntil + world.promise.graceSeconds) return "the grace is not over";
			return wereNoticesSeen(edge, overdueNotices(edge));
		},
	},
	{
		id: "F3 ordered",
		says: "a lock by order begins only with a good reason, and after lock warnings that were seen, apart, and aged",
		holds: (edge) => {
			const order = orderIn(edge);
			if (!begins(edge, ORDERED)) return undefined;
			if (order?.action !== "restrict") return "nobody ordered it";
			const reasons: readonly (wire.ReasonCode | undefined)[] = [2, 7, 8, 10];
			if (!reasons.includes(order.reason)) return "not a reason to restrict";
			const { truth, after, world } = edge;
			if (order.reason === wire.ReasonCode.REASON_CODE_OVERDUE) {
				const paidUntil = after.contract?.paidUntilUnixSeconds ?? 0;
				if (trustedOf(after) < paidUntil + world.promise.graceSeconds) return "the grace is not over";
				return wereNoticesSeen(edge, overdueNotices(edge));
			}
			const warnings = truth.seen.filter(({ notice, onMs }) => notice === 3 && onMs + WARNING_LIFE_MS > truth.onMs);
			return wereNoticesSeen(edge, warnings);
		},
	},
	{
		id: "F4 ladder",
		says: "up one level at a time, each after its dwell",
		holds: (edge) => {
			const { before, after, truth, world } = edge;
			if (!rises(edge)) return undefined;
			if (levelOf(after.lock.standing) > levelOf(before.lock.standing) + 1) return "two levels at once";
			if (after.lock.standing !== FULL) return true;
			return must(truth.onMs >= truth.limitedOnMs + world.promise.dwellMs, "FULL before the dwell in LIMITED was over");
		},
	},
	{
		id: "F4 cap",
		says: "never above the level that terms and place allow",
		holds: ({ after, world }) => {
			const level = levelOf(after.lock.standing);
			return level === 0 ? undefined : must(level <= world.promise.highest, "above the cap");
		},
	},
	{
		id: "F5 budget",
		says: "an offline lock begins no earlier than T less one tick for each boot, and only after the last warning was seen for an hour",
		holds: (edge) => {
			if (!begins(edge, OFFLINE)) return undefined;
			const { truth, world } = edge;
			const budget =
				truth.recoveredOnMs === undefined ? world.promise.offlineMs : Math.min(world.promise.offlineMs, RECOVERY_LEFT_MS);
			const since = truth.recoveredOnMs === undefined ? truth.contactOnMs : Math.min(truth.contactOnMs, truth.recoveredOnMs);
			// The boot in which the question was asked is the first: its tick was under way.
			if (truth.onMs - since < budget - (truth.boots - truth.contactAtBoot + 1) * TICK_MS) return "sooner than the promise";
			if (truth.warnedOnMs === undefined) return "nobody was warned";
			const ageMs = Math.min(world.promise.shortestWarningSeconds * 1000, HOUR_MS);
			return must(truth.onMs >= truth.warnedOnMs + ageMs, "the warning has not aged");
		},
	},
	{
		id: "F5 stale",
		says: "no lock for debt begins while the lender's payment feed is stale",
		holds: (edge) =>
			begins(edge, OVERDUE) || edge.truth.feedStale
				? must(!(begins(edge, OVERDUE) && edge.truth.feedStale), "the feed is stale")
				: undefined,
	},
	{
		id: "F6",
		says: "a payment that covers the present ends the lock for debt in the same event",
		holds: (edge) => {
			const order = orderIn(edge);
			if (order?.action !== "extend" || !isDue(edge.truthBefore, order) || !has(edge.before, OVERDUE)) return undefined;
			const paidUntil = order.paidUntilUnixSeconds ?? 0;
			if (paidUntil <= trustedOf(edge.after)) return undefined;
			if (has(edge.after, OVERDUE)) return "the cause stays";
			return must(edge.after.lock.causes.length > 0 || levelOf(edge.after.lock.standing) === 0, "still locked");
		},
	},
	{
		id: "F7",
		says: "released is released: nothing is restricted for ever after",
		holds: ({ after, truthBefore }) => {
			if (!truthBefore.released) return undefined;
			return must(after.lock.standing === RELEASED && after.posture.wanted === 0, "restricted after release");
		},
	},
	{
		id: "F10 confirmed",
		says: "nothing locks before the lender has confirmed the binding by a signed answer",
		holds: (edge) => {
			if (edge.truth.confirmed && !rises(edge)) return undefined;
			return must(edge.truth.confirmed || levelOf(edge.after.lock.standing) === 0, "locked without a confirmation");
		},
	},
	{
		id: "F10 terms",
		says: "terms change by an order in its turn; harder ones by the root and with consent; below the floor never",
		holds: (edge) => {
			const { before, after } = edge;
			const order = orderIn(edge);
			const isAsked = order?.action === "newTerms";
			if (!before.contract || !after.contract || (after.contract.terms === before.contract.terms && !isAsked)) return undefined;
			if (after.contract.terms === before.contract.terms) return true;
			if (!order || !isAsked || !isDue(edge.truthBefore, order)) return "nobody entitled changed them";
			if (order.terms === "below the floor") return "terms below the floor were taken";
			if (order.terms === "harder without consent") return "harder terms without consent";
			return must(order.terms === "looser" || order.by === "root", "harder terms without the root");
		},
	},
	{
		id: "F12",
		says: "every decision is one more entry of the chain, and nothing is cut off it",
		holds: ({ before, after }) => {
			const moved =
				after.lock.standing !== before.lock.standing ||
				after.contract?.lastSequence !== before.contract?.lastSequence ||
				after.lock.passesTakenAtUnixSeconds.length > before.lock.passesTakenAtUnixSeconds.length;
			const more = after.log.length - before.log.length;
			if (more === 0)
				return moved && after.contract?.keySet === before.contract?.keySet ? "a decision was not written down" : undefined;
			if (more < 0) return "entries are missing";
			let head = before.log.head;
			for (const decision of recentDecisions(after.log).slice(-more)) {
				const chained = new Uint8Array([...(head.length > 0 ? head : new Uint8Array(32)), ...encode(wire.Decision, decision)]);
				head = symbolicCrypto.sha256(chained);
			}
			return must(more > 12 || head.every((byte, index) => byte === after.log.head[index]), "the chain is broken");
		},
	},
	{
		id: "F13 hold",
		says: "while a dispute or another hold stands no lock begins and none rises, and a dispute holds at LIMITED at most",
		holds: (edge) => {
			if (!isHeld(edge)) return undefined;
			if (rises(edge)) return "a lock rose";
			return must(!isDisputed(edge) || edge.after.lock.standing !== FULL, "FULL in a dispute");
		},
	},
	{
		id: "F13 dispute",
		says: "one dispute of the borrower's own for each period",
		holds: ({ fact, before, after, truthBefore }) => {
			if (fact.kind !== "dispute" || truthBefore.disputedPaidUntil !== before.contract?.paidUntilUnixSeconds) return undefined;
			return must(
				after.lock.holds.length <= before.lock.holds.length && latest(after) <= latest(before),
				"a second one was granted",
			);
		},
	},
	{
		id: "F13 pass",
		says: "while an emergency pass runs nothing is locked",
		holds: (edge) => (isPassUsed(edge) ? must(levelOf(edge.after.lock.standing) === 0, "locked in a pass") : undefined),
	},
	{
		id: "F13 passes",
		says: "as many passes in a year as were promised, and no more",
		holds: (edge) => {
			const { fact, before, truth, truthBefore, world } = edge;
			if (fact.kind !== "pass" || levelOf(before.lock.standing) === 0) return undefined;
			const left = truthBefore.passes.length < world.promise.passes;
			if (truth.passes.length > world.promise.passes) return "one too many";
			return must(
				!left ||
					truth.passes.length > truthBefore.passes.length ||
					edge.after.lock.standing === RELEASED ||
					levelOf(edge.after.lock.standing) === 0,
				"a pass was refused",
			);
		},
	},
	{
		id: "F14",
		says: "no lock begins or rises in an emergency call, in quiet hours or in a disaster",
		holds: (edge) => {
			if (!edge.truth.call && !isQuiet(edge)) return undefined;
			return must(!rises(edge), edge.truth.call ? "locked in an emergency call" : "locked in quiet hours");
		},
	},
	{
		id: "F15",
		says: "what was signed by nobody entitled, for another phone, in another epoch, or before, is as if it had not come",
		holds: (edge) => {
			if (!isVoid(edge)) return undefined;
			// Once free, a key beyond its time may still say that the end was heard of.
			if (edge.truthBefore.released) return must(edge.after.lock.standing === RELEASED, "it undid a release");
			return must(sameButForContact(edge.after, edge.idle().ledger), "it had an effect");
		},
	},
	{
		id: "F15 expired",
		says: "an order that tightens is not obeyed after its expiry, nor ahead of the phone's trusted time",
		holds: (edge) => {
			const order = orderIn(edge);
			if (!order || !isDue(edge.truthBefore, order) || order.action !== "restrict") return undefined;
			const now = trustedOf(edge.after);
			if (now < (order.expiresAtUnixSeconds ?? Infinity) && (order.issuedAtUnixSeconds ?? 0) <= now + 3600) return undefined;
			return must(has(edge.after, ORDERED) === has(edge.before, ORDERED) && !rises(edge), "it was obeyed");
		},
	},
	{
		id: "F13 bounded",
		says: "no hold stands longer than its kind may",
		holds: ({ after, before, truth }) => {
			if (after.lock.holds === before.lock.holds || after.lock.holds.length === 0) return undefined;
			const longest = Math.max(0, ...truth.holds.map((hold) => hold.untilUnixSeconds));
			return must(latest(after) <= longest, "longer than promised");
		},
	},
	{
		id: "L service",
		says: "a sealed phone's debugging is open in a granted window, and at no other time",
		holds: (edge) => {
			const { truth, after } = edge;
			if (!truth.sealed || truth.released || after.lock.standing === RELEASED) return undefined;
			const now = trustedOf(after);
			const isOpen =
				truth.window !== undefined && now >= truth.window.opensAtUnixSeconds && now < truth.window.closesAtUnixSeconds;
			const names: readonly string[] = controlsOf(after.posture.wanted);
			return must(names.includes("debugging") !== isOpen, isOpen ? "a granted window is closed" : "open outside a window");
		},
	},
	{
		id: "F16",
		says: "a lender that says nothing any more frees the phone",
		holds: (edge) => {
			if (!edge.after.contract || !isLenderDead(edge)) return undefined;
			return must(edge.after.lock.standing === RELEASED, "not released");
		},
	},
	{
		id: "F7/F16 loosening",
		says: "an order that loosens, in its turn and by who may, is never refused by the floor",
		holds: (edge) => {
			const order = orderIn(edge);
			const loosens = order && ["extend", "restore", "hold", "serviceWindow", "release"].includes(order.action);
			if (!loosens || edge.fact.kind !== "order" || !isDue(edge.truthBefore, order)) return undefined;
			const { before, after } = edge;
			if (order.action === "release") return must(after.lock.standing === RELEASED, "not released");
			if (before.lock.standing === RELEASED || after.lock.standing === RELEASED) return undefined;
			return must(after.contract?.lastSequence === order.sequence, "its turn was not taken");
		},
	},
	{
		id: "L1",
		says: "no use beyond T without contact once the warning was seen and has aged, and nothing forbids the lock",
		holds: (edge) => {
			const { after, truth, world } = edge;
			const { offlineMs, shortestWarningSeconds } = world.promise;
			if (offlineMs === 0 || !truth.confirmed || truth.released || truth.warnedOnMs === undefined) return undefined;
			const isAged = truth.onMs >= truth.warnedOnMs + Math.min(shortestWarningSeconds * 1000, HOUR_MS);
			if (
				!isAged ||
				useMs(edge) <= offlineMs ||
				truth.call ||
				isQuiet(edge) ||
				isHeld(edge) ||
				isPassUsed(edge) ||
				isRecovering(edge)
			)
				return undefined;
			return must(levelOf(after.lock.standing) > 0, "in use beyond its budget");
		},
	},
	{
		id: "L1 debt",
		says: "a debt past grace, its notices seen and aged, locks when nothing forbids it",
		holds: (edge) => {
			const { after, truth, world } = edge;
			const paidUntil = after.contract?.paidUntilUnixSeconds ?? 0;
			if (!after.contract || !truth.confirmed || truth.released || after.lock.standing === RELEASED) return undefined;
			if (trustedOf(after) < paidUntil + world.promise.graceSeconds || truth.feedStale) return undefined;
			if (truth.call || isQuiet(edge) || isHeld(edge) || isPassUsed(edge) || isRecovering(edge)) return undefined;
			if (wereNoticesSeen(edge, overdueNotices(edge)) !== true) return undefined;
			return must(levelOf(after.lock.standing) > 0, "not locked");
		},
	},
	{
		id: "L2",
		says: "a lock opens only by payment, contact, restore, code, pass, dispute (down to LIMITED), looser terms or release",
		holds: (edge) => {
			const { before, after, fact } = edge;
			if (levelOf(after.lock.standing) >= levelOf(before.lock.standing) && before.lock.causes === after.lock.causes)
				return undefined;
			if (levelOf(before.lock.standing) === 0 || after.lock.standing === RELEASED) return undefined;
			const order = orderIn(edge);
			const due = order && isDue(edge.truthBefore, order) ? order.action : undefined;
			const code = fact.kind === "code" && fact.meaning === "right";
			const paid = (after.contract?.paidUntilUnixSeconds ?? 0) > (before.contract?.paidUntilUnixSeconds ?? 0);
			if (ends(edge, OVERDUE) && !((due === "extend" || code) && paid) && due !== "newTerms")
				return "the debt's lock opened by nothing";
			if (ends(edge, OFFLINE) && !isTrueAnswer(edge.truthBefore, fact) && !code && due !== "newTerms")
				return "the offline lock opened by nothing";
			if (ends(edge, ORDERED) && due !== "restore" && due !== "extend" && due !== "newTerms" && !code)
				return "the ordered lock opened by nothing";
			if (levelOf(after.lock.standing) >= levelOf(before.lock.standing)) return true;
			if (after.lock.causes.length < before.lock.causes.length || isPassUsed(edge)) return true;
			return must((isDisputed(edge) && after.lock.standing === LIMITED) || due === "newTerms", "it opened by nothing");
		},
	},
	{
		id: "L2 paid",
		says: "paid-until moves by an Extend in its turn or a code, never back, never past the contract's end and 400 days",
		holds: (edge) => {
			const from = edge.before.contract?.paidUntilUnixSeconds ?? 0;
			const to = edge.after.contract?.paidUntilUnixSeconds ?? 0;
			if (!edge.before.contract || from === to) return undefined;
			if (to < from) return "it moved back";
			if (to > edge.world.promise.finalDueUnixSeconds + 400 * 86_400) return "beyond the contract";
			const order = orderIn(edge);
			const isCode = edge.fact.kind === "code" && edge.fact.meaning === "right";
			return must(
				isCode || (order?.action === "extend" && isDue(edge.truthBefore, order) && order.paidUntilUnixSeconds === to),
				"nobody paid",
			);
		},
	},
	{
		id: "L3",
		says: "a sequence is taken once and never skipped back; only newer keys of a new epoch begin anew",
		holds: (edge) => {
			const [from, to] = [edge.before.contract, edge.after.contract];
			if (!from || !to || (from.lastSequence === to.lastSequence && from.keySet === to.keySet)) return undefined;
			const order = orderIn(edge);
			if (from.keySet !== to.keySet)
				return must(order?.action === "newKeys" && order.keys?.isNext === true, "keys that do not follow were taken");
			if (to.lastSequence < edge.truthBefore.sequence) return "it moved back";
			return must(
				order !== undefined && order.sequence === to.lastSequence && isDue(edge.truthBefore, order),
				"an order out of its turn moved it",
			);
		},
	},
	{
		id: "L4 time",
		says: "trusted and powered-on time never move back, and nobody but the lender's signature moves trusted time on",
		holds: (edge) => {
			const { before, after } = edge;
			if (trustedOf(after) < trustedOf(before) || after.time.poweredOnMs < before.time.poweredOnMs) return "time moved back";
			if (before.time.signedUnixSeconds === after.time.signedUnixSeconds || !before.contract)
				return trustedOf(after) > trustedOf(before) ? true : undefined;
			const order = orderIn(edge);
			return must(isTrueAnswer(edge.truthBefore, edge.fact) || order?.action === "rebind", "nobody entitled said so");
		},
	},
	{
		id: "L4 charge",
		says: "the offline budget is paid back only by an answer to an open question, or a code, and only what was spent before it",
		holds: (edge) => {
			const { before, after, fact, truth, world } = edge;
			if (world.promise.offlineMs === 0 || !before.contract || !after.contract || truth.released) return undefined;
			if (after.contact.chargedMs >= before.contact.chargedMs) return undefined;
			if (fact.kind === "code") return must(fact.meaning === "right", "a wrong code paid it back");
			if (!isTrueAnswer(edge.truthBefore, fact)) return "paid back by nothing";
			return must(after.contact.chargedMs >= truth.onMs - truth.contactOnMs, "more was paid back than the answer proves");
		},
	},
	{
		id: "L4 use",
		says: "use since contact never exceeds what was charged for it",
		holds: (edge) => {
			const { after, world, truth } = edge;
			if (world.promise.offlineMs === 0 || !after.contract || truth.released) return undefined;
			return must(after.contact.chargedMs >= useMs(edge), "more was used than was charged");
		},
	},
	{
		id: "L4 generation",
		says: "each ledger is a newer generation than both memories",
		holds: ({ after, phone }) => must(after.generation > (phone.anchor?.generation ?? -1), "an older generation"),
	},
	{
		id: "L5",
		says: "freed only by a release order, a release code, a dead lender, or a binding that nobody confirmed",
		holds: (edge) => {
			const { before, after, truth, fact, world } = edge;
			if (before.lock.standing === RELEASED || after.lock.standing !== RELEASED) return undefined;
			if (edge.truthBefore.released) return undefined;
			const order = orderIn(edge);
			if (order?.action === "release" && isDue(edge.truthBefore, order)) return true;
			if (fact.kind === "code" && fact.meaning === "release") return true;
			if (!truth.confirmed && truth.onMs - ORIGIN_MS >= world.promise.unconfirmedMs) return true;
			return must(isLenderDead(edge), "freed by nothing");
		},
	},
	{
		id: "E right",
		says: "the one right code opens what is locked for lack of contact, and pays the budget back",
		holds: (edge) => {
			const { fact, truthBefore, after, world } = edge;
			if (fact.kind !== "code" || fact.meaning !== "right" || !areCodesRead(truthBefore) || truthBefore.released)
				return undefined;
			if (has(after, OFFLINE)) return "the offline lock stays";
			return must(after.contact.chargedMs <= world.promise.offlineMs, "the budget was not paid back");
		},
	},
	{
		id: "E wrong",
		says: "a wrong, mistyped or used code, or any time code while entry waits, opens nothing; only wrong ones are counted",
		holds: (edge) => {
			const { fact, before, after, truthBefore } = edge;
			if (fact.kind !== "code" || fact.meaning === "release") return undefined;
			const isRead = areCodesRead(truthBefore);
			if (fact.meaning === "right" && isRead) return undefined;
			const idle = edge.idle().ledger;
			const counts = fact.meaning === "wrong" && isRead && after.lock.standing !== RELEASED;
			if (after.codes.badCodes !== before.codes.badCodes + (counts ? 1 : 0)) return "counted wrongly";
			return must(sameButForContact({ ...after, codes: idle.codes }, idle), "it had an effect");
		},
	},
	{
		id: "E back-off",
		says: "from the third wrong code in a row on, entry waits 1, 2, 4 .. 512 minutes of powered-on time, over reboots as well",
		holds: ({ after, truth }) => {
			if (truth.badCodes < 3 || after.lock.standing === RELEASED) return undefined;
			const leftMs = after.codes.backingOffUntilPoweredOnMs - after.time.poweredOnMs;
			return must(Math.max(0, leftMs) === Math.max(0, truth.codesWaitUntilOnMs - truth.onMs), "another wait than promised");
		},
	},
];

/** F1, F2, in the words of the promise. */
const NEVER: readonly string[] = ["emergencyCall", "incomingCalls", "supportLine", "payApp", "internet", "messagesAndAlerts"];

const latest = ({ lock }: Ledger) => Math.max(0, ...lock.holds.map((hold) => hold.untilUnixSeconds));

/** The same contract, locks, notices and posture. An answer that is none may still end its check-in, and tell of newer keys. */
function sameButForContact(a: Ledger, b: Ledger): boolean {
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

/** Every invariant was either silent, held, or broken: counted, and the first broken one is named. */
export class Monitor {
	readonly exercised = new Map<string, number>(INVARIANTS.map(({ id }) => [id, 0]));
	broken: { invariant: Invariant; how: string } | undefined;

	readonly witness = (edge: Edge): void => {
		if (this.broken) return;
		for (const invariant of INVARIANTS) {
			const verdict = invariant.holds(edge);
			if (verdict === undefined) continue;
			this.exercised.set(invariant.id, (this.exercised.get(invariant.id) ?? 0) + 1);
			if (verdict !== true) {
				this.broken = { invariant, how: verdict };
				return;
			}
		}
	};
}

/** Whether a phone is locked, and whether it is free for ever: for the ways out. */
export function isLockedPhone({ ledger }: Phone): boolean {
	return levelOf(ledger.lock.standing) > 0;
}
