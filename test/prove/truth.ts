import type { Ledger } from "../../agent/policy/ledger.ts";
import { trustedNow } from "../../agent/policy/trusted-time.ts";
import { wire } from "../../proto/wire.ts";
import type { World } from "./world.ts";

/** Who truly signed something, by the keys that were given out and not stolen or replaced. */
export type Signatory = "command" | "release" | "root" | "heartbeat" | "enroll" | "nobody";

/** A question of this phone that left it. */
export interface Question {
	readonly counter: number;
	readonly nonce: Uint8Array;
	/** True powered-on time when it was asked. */
	readonly askedOnMs: number;
	/** Boots until then. */
	readonly askedAtBoot: number;
}

/** What really happens with an event, in terms that no code of the agent was asked for. */
export type Fact =
	| { readonly kind: "time" }
	| { readonly kind: "boot" }
	| { readonly kind: "host" }
	| {
			readonly kind: "order";
			readonly action:
				| "extend"
				| "restrict"
				| "restore"
				| "notice"
				| "hold"
				| "serviceWindow"
				| "newTerms"
				| "newKeys"
				| "release"
				| "rebind";
			readonly by: Signatory;
			/** Of which of the lender's key sets that key is. */
			readonly ring: number;
			/** For this very phone, contract and lender. */
			readonly toUs: boolean;
			readonly epoch: number;
			readonly sequence: number;
			readonly reason?: wire.ReasonCode;
			readonly paidUntilUnixSeconds?: number;
			readonly expiresAtUnixSeconds?: number;
			readonly issuedAtUnixSeconds?: number;
			readonly hold?: { readonly kind: wire.HoldKind; readonly untilUnixSeconds: number };
			readonly window?: { readonly opensAtUnixSeconds: number; readonly closesAtUnixSeconds: number };
			/** Of new terms: what they are to the borrower. */
			readonly terms?: "looser" | "harder with consent" | "harder without consent" | "below the floor";
			/** Of new keys: what the set is to one that trusts the set before. */
			readonly keys?: { readonly version: number; readonly epoch: number; readonly isNext: boolean };
	  }
	| {
			readonly kind: "answer";
			readonly by: Signatory;
			readonly ring: number;
			readonly toUs: boolean;
			readonly counter: number;
			readonly nonce: Uint8Array;
			readonly serverTimeUnixSeconds: number;
			readonly feedStale: boolean;
			readonly carries?: Extract<Fact, { kind: "order" }>;
	  }
	| { readonly kind: "shown"; readonly noticeId: string; readonly notice: wire.NoticeKind; readonly channel: wire.NoticeChannel }
	| { readonly kind: "call"; readonly active: boolean }
	| { readonly kind: "pass" }
	| { readonly kind: "dispute" }
	| { readonly kind: "code"; readonly meaning: "wrong" | "mistyped" | "used" | "release" | "right" };

/** A notice that a person truly saw. */
export interface Seen {
	readonly id: string;
	readonly notice: wire.NoticeKind;
	/** True powered-on time when it was first on the screen; 0 while it was on other channels only. */
	readonly onMs: number;
	/** Trusted time then. */
	readonly atUnixSeconds: number;
	readonly channels: number;
}

/**
 * What truly happened so far, kept beside the phone: the monitor's memory. It survives whatever is done to the phone's
 * ledger, and it is written from the facts of the world and the words of the promises, not from the agent's state.
 */
export interface Truth {
	/** Powered-on milliseconds since the world began. */
	readonly onMs: number;
	/** The real time, milliseconds since 1970: the lender's clock. */
	readonly realMs: number;
	readonly call: boolean;
	readonly confirmed: boolean;
	readonly released: boolean;
	/** When the last question that was answered had been asked, powered-on; the binding, before the first. */
	readonly contactOnMs: number;
	/** Boots altogether, and until then. */
	readonly boots: number;
	readonly contactAtBoot: number;
	/** The record was lost or put back since the last answer, at this powered-on time. */
	readonly recoveredOnMs: number | undefined;
	readonly feedStale: boolean;
	readonly lastAnswerUnixSeconds: number;
	/** When the shortest offline warning was seen since the last answer, powered-on. */
	readonly warnedOnMs: number | undefined;
	readonly seen: readonly Seen[];
	/** When LIMITED was entered, powered-on. */
	readonly limitedOnMs: number;
	/** Holds that were truly granted, until when, trusted. */
	readonly holds: readonly { readonly kind: wire.HoldKind; readonly untilUnixSeconds: number }[];
	/** Paid-until of the period of the last dispute. */
	readonly disputedPaidUntil: number;
	/** Trusted times of passes truly taken. */
	readonly passes: readonly number[];
	readonly passUntilOnMs: number;
	/** Highest sequence truly taken, in which epoch. */
	readonly epoch: number;
	readonly sequence: number;
	/** Version of the lender's keys that the phone was told of. */
	readonly ring: number;
	/** Questions that left the phone and wait: at most the last two. */
	readonly questions: readonly Question[];
	/** Debugging was closed by the cable. */
	readonly sealed: boolean;
	/** The last window for service that was truly granted, trusted. */
	readonly window: { readonly opensAtUnixSeconds: number; readonly closesAtUnixSeconds: number } | undefined;
	/** Wrong codes typed in a row while they were read, and until when, powered-on, none is read. */
	readonly badCodes: number;
	readonly codesWaitUntilOnMs: number;
	/** An answer that the network holds back, or a copy that somebody kept. */
	readonly kept: { readonly envelope: Uint8Array; readonly fact: Extract<Fact, { kind: "answer" }> } | undefined;
}

