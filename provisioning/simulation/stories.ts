import type { Act, Scenario } from "./scenario.ts";

const DAY = 24;
const MONTH = 30 * DAY;
/** 2026-06-01T12:00:00Z. */
const STARTS_AT = 1_780_315_200;

export const STORY_NAMES = ["goodPayer", "forgetsOnce", "losesJob", "neverPays", "lenderDies", "drawer", "stolenKey"] as const;
export type StoryName = (typeof STORY_NAMES)[number];

const acts = (...list: readonly (readonly [day: number, hour: number, act: Act])[]): Scenario["acts"] =>
	list.map(([day, hour, act]) => ({ atHour: day * DAY + hour, act }));

/** Each tells one thing about the lock, from hand-over to its end. Under Mexico's rules, but for one. */
const STORIES: Readonly<Record<StoryName, Pick<Scenario, "hours" | "acts">>> = {
	goodPayer: { hours: 13 * MONTH, acts: acts([0, 1, { kind: "payOnTime", on: true }]) },
	forgetsOnce: {
		hours: 13 * MONTH,
		acts: acts(
			[0, 1, { kind: "payOnTime", on: true }],
			// The third instalment is forgotten, and paid when the phone has become limited.
			[61, 0, { kind: "payOnTime", on: false }],
			[96, 5, { kind: "pay", instalments: 1 }],
			[96, 6, { kind: "payOnTime", on: true }],
		),
	},
	losesJob: {
		hours: 150 * DAY,
		acts: acts(
			[0, 1, { kind: "payOnTime", on: true }],
			[31, 0, { kind: "payOnTime", on: false }],
			[68, 4, { kind: "dispute" }],
			[83, 4, { kind: "promise", days: 10 }],
			[97, 6, { kind: "pass" }],
			[102, 6, { kind: "network", on: false }],
			[103, 4, { kind: "pay", instalments: 3 }],
			[103, 6, { kind: "code", from: "support" }],
			[104, 0, { kind: "network", on: true }],
		),
	},
	neverPays: { hours: 90 * DAY, acts: [] },
	lenderDies: {
		hours: 500 * DAY,
		acts: acts(
			[0, 1, { kind: "payOnTime", on: true }],
			[200, 0, { kind: "lenderSilent", on: true }],
			[231, 4, { kind: "pass" }],
			[300, 4, { kind: "emergencyCall", on: true }],
			[300, 5, { kind: "emergencyCall", on: false }],
		),
	},
	drawer: {
		hours: 13 * MONTH,
		acts: acts(
			[0, 1, { kind: "payOnTime", on: true }],
			[40, 0, { kind: "powerOff", hours: 120 * DAY }],
			[170, 0, { kind: "network", on: false }],
			[212, 4, { kind: "network", on: true }],
		),
	},
	stolenKey: {
		hours: 120 * DAY,
		acts: acts(
			[0, 1, { kind: "payOnTime", on: true }],
			[20, 4, { kind: "stolenKey", level: "full" }],
			[21, 4, { kind: "stolenKey", level: "limited" }],
			[22, 4, { kind: "emergencyCall", on: true }],
			[22, 5, { kind: "stolenKey", level: "full" }],
			[22, 6, { kind: "emergencyCall", on: false }],
		),
	},
};

/** A story as a scenario: three instalments less or more are the reader's to try. */
export function story(name: StoryName): Scenario {
	return {
		holdfast: "life",
		version: 1,
		name,
		seed: 1,
		startsAtUnixSeconds: STARTS_AT,
		terms: { jurisdiction: "MX", currency: "MXN", amountMinor: 50_000, instalments: 12, everyDays: 30, language: "es" },
		...STORIES[name],
	};
}
