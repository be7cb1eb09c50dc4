import { wire } from "../../../proto/wire.ts";
import { EPOCH, termsOf } from "../../agent/test-lender.ts";
import { keyring, SymbolicLender } from "../lender.ts";
import type { Phone } from "../walk.ts";
import type { World } from "../world.ts";
import { andIsRead, DAY, glance, lockWarning, look, onLines, orderMove, textMessage, time } from "./common-moves.ts";
import { answerMove, checkNow } from "./contact.ts";
import { HOUSE_PROMISE } from "./overdue.ts";

const D = 24 * 3600;
const youngest = ({ truth }: Phone) => truth.questions.at(-1);

function lenderOf(others: number, paidDays = 1) {
	return new SymbolicLender(
		termsOf({
			instalments: [{ dueAtUnixSeconds: EPOCH + 5 * D, amountMinor: 50_000 }],
			initialPaidUntilUnixSeconds: EPOCH + paidDays * D,
			offline: { budgetSeconds: 0, warnAtRemainingSeconds: [], level: wire.RestrictionLevel.RESTRICTION_LEVEL_NONE },
			deadLenderReleaseSeconds: 4 * D,
			unconfirmedReleaseSeconds: 6 * D,
		}),
		keyring(1),
		{ command: 60 * D, others },
	);
}

const promise = { ...HOUSE_PROMISE, finalDueUnixSeconds: EPOCH + 5 * D, deadLenderSeconds: 4 * D, unconfirmedMs: 6 * DAY };
const shape = {
	horizonSeconds: 10_000 * D,
	noticeAgeMs: 3 * DAY,
	paidUntils: [1, 405].map((day) => EPOCH + day * D),
	warningsLast: true,
	hasQuietHours: false,
	hasAnchor: false,
} as const;

/** Bound, and the lender has not confirmed it: whoever holds the command key already orders. Nothing is due in it. */
export function unconfirmedWorld(): World {
	const lender = lenderOf(800 * D, 400);
	const world = { lender };
	const { command } = lender.keys;
	const { REASON_CODE_THEFT_REPORTED: THEFT } = wire.ReasonCode;
	return {
		name: "unconfirmed",
		about: "a binding that the lender has not confirmed, under orders all the same",
		lender,
		promise,
		...shape,
		paidUntils: [EPOCH + 400 * D],
		moves: [
			...time(DAY, "24 hours", [], 20),
			...onLines(...[1, 2, 3].map((sequence) => andIsRead(lockWarning(world, "adversary", sequence)))),
			orderMove(
				world,
				"Restrict 4 arrives",
				"adversary",
				{ sequence: 4, reason: THEFT, restrict: { level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED } },
				command,
				{ action: "restrict" },
			),
			orderMove(
				world,
				"Restore 5 arrives",
				"lender",
				{ sequence: 5, restore: {} },
				command,
				{ action: "restore" },
				{ wayOut: true },
			),
			{
				...answerMove("the lender answers", "lender", youngest, {}),
				can: ({ truth }) => truth.questions.length > 0 && !truth.confirmed,
			},
		],
		start: (walk) => walk.bind(),
		exercises: ["F10 confirmed", "F10 ends", "F3 ordered", "L5"],
	};
}

/** A lender that answers, and whose payment feed may be stale; its keys end on day 9. */
export function feedWorld(): World {
	const lender = lenderOf(9 * D);
	return {
		name: "feed",
		about: "a debt under a lender that answers, sometimes without knowing who has paid",
		lender,
		promise,
		...shape,
		warningsLast: false,
		moves: [
			...time(DAY, "24 hours", [[400 * DAY, "400 days"]], 15),
			...onLines(look, checkNow),
			...[
				answerMove("the lender answers", "lender", youngest, {}),
				answerMove("the lender answers that its payment feed is stale", "lender", youngest, { feedStale: true }),
			].map((move) => ({
				...move,
				can: (phone: Phone) =>
					(move.can?.(phone) ?? true) && (phone.truth.released || phone.truth.realMs < (EPOCH + 9 * D) * 1000),
			})),
			orderMove(
				{ lender },
				"the borrower pays, and Extend 1 arrives: all is paid",
				"borrower",
				{ sequence: 1, extend: { paidUntilUnixSeconds: EPOCH + 405 * D } },
				lender.keys.command,
				{ action: "extend" },
				{ wayOut: true },
			),
		],
		start(walk) {
			walk.bind();
			walk.answer({ nextCheckInSeconds: D });
		},
		exercises: ["F3 overdue", "F5 stale", "F6", "F16", "L1 debt", "L4 time"],
	};
}

/** A debt of which notices arrive by every way there is, and are read or not. */
export function unreadWorld(): World {
	const lender = lenderOf(800 * D);
	return {
		name: "unread",
		about: "notices that arrive by notification and text message, with nobody to look at the screen",
		lender,
		promise,
		...shape,
		moves: [...time(DAY, "24 hours", [[400 * DAY, "400 days"]], 15), ...onLines(look, glance, textMessage)],
		start(walk) {
			walk.bind();
			walk.answer({ nextCheckInSeconds: 7 * D });
		},
		exercises: ["F3 overdue", "F4 ladder", "F16", "L1 debt"],
	};
}
