import { wire } from "../../../proto/wire.ts";
import { EPOCH, termsOf } from "../../agent/test-lender.ts";
import { keyring, SymbolicLender } from "../lender.ts";
import type { Fact, Question } from "../truth.ts";
import type { Phone, Walk } from "../walk.ts";
import type { Move, World } from "../world.ts";
import { callBegins, callEnds, DAY, HOUR, look, MINUTE, reboot, steps, TICK } from "./common-moves.ts";
import { HOUSE_PROMISE, LADDER_TO_LIMITED, NEVER_FULL } from "./overdue.ts";

const D = 24 * 3600;
/** A contract that outlasts every story: nothing is due in it for longer than anybody searches. */
const LONG = 30_000 * D;

/** What the lender, or whoever holds a key, makes of a question. */
export interface AnswerChanges {
	readonly by?: "heartbeat" | "nobody";
	readonly feedStale?: boolean;
	readonly nonce?: Uint8Array;
	readonly aheadSeconds?: number;
	readonly deviceId?: string;
}

/** An answer to a question, at the real time, and the truth about it. */
export function answerTo(
	{ world, phone }: Walk,
	question: Question,
	changes: AnswerChanges = {},
): { envelope: Uint8Array; fact: Extract<Fact, { kind: "answer" }> } {
	const { feedStale = false, nonce = question.nonce, aheadSeconds = 0, deviceId } = changes;
	const serverTimeUnixSeconds = Math.floor(phone.truth.realMs / 1000) + aheadSeconds;
	const { lender } = world;
	// A key beyond its time is nobody's.
	const hasEnded = serverTimeUnixSeconds >= EPOCH + lender.lifetimes.others;
	const by = hasEnded ? "nobody" : (changes.by ?? "heartbeat");
	const signers = (changes.by ?? "heartbeat") === "heartbeat" ? lender.keys.heartbeat : lender.keys.command;
	const fields = { nonce, paymentFeedStale: feedStale, nextCheckInSeconds: 600, ...(deviceId ? { deviceId } : {}) };
	const envelope = lender.reply(question, serverTimeUnixSeconds, fields, signers);
	const fact = {
		kind: "answer",
		by,
		ring: 1,
		toUs: !deviceId,
		counter: question.counter,
		nonce,
		serverTimeUnixSeconds,
		feedStale,
	} as const;
	return { envelope, fact };
}

/** Each failure doubles the wait for the next question, and what answers nothing is one; two stand for all. */
const mayFail = ({ ledger }: Phone) => ledger.contact.failures < 1;

const youngest = ({ truth }: Phone) => truth.questions.at(-1);
const oldest = ({ truth }: Phone) => (truth.questions.length > 1 ? truth.questions[0] : undefined);

const isRefused = ({ by, nonce, deviceId }: AnswerChanges) => by === "nobody" || nonce !== undefined || deviceId !== undefined;

export function answerMove(
	says: string,
	by: Move["by"],
	which: (phone: Phone) => Question | undefined,
	changes: AnswerChanges = {},
	wayOut?: true,
): Move {
	return {
		says,
		by,
		...(wayOut ? { wayOut } : {}),
		can: (phone) => which(phone) !== undefined && (!isRefused(changes) || mayFail(phone)),
		make: (walk) => {
			const question = which(walk.phone);
			if (!question) return;
			const { envelope, fact } = answerTo(walk, question, changes);
			walk.reply(envelope, fact);
		},
	};
}

export const keepAnswer: Move = {
	says: "the lender answers, and the network holds the answer back",
	by: "adversary",
	can: (phone) => youngest(phone) !== undefined && phone.truth.kept === undefined,
	make: (walk) => {
		const question = youngest(walk.phone);
		if (question) walk.tell({ kept: answerTo(walk, question) });
	},
};
export const deliverKept: Move = {
	says: "the answer that was held back arrives, and a copy of it is kept",
	by: "adversary",
	can: (phone) => phone.truth.kept !== undefined && mayFail(phone),
	make: (walk) => {
		const { kept } = walk.phone.truth;
		if (kept) walk.reply(kept.envelope, kept.fact);
	},
};
export const dropKept: Move = {
	says: "the answer that was held back is dropped",
	by: "adversary",
	can: ({ truth }) => truth.kept !== undefined,
	make: (walk) => walk.tell({ kept: undefined }),
};
export const checkInFails: Move = {
	says: "the check-in cannot be carried",
	by: "adversary",
	can: (phone) => mayFail(phone) && phone.ledger.contact.open.some((open) => open.envelope.length > 0),
	make: (walk) => {
		const counter = walk.phone.ledger.contact.open.find((open) => open.envelope.length > 0)?.counter ?? 0;
		walk.send({ event: "checkInFailed", checkInFailed: { counter } }, { kind: "host" });
	},
};
/** Half a tick after the last moment that was counted: what was prepaid is lost. */
const rebootInTick: Move = {
	says: "150 seconds pass, and the phone is rebooted",
	by: "borrower",
	make: (walk) => {
		walk.wait(TICK / 2);
		walk.boot();
	},
};

