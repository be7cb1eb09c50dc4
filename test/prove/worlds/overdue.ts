import { isLocked } from "../../../agent/policy/standings.ts";
import { wire } from "../../../proto/wire.ts";
import { EPOCH, termsOf } from "../../agent/test-lender.ts";
import { keyring, SymbolicLender } from "../lender.ts";
import type { Move, Promised, World } from "../world.ts";
import { callBegins, callEnds, DAY, dispute, glance, look, onLines, pass, paymentMove, time } from "./common-moves.ts";

const D = 24 * 3600;

/** Numbers of the house, by hand. */
export const HOUSE_PROMISE: Promised = {
	graceSeconds: 3 * D,
	firstNoticePastDueSeconds: 0,
	notices: 3,
	channels: 2,
	spacingMs: [DAY, DAY, DAY],
	noticesTotalMs: 3 * DAY,
	highest: wire.RestrictionLevel.RESTRICTION_LEVEL_FULL,
	dwellMs: DAY,
	offlineMs: 0,
	shortestWarningSeconds: D,
	passes: 2,
	passMs: DAY,
	quiet: undefined,
	finalDueUnixSeconds: EPOCH + 14 * D,
	deadLenderSeconds: 20 * D,
	unconfirmedMs: 14 * DAY,
};

const { RESTRICTION_LEVEL_LIMITED: LIMITED } = wire.RestrictionLevel;

/** Terms and numbers of a place where nothing leads to FULL, so that nobody asks how long LIMITED has lasted. */
export const LADDER_TO_LIMITED = { graceSeconds: 3 * D, limitedDwellSeconds: D, maxLevel: LIMITED };
export const NEVER_FULL = { highest: LIMITED, dwellMs: 0 };

/** What is refused anyway is tried in the world of the strictest place. */
const passOfUse: Move = { ...pass, can: ({ ledger }) => isLocked(ledger.lock.standing) };
const firstDispute: Move = {
	...dispute,
	can: ({ truth, ledger }) => !truth.released && truth.disputedPaidUntil !== ledger.contract?.paidUntilUnixSeconds,
};

/** No offline lock, and nobody answers after the first time: what follows from a debt alone. */
export function overdueWorld(): World {
	const lender = new SymbolicLender(
		termsOf({
			instalments: [1, 9].map((day) => ({ dueAtUnixSeconds: EPOCH + day * D, amountMinor: 50_000 })),
			initialPaidUntilUnixSeconds: EPOCH + D,
			offline: { budgetSeconds: 0, warnAtRemainingSeconds: [], level: wire.RestrictionLevel.RESTRICTION_LEVEL_NONE },
			deadLenderReleaseSeconds: 10 * D,
			ladder: { graceSeconds: 4 * D, limitedDwellSeconds: D, maxLevel: wire.RestrictionLevel.RESTRICTION_LEVEL_FULL },
		}),
		keyring(1),
	);
	return {
		name: "overdue",
		about: "a debt: notices, the ladder, late payments, passes, a dispute, emergency calls, and a lender that dies",
		lender,
		promise: { ...HOUSE_PROMISE, graceSeconds: 4 * D, finalDueUnixSeconds: EPOCH + 9 * D, deadLenderSeconds: 10 * D },
		horizonSeconds: 10_000 * D,
		noticeAgeMs: 3 * DAY,
		paidUntils: [1, 6, 409].map((day) => EPOCH + day * D),
		warningsLast: false,
		hasQuietHours: false,
		hasAnchor: false,
		moves: [
			...time(DAY, "24 hours", [[400 * DAY, "400 days"]], 20),
			...onLines(look, glance, passOfUse, firstDispute, callBegins, callEnds),
			paymentMove({ lender }, 1, EPOCH + 6 * D, "paid until day 6"),
			paymentMove({ lender }, 2, EPOCH + 409 * D, "all is paid"),
		],
		start(walk) {
			walk.bind();
			walk.answer({ nextCheckInSeconds: 7 * D });
		},
		exercises: [
			"F1/F2",
			"F2",
			"F3 overdue",
			"F4 ladder",
			"F4 cap",
			"F6",
			"F7",
			"F10 confirmed",
			"F12",
			"F13 hold",
			"F13 pass",
			"F13 passes",
			"F14",
			"F15",
			"F16",
			"L1 debt",
			"L2",
			"L2 paid",
			"L3",
			"L5",
		],
	};
}
