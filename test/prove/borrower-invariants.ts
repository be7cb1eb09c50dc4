import { controlsOf } from "../../agent/policy/posture.ts";
import { wire } from "../../proto/wire.ts";
import {
	begins,
	HOUR_MS,
	has,
	type Invariant,
	isDisputed,
	isDue,
	isHeld,
	isLenderDead,
	isPassUsed,
	isQuiet,
	isVoid,
	latest,
	levelOf,
	must,
	NEVER,
	orderIn,
	overdueNotices,
	RECOVERY_LEFT_MS,
	rises,
	sameButForContact,
	TICK_MS,
	trustedOf,
	WARNING_LIFE_MS,
	wereNoticesSeen,
} from "./edge-questions.ts";
import { symbolicCrypto } from "./symbolic-crypto.ts";
import { ORIGIN_MS } from "./truth.ts";

const { STANDING_LOCKED_FULL: FULL, STANDING_RELEASED: RELEASED, STANDING_UNBOUND: UNBOUND } = wire.Standing;
const { LOCK_CAUSE_OVERDUE: OVERDUE, LOCK_CAUSE_OFFLINE: OFFLINE, LOCK_CAUSE_ORDERED: ORDERED } = wire.LockCause;

/** F1 to F16, from the words of the promises. */
export const PROMISED_TO_BORROWER: readonly Invariant[] = [
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
		says: "an offline lock begins no earlier than T less one tick for each boot, and only after the last warning was seen for an hour, or for as long as it warns of",
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
		id: "F10 ends",
		says: "a binding that the lender does not confirm in its time frees the phone",
		holds: ({ after, truth, world }) => {
			if (truth.confirmed || !after.contract || truth.onMs < ORIGIN_MS + world.promise.unconfirmedMs) return undefined;
			return must(after.lock.standing === RELEASED, "still bound");
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
			for (const bytes of after.log.recent.slice(-more)) {
				const chained = new Uint8Array(32 + bytes.length);
				chained.set(head);
				chained.set(bytes, 32);
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
];
