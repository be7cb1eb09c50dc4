import { type Static, Type } from "typebox";
import { Check, Errors } from "typebox/value";

import { jurisdictions } from "../../proto/jurisdiction.ts";

/** Most hours that a life is followed: ten years. */
export const MOST_HOURS = 10 * 366 * 24;
const MOST_ACTS = 2000;

const Hours = Type.Integer({ minimum: 0, maximum: MOST_HOURS });
const Days = Type.Integer({ minimum: 1, maximum: 400 });
const exactly = { additionalProperties: false };
const on = { on: Type.Boolean() };

/** What may happen to a phone in a life, besides time. */
export const Act = Type.Union([
	// The borrower and money.
	Type.Object({ kind: Type.Literal("pay"), instalments: Type.Integer({ minimum: 1, maximum: 120 }) }, exactly),
	Type.Object({ kind: Type.Literal("payOff") }, exactly),
	Type.Object({ kind: Type.Literal("payOnTime"), ...on }, exactly),
	// The borrower and the phone.
	Type.Object({ kind: Type.Literal("network"), ...on }, exactly),
	Type.Object({ kind: Type.Literal("look"), ...on }, exactly),
	Type.Object({ kind: Type.Literal("emergencyCall"), ...on }, exactly),
	Type.Object({ kind: Type.Literal("reboot") }, exactly),
	Type.Object({ kind: Type.Literal("powerOff"), hours: Type.Integer({ minimum: 1, maximum: 3 * 366 * 24 }) }, exactly),
	Type.Object({ kind: Type.Literal("checkNow") }, exactly),
	Type.Object({ kind: Type.Literal("dispute") }, exactly),
	Type.Object({ kind: Type.Literal("pass") }, exactly),
	Type.Object({ kind: Type.Literal("code"), from: Type.Enum(["support", "receipt", "guess"]) }, exactly),
	// The lender, and whoever has its keys.
	Type.Object({ kind: Type.Literal("promise"), days: Days }, exactly),
	Type.Object({ kind: Type.Literal("disaster"), days: Days }, exactly),
	Type.Object({ kind: Type.Literal("returned") }, exactly),
	Type.Object({ kind: Type.Literal("lenderSilent"), ...on }, exactly),
	Type.Object({ kind: Type.Literal("feedStale"), ...on }, exactly),
	Type.Object({ kind: Type.Literal("stolenKey"), level: Type.Enum(["limited", "full"]) }, exactly),
]);
export type Act = Static<typeof Act>;

/** What a made-up contract says; the rest is the preset of its place. */
export const MadeTerms = Type.Object(
	{
		jurisdiction: Type.Enum(jurisdictions().map(({ id }) => id)),
		currency: Type.String({ pattern: "^[A-Z]{3}$" }),
		/** Of each instalment, in the currency's minor unit. */
		amountMinor: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }),
		instalments: Type.Integer({ minimum: 1, maximum: 60 }),
		/** From one due date to the next. The first is one such stretch after the hand-over. */
		everyDays: Type.Integer({ minimum: 1, maximum: 92 }),
		/** BCP 47. */
		language: Type.String({ pattern: "^[a-z]{2}(-[A-Z]{2})?$" }),
	},
	exactly,
);
export type MadeTerms = Static<typeof MadeTerms>;

/** A life as a file. The same file gives the same life, to the byte of the borrower's record. */
export const Scenario = Type.Object(
	{
		holdfast: Type.Literal("life"),
		version: Type.Literal(1),
		name: Type.String({ maxLength: 100 }),
		seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
		/** When the phone is handed over, seconds since 1970-01-01T00:00:00Z. */
		startsAtUnixSeconds: Type.Integer({ minimum: 1_577_836_800, maximum: 4_102_444_800 }),
		terms: MadeTerms,
		/** How long the life is followed. */
		hours: Hours,
		/** In order of their time, each so many hours after the hand-over. */
		acts: Type.Array(Type.Object({ atHour: Hours, act: Act }, exactly), { maxItems: MOST_ACTS }),
	},
	exactly,
);
export type Scenario = Static<typeof Scenario>;

/** A scenario from outside, or what is wrong with it in English: where, and what was expected. */
export function readScenario(value: unknown): { readonly scenario: Scenario } | { readonly problem: string } {
	if (!Check(Scenario, value)) {
		const [first] = Errors(Scenario, value);
		return { problem: first ? `${first.instancePath || "the file"}: ${first.message}` : "not a scenario" };
	}
	const unordered = value.acts.findIndex(({ atHour }, index) => atHour < (value.acts[index - 1]?.atHour ?? 0));
	if (unordered >= 0) return { problem: `/acts/${unordered}: earlier than the act before it` };
	if (value.acts.some(({ atHour }) => atHour > value.hours)) return { problem: "/acts: one is after the end of the life" };
	return { scenario: value };
}

/** Text of a file to a scenario, with the same answers. At most a megabyte is read. */
export function parseScenario(text: string): ReturnType<typeof readScenario> {
	if (text.length > 1_000_000) return { problem: "the file is too large" };
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return { problem: "the file is not JSON" };
	}
	return readScenario(value);
}