/** Powered-on time at the beginning of a world: not zero, which stands for "never". */
export const ORIGIN_MS = 24 * 3600 * 1000;

export function truthAtBinding(ledger: Ledger, realMs: number): Truth {
	return {
		onMs: ORIGIN_MS,
		realMs,
		call: false,
		confirmed: false,
		released: false,
		contactOnMs: ORIGIN_MS,
		boots: 0,
		contactAtBoot: 0,
		recoveredOnMs: undefined,
		feedStale: false,
		lastAnswerUnixSeconds: 0,
		warnedOnMs: undefined,
		seen: [],
		limitedOnMs: 0,
		holds: [],
		disputedPaidUntil: 0,
		passes: [],
		passUntilOnMs: 0,
		epoch: 1,
		ring: 1,
		sequence: ledger.contract?.lastSequence ?? 0,
		questions: [],
		sealed: false,
		window: undefined,
		badCodes: 0,
		codesWaitUntilOnMs: 0,
		kept: undefined,
	};
}

const DAY = 24 * 3600;
const YEAR = 365 * DAY;

/** Whether an answer is one to a question of this phone that is still open, signed by the lender. */
export function isTrueAnswer(truth: Truth, fact: Fact): fact is Extract<Fact, { kind: "answer" }> {
	return (
		fact.kind === "answer" &&
		fact.by === "heartbeat" &&
		fact.ring === truth.ring &&
		fact.toUs &&
		questionOf(truth, fact) !== undefined
	);
}

