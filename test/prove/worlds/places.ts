import { wire } from "../../../proto/wire.ts";
import { EPOCH, termsOf } from "../../agent/test-lender.ts";
import { keyring, SymbolicLender } from "../lender.ts";
import type { World } from "../world.ts";
import { callBegins, callEnds, DAY, dispute, glance, HOUR, look, onLines, pass, paymentMove, time } from "./common-moves.ts";
import { HOUSE_PROMISE } from "./overdue.ts";

const D = 24 * 3600;
const NO_OFFLINE_LOCK = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: wire.RestrictionLevel.RESTRICTION_LEVEL_NONE };
const EXERCISES = [
	"F1/F2",
	"F2",
	"F3 overdue",
	"F4 cap",
	"F6",
	"F7",
	"F12",
	"F13 pass",
	"F13 passes",
	"F16",
	"L1 debt",
	"L2",
	"L2 paid",
	"L3",
	"L5",
];

/** A night without new locks, from 18:00 to 06:00 UTC, in steps of six hours. */
export function quietWorld(): World {
	const lender = new SymbolicLender(
		termsOf({
			instalments: [1, 4].map((day) => ({ dueAtUnixSeconds: EPOCH + day * D, amountMinor: 50_000 })),
			initialPaidUntilUnixSeconds: EPOCH + D,
			offline: NO_OFFLINE_LOCK,
			deadLenderReleaseSeconds: 4 * D,
			quietHours: { startMinute: 18 * 60, endMinute: 6 * 60, utcOffsetMinutes: 0 },
		}),
		keyring(1),
	);
	return {
		name: "quiet",
		about: "the same debt where nothing new may be locked at night",
		lender,
		promise: {
			...HOUSE_PROMISE,
			finalDueUnixSeconds: EPOCH + 4 * D,
			deadLenderSeconds: 4 * D,
			quiet: { startMinute: 18 * 60, endMinute: 6 * 60 },
		},
		horizonSeconds: 10_000 * D,
		noticeAgeMs: 3 * DAY,
		paidUntils: [1, 404].map((day) => EPOCH + day * D),
		warningsLast: false,
		hasQuietHours: true,
		hasAnchor: false,
		moves: [
			...time(6 * HOUR, "6 hours", [[400 * DAY, "400 days"]], 10),
			...onLines(look, pass, callBegins, callEnds),
			paymentMove({ lender }, 1, EPOCH + 404 * D, "all is paid"),
		],
		start(walk) {
			walk.bind();
			walk.answer({ nextCheckInSeconds: 7 * D });
		},
		exercises: [...EXERCISES, "F4 ladder", "F14"],
	};
}

/** The strictest place: ninety days, sixty before the first notice that counts, never FULL. In steps of a week. */
export function indiaWorld(): World {
	const lender = new SymbolicLender(
		termsOf({
			jurisdiction: "IN",
			currency: "INR",
			instalments: [1, 98].map((day) => ({ dueAtUnixSeconds: EPOCH + day * D, amountMinor: 50_000 })),
			initialPaidUntilUnixSeconds: EPOCH + D,
			ladder: { graceSeconds: 90 * D, limitedDwellSeconds: D, maxLevel: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED },
			notices: { count: 3, minSpacingSeconds: 14 * D, minChannels: 2 },
			offline: NO_OFFLINE_LOCK,
			deadLenderReleaseSeconds: 70 * D,
		}),
		keyring(1),
	);
	return {
		name: "india",
		about: "the strictest place's floors: 90 days, a first notice after 60, cures of 21 and 14 days, LIMITED at most",
		lender,
		promise: {
			...HOUSE_PROMISE,
			graceSeconds: 90 * D,
			firstNoticePastDueSeconds: 60 * D,
			spacingMs: [21 * DAY, 14 * DAY, 14 * DAY],
			noticesTotalMs: 28 * DAY,
			highest: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED,
			quiet: { startMinute: 20 * 60 - 330, endMinute: 8 * 60 - 330 },
			finalDueUnixSeconds: EPOCH + 98 * D,
			deadLenderSeconds: 70 * D,
		},
		horizonSeconds: 10_000 * D,
		noticeAgeMs: 28 * DAY,
		paidUntils: [1, 30, 498].map((day) => EPOCH + day * D),
		warningsLast: false,
		hasQuietHours: true,
		hasAnchor: false,
		moves: [
			...time(7 * DAY, "7 days", [[399 * DAY, "399 days"]], 175),
			...onLines(look, glance, pass, dispute),
			paymentMove({ lender }, 1, EPOCH + 30 * D, "paid until day 30"),
			paymentMove({ lender }, 2, EPOCH + 498 * D, "all is paid"),
		],
		start(walk) {
			walk.bind();
			walk.answer({ nextCheckInSeconds: 7 * D });
		},
		exercises: [...EXERCISES, "F13 hold", "F13 dispute"],
	};
}