export const checkNow: Move = {
	says: "the borrower asks for a check-in now",
	by: "borrower",
	wayOut: true,
	make: (walk) => walk.send({ event: "checkNow", checkNow: {} }, { kind: "host" }),
};

/** An offline lock, and nothing else that could lock: what its terms and promises are. */
export function offlineWorld(
	budgetMs: number,
	warningMs: number,
	terms: Partial<wire.Terms.$Properties> = {},
): Omit<World, "name" | "about" | "moves" | "exercises"> {
	const lender = new SymbolicLender(
		termsOf({
			instalments: [{ dueAtUnixSeconds: EPOCH + LONG, amountMinor: 50_000 }],
			initialPaidUntilUnixSeconds: EPOCH + LONG,
			ladder: LADDER_TO_LIMITED,
			offline: {
				budgetSeconds: budgetMs / 1000,
				warnAtRemainingSeconds: [warningMs / 1000],
				level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED,
			},
			deadLenderReleaseSeconds: 20 * D,
			...terms,
		}),
		keyring(1),
		{ command: 80 * D, others: LONG },
	);
	return {
		lender,
		promise: {
			...HOUSE_PROMISE,
			...NEVER_FULL,
			offlineMs: budgetMs,
			shortestWarningSeconds: warningMs / 1000,
			finalDueUnixSeconds: EPOCH + LONG,
		},
		horizonSeconds: 0,
		noticeAgeMs: 0,
		paidUntils: [],
		warningsLast: false,
		hasQuietHours: false,
		hasAnchor: false,
		start(walk) {
			walk.bind();
			walk.answer({ nextCheckInSeconds: 600 });
		},
	};
}

const EXERCISES = [
	"F1/F2",
	"F2",
	"F4 ladder",
	"F4 cap",
	"F5 budget",
	"F10 confirmed",
	"F12",
	"L1",
	"L2",
	"L4 time",
	"L4 charge",
	"L4 use",
];

/** Powered-on use without contact, in ticks: two of them, and a warning one before the end. */
export function contactWorld(): World {
	return {
		...offlineWorld(2 * TICK, TICK),
		name: "contact",
		about: "check-ins answered, lost, held back, replayed and forged; reboots, months switched off, an outage, a stale feed",
		moves: [
			...steps(TICK, "300 seconds", [[DAY, "24 hours"]]),
			reboot,
			rebootInTick,
			{ says: "the phone lies switched off for 60 days", by: "borrower", make: (walk) => walk.boot(60 * DAY) },
			answerMove("the lender answers", "lender", youngest, {}, true),
			answerMove("the lender answers an older question", "lender", oldest),
			answerMove("the lender answers that its payment feed is stale", "lender", youngest, { feedStale: true }),
			answerMove("somebody answers with a key that is not the heartbeat's", "adversary", youngest, { by: "nobody" }),
			answerMove("somebody answers another question's nonce", "adversary", youngest, { nonce: new Uint8Array(16).fill(0xee) }),
			answerMove("an answer for another phone arrives", "adversary", youngest, { deviceId: "f".repeat(32) }),
			keepAnswer,
			deliverKept,
			dropKept,
			checkInFails,
			checkNow,
			look,
			callBegins,
			callEnds,
		],
		exercises: [...EXERCISES, "F14", "F15"],
	};
}

/** A budget of two hours with a warning after half an hour, so that what binds is the budget and not the age of the warning. */
export function budgetWorld(): World {
	return {
		...offlineWorld(2 * HOUR, 90 * MINUTE),
		name: "budget",
		about: "use without contact by ticks, up to a budget of hours",
		moves: [
			...steps(TICK, "300 seconds"),
			answerMove("the lender answers", "lender", youngest, {}, true),
			answerMove("the lender answers an older question", "lender", oldest),
			checkNow,
			look,
		],
		exercises: EXERCISES,
	};
}