export function questionOf(truth: Truth, { counter, nonce }: { counter: number; nonce: Uint8Array }): Question | undefined {
	return truth.questions.find((question) => question.counter === counter && sameBytes(question.nonce, nonce));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** What an event adds to the truth. `before` and `after` are read only for what a person at the phone sees. */
export function observe(world: World, truth: Truth, before: Ledger, after: Ledger, fact: Fact): Truth {
	let next = truth;
	const now = trustedNow(after.time);
	if (fact.kind === "call") next = { ...next, call: fact.active };
	if (fact.kind === "boot") next = { ...next, call: false, boots: next.boots + 1 };
	if (fact.kind === "shown") next = seeNotice(world, next, fact, now);
	if (fact.kind === "answer" && isTrueAnswer(truth, fact)) next = hearAnswer(next, fact);
	// A pass and a dispute are the borrower's own acts; what the phone answers decides whether they happened.
	if (fact.kind === "pass" && after.lock.passesTakenAtUnixSeconds !== before.lock.passesTakenAtUnixSeconds) {
		const passes = [...next.passes.filter((at) => at + YEAR > now), now];
		next = { ...next, passes, passUntilOnMs: next.onMs + world.promise.passMs };
	}
	if (fact.kind === "dispute" && after.lock.disputedPaidUntilUnixSeconds !== before.lock.disputedPaidUntilUnixSeconds) {
		next = { ...hold(next, DISPUTE, now + 14 * DAY, now), disputedPaidUntil: before.contract?.paidUntilUnixSeconds ?? 0 };
	}
	const order = fact.kind === "order" ? fact : fact.kind === "answer" && next !== truth ? fact.carries : undefined;
	if (order?.by !== "nobody" && order?.toUs && after.contract && before.contract) {
		if (order.keys?.isNext && after.contract.keySet !== before.contract.keySet) {
			next = {
				...next,
				ring: order.keys.version,
				epoch: order.keys.epoch,
				sequence: order.keys.epoch > next.epoch ? 0 : next.sequence,
			};
		}
		if (order.epoch === next.epoch && order.sequence > next.sequence && order.sequence === after.contract.lastSequence) {
			next = { ...next, sequence: order.sequence };
			if (order.window) next = { ...next, window: order.window };
			if (order.hold) next = hold(next, order.hold.kind, order.hold.untilUnixSeconds, now);
		}
	}
	if (fact.kind === "code") next = typeCode(next, fact.meaning);
	if (after.lock.standing === LIMITED && before.lock.standing !== LIMITED) next = { ...next, limitedOnMs: next.onMs };
	if (after.contact.required && !before.contact.required) next = { ...next, recoveredOnMs: next.onMs };
	if (after.lock.standing === RELEASED) next = { ...next, released: true };
	if (after.contact.open !== before.contact.open) next = hearQuestions(next, after);
	return next;
}

const LIMITED = wire.Standing.STANDING_LOCKED_LIMITED;
const RELEASED = wire.Standing.STANDING_RELEASED;
const DISPUTE = wire.HoldKind.HOLD_KIND_DISPUTE;

/** F13, F14: how long a hold of each kind may stand, days. */
const LONGEST_DAYS: Readonly<Record<number, number>> = {
	[wire.HoldKind.HOLD_KIND_DISPUTE]: 30,
	[wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY]: 14,
	[wire.HoldKind.HOLD_KIND_DISASTER]: 90,
	[wire.HoldKind.HOLD_KIND_CLEARING]: 7,
};

function hold(truth: Truth, kind: wire.HoldKind, untilUnixSeconds: number, now: number): Truth {
	const until = Math.min(untilUnixSeconds, now + (LONGEST_DAYS[kind] ?? 0) * DAY);
	const before = truth.holds.find((one) => one.kind === kind)?.untilUnixSeconds ?? 0;
	const others = truth.holds.filter((one) => one.kind !== kind && one.untilUnixSeconds > now);
	return { ...truth, holds: [...others, { kind, untilUnixSeconds: Math.max(until, before) }] };
}

function seeNotice(world: World, truth: Truth, fact: Extract<Fact, { kind: "shown" }>, now: number): Truth {
	const onScreen = fact.channel === wire.NoticeChannel.NOTICE_CHANNEL_SCREEN;
	if (fact.notice === wire.NoticeKind.NOTICE_KIND_OFFLINE_WARNING) {
		const isShortest = fact.noticeId.endsWith(`-${world.promise.shortestWarningSeconds}`);
		return onScreen && isShortest && truth.warnedOnMs === undefined ? { ...truth, warnedOnMs: truth.onMs } : truth;
	}
	const before = truth.seen.find(({ id }) => id === fact.noticeId);
	const first = onScreen && !before?.onMs;
	const seen: Seen = {
		id: fact.noticeId,
		notice: fact.notice,
		channels: (before?.channels ?? 0) | (1 << fact.channel),
		onMs: first ? truth.onMs : (before?.onMs ?? 0),
		atUnixSeconds: first ? now : (before?.atUnixSeconds ?? 0),
	};
	return { ...truth, seen: [...truth.seen.filter(({ id }) => id !== fact.noticeId), seen] };
}

function hearAnswer(truth: Truth, fact: Extract<Fact, { kind: "answer" }>): Truth {
	const question = questionOf(truth, fact);
	return {
		...truth,
		confirmed: true,
		contactOnMs: Math.max(truth.contactOnMs, question?.askedOnMs ?? 0),
		contactAtBoot: Math.max(truth.contactAtBoot, question?.askedAtBoot ?? 0),
		recoveredOnMs: undefined,
		warnedOnMs: undefined,
		feedStale: fact.feedStale,
		lastAnswerUnixSeconds: Math.max(truth.lastAnswerUnixSeconds, fact.serverTimeUnixSeconds),
		questions: truth.questions.filter(({ counter }) => counter > fact.counter),
	};
}

/** From the third wrong code in a row on a wait of 1, 2, 4 .. 512 minutes; after a hundred no more are read. */
function typeCode(truth: Truth, meaning: Extract<Fact, { kind: "code" }>["meaning"]): Truth {
	if (!areCodesRead(truth) || truth.released) return truth;
	if (meaning === "right") {
		return {
			...truth,
			badCodes: 0,
			codesWaitUntilOnMs: 0,
			contactOnMs: truth.onMs,
			contactAtBoot: truth.boots,
			warnedOnMs: undefined,
		};
	}
	if (meaning !== "wrong") return truth;
	const badCodes = truth.badCodes + 1;
	const waitMs = badCodes <= 2 ? 0 : Math.min(512, 2 ** (badCodes - 3)) * 60_000;
	return { ...truth, badCodes, codesWaitUntilOnMs: truth.onMs + waitMs };
}

/** Whether time codes are read at all now. */
export function areCodesRead(truth: Truth): boolean {
	return truth.badCodes < 100 && truth.onMs >= truth.codesWaitUntilOnMs;
}

/** A question exists from the moment it is asked. */
function hearQuestions(truth: Truth, after: Ledger): Truth {
	const fresh = after.contact.open.filter((open) => questionOf(truth, open) === undefined);
	if (fresh.length === 0) return truth;
	return {
		...truth,
		questions: [
			...truth.questions,
			...fresh.map(({ counter, nonce }) => ({ counter, nonce, askedOnMs: truth.onMs, askedAtBoot: truth.boots })),
		].slice(-2),
	};
}
