import { controlsOf } from "../../agent/policy/posture.ts";
import { wire } from "../../proto/wire.ts";
import {
	ends,
	HOUR_MS,
	has,
	type Invariant,
	isDisputed,
	isDue,
	isHeld,
	isLenderDead,
	isPassUsed,
	isQuiet,
	isRecovering,
	levelOf,
	must,
	orderIn,
	overdueNotices,
	sameButForContact,
	TICK_MS,
	trustedOf,
	useMs,
	wereNoticesSeen,
} from "./edge-questions.ts";
import { areCodesRead, isTrueAnswer, ORIGIN_MS } from "./truth.ts";

const { STANDING_LOCKED_LIMITED: LIMITED, STANDING_RELEASED: RELEASED } = wire.Standing;
const { LOCK_CAUSE_OVERDUE: OVERDUE, LOCK_CAUSE_OFFLINE: OFFLINE, LOCK_CAUSE_ORDERED: ORDERED } = wire.LockCause;

/** L1 to L5, and what codes can and cannot do. */
export const PROMISED_TO_LENDER: readonly Invariant[] = [
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
		id: "L1",
		says: "no use beyond T without contact once the warning was seen and has aged, and nothing forbids the lock",
		holds: (edge) => {
			const { after, truth, world } = edge;
			const { offlineMs, shortestWarningSeconds } = world.promise;
			if (offlineMs === 0 || !truth.confirmed || truth.released || truth.warnedOnMs === undefined) return undefined;
			// What was used of a tick before the power failed was paid for, and is not counted as time that the warning stood.
			const lostTicks = truth.boots - truth.contactAtBoot;
			if (lostTicks >= offlineMs / TICK_MS) return undefined;
			const standsMs = Math.min(shortestWarningSeconds * 1000, HOUR_MS) + lostTicks * TICK_MS;
			const isAged = truth.onMs >= truth.warnedOnMs + standsMs;
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
			// Once free no time is compared with anything any more.
			if (edge.truthBefore.released) return undefined;
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
