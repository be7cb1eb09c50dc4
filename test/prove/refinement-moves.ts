import fc from "fast-check";

import { wire } from "../../proto/wire.ts";
import { DAY, HOUR } from "../agent/test-lender.ts";
import type { Wish } from "./promises.ts";
import type { Channel } from "./symbolic-phone.ts";

/** What may happen to a phone, as a person would tell it. */
export type Move =
	| { readonly move: "live"; readonly seconds: number }
	| { readonly move: "reboot"; readonly offSeconds: number }
	| { readonly move: "look"; readonly channels: readonly Channel[] }
	| { readonly move: "network"; readonly isUp: boolean; readonly isFeedStale: boolean }
	| { readonly move: "ask" }
	| { readonly move: "answer"; readonly question: number; readonly aheadSeconds: number }
	| ({ readonly move: "order"; readonly lateSeconds: number; readonly step: number; readonly days: number } & OrderMove)
	| { readonly move: "replay"; readonly order: number }
	| { readonly move: "pass" | "dispute" }
	| { readonly move: "call"; readonly active: boolean };
/** What an order says, and for what reason. */
export type OrderMove = Pick<Wish, "action" | "role" | "level" | "hold"> & {
	readonly reason: wire.ReasonCode;
	readonly warns: boolean;
};

const { LENDER_ERROR, OVERDUE, FRAUD, PAYMENT } = {
	LENDER_ERROR: wire.ReasonCode.REASON_CODE_LENDER_ERROR,
	OVERDUE: wire.ReasonCode.REASON_CODE_OVERDUE,
	FRAUD: wire.ReasonCode.REASON_CODE_FRAUD,
	PAYMENT: wire.ReasonCode.REASON_CODE_PAYMENT,
};
const both: readonly Channel[] = ["notification", "screen"];
const orderMove: fc.Arbitrary<Move> = fc.record({
	move: fc.constant("order" as const),
	action: fc.oneof(
		{ weight: 2, arbitrary: fc.constant("extend" as const) },
		{ weight: 5, arbitrary: fc.constant("restrict" as const) },
		{ weight: 1, arbitrary: fc.constantFrom("restore" as const, "hold" as const, "window" as const) },
		{ weight: 6, arbitrary: fc.constant("notice" as const) },
	),
	role: fc.constantFrom<Wish["role"][]>("C", "C", "C", "C", "C", "C", "C", "C", "C", "C", "R", "R", "H", "E"),
	reason: fc.constantFrom(OVERDUE, FRAUD, PAYMENT, LENDER_ERROR, OVERDUE, FRAUD),
	level: fc.constantFrom<Wish["level"][]>(1, 2),
	hold: fc.constantFrom<Wish["hold"][]>("DISPUTE", "PROMISE", "DISASTER", "CLEARING"),
	warns: fc.constantFrom(true, true, true, false),
	step: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 2, 0, -3),
	days: fc.constantFrom(-1, 1, 3, 8, 20, 500),
	lateSeconds: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, -DAY, -11 * DAY, 2 * HOUR),
});
/** Any move. What cannot be done just then changes nothing, and both sides must say so. */
export const anyMove: fc.Arbitrary<Move> = fc.oneof(
	{
		weight: 12,
		arbitrary: fc.record({
			move: fc.constant("live" as const),
			seconds: fc.oneof(
				{ weight: 30, arbitrary: fc.constantFrom(1, 300, 3600, 6 * HOUR, 12 * HOUR, DAY - 1, DAY, DAY, DAY, DAY, 2 * DAY) },
				{ weight: 1, arbitrary: fc.constantFrom(299, 10 * DAY, 40 * DAY) },
			),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			move: fc.constant("reboot" as const),
			offSeconds: fc.constantFrom(0, 0, 0, HOUR, HOUR, DAY, DAY, 10 * DAY),
		}),
	},
	{
		weight: 10,
		arbitrary: fc.record({
			move: fc.constant("look" as const),
			channels: fc.constantFrom<(readonly Channel[])[]>(both, both, both, ["screen"], ["screen"], ["notification"]),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			move: fc.constant("network" as const),
			isUp: fc.boolean(),
			isFeedStale: fc.constantFrom(false, false, true),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ move: fc.constant("ask" as const) }) },
	{
		weight: 3,
		arbitrary: fc.record({
			move: fc.constant("answer" as const),
			question: fc.constantFrom(0, 0, 0, 1, 2, 5),
			aheadSeconds: fc.constantFrom(0, 0, 0, 0, 0, 0, -DAY, 5 * DAY),
		}),
	},
	{ weight: 10, arbitrary: orderMove },
	{ weight: 1, arbitrary: fc.record({ move: fc.constant("replay" as const), order: fc.nat(3) }) },
	{ weight: 2, arbitrary: fc.record({ move: fc.constantFrom("pass" as const, "dispute" as const) }) },
	{ weight: 1, arbitrary: fc.record({ move: fc.constant("call" as const), active: fc.boolean() }) },
	{
		weight: 1,
		arbitrary: fc
			.tuple(orderMove, fc.nat(2))
			.map(([move, rare]): Move => (move.move === "order" && rare === 0 ? { ...move, action: "release", step: -3 } : move)),
	},
);

const ROLE_NAMES = { C: "the command key", R: "the release key", H: "the heartbeat key", E: "the enroll key" } as const;

/** A move in words. */
export function inWords(move: Move): string {
	switch (move.move) {
		case "live":
			return `${duration(move.seconds)} of powered-on time pass`;
		case "reboot":
			return move.offSeconds === 0 ? "the phone is rebooted" : `the phone is off for ${duration(move.offSeconds)}`;
		case "look":
			return `the borrower sees what is shown (${move.channels.join(" and ")})`;
		case "network":
			return `the network is ${move.isUp ? "up" : "down"}${move.isFeedStale ? ", the lender's payment feed is stale" : ""}`;
		case "ask":
			return "a check-in is made";
		case "answer":
			return `the lender answers the check-in ${move.question} before the last${move.aheadSeconds === 0 ? "" : `, its clock ${move.aheadSeconds} s off`}`;
		case "order":
			return `${ROLE_NAMES[move.role]} signs: ${orderInWords(move)}`;
		case "replay":
			return `the order ${move.order} before the last comes again`;
		case "pass":
			return "the borrower takes a pass";
		case "dispute":
			return "the borrower disputes";
		case "call":
			return `an emergency call ${move.active ? "begins" : "ends"}`;
	}
}

function orderInWords(move: Move & { move: "order" }): string {
	const what = {
		extend: `paid until ${move.days} days from now`,
		restrict: `restrict to level ${move.level}, ${wire.ReasonCode[move.reason]}`,
		restore: "restore",
		notice: move.warns ? "warn of a lock" : "inform",
		hold: `hold for ${move.hold} for ${move.days} days`,
		window: "a service window",
		release: "release",
	}[move.action];
	return `${what} (sequence ${move.step >= 0 ? "+" : ""}${move.step}, issued ${move.lateSeconds} s from now)`;
}

function duration(seconds: number): string {
	return seconds % DAY === 0 ? `${seconds / DAY} days` : seconds % HOUR === 0 ? `${seconds / HOUR} hours` : `${seconds} seconds`;
}
