import { type Jurisdiction, jurisdictions } from "./jurisdiction.ts";
import { objectionsToTerms } from "./terms-floor.ts";
import { wire } from "./wire.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What a contract says of locks where its lender says nothing else. Durations in seconds. */
export interface TermsPreset {
	/** Id of the jurisdiction that it is for. */
	readonly jurisdiction: string;
	readonly ladder: {
		readonly graceSeconds: number;
		readonly limitedDwellSeconds: number;
		readonly maxLevel: wire.RestrictionLevel;
	};
	readonly notices: { readonly count: number; readonly minSpacingSeconds: number; readonly minChannels: number };
	readonly offline: {
		readonly budgetSeconds: number;
		readonly warnAtRemainingSeconds: number[];
		readonly level: wire.RestrictionLevel;
	};
	readonly passes: { readonly perYear: number; readonly durationSeconds: number };
	readonly deadLenderReleaseSeconds: number;
	readonly unconfirmedReleaseSeconds: number;
}

const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;

/** Somewhat above the house floor, so that a lender who thinks of nothing is kinder than it must be. */
const HOUSE: TermsPreset = {
	jurisdiction: "default",
	ladder: { graceSeconds: 5 * DAY, limitedDwellSeconds: 2 * DAY, maxLevel: FULL },
	notices: { count: 3, minSpacingSeconds: DAY, minChannels: 2 },
	offline: { budgetSeconds: 30 * DAY, warnAtRemainingSeconds: [10 * DAY, 5 * DAY, DAY], level: LIMITED },
	passes: { perYear: 4, durationSeconds: 48 * HOUR },
	deadLenderReleaseSeconds: 90 * DAY,
	unconfirmedReleaseSeconds: 7 * DAY,
};

const PRESETS: readonly TermsPreset[] = [
	HOUSE,
	{
		...HOUSE,
		jurisdiction: "IN",
		ladder: { graceSeconds: 90 * DAY, limitedDwellSeconds: 7 * DAY, maxLevel: LIMITED },
		notices: { count: 3, minSpacingSeconds: 10 * DAY, minChannels: 2 },
	},
	{ ...HOUSE, jurisdiction: "MX" },
	{ ...HOUSE, jurisdiction: "ID" },
	{ ...HOUSE, jurisdiction: "BR" },
	{ ...HOUSE, jurisdiction: "KE", ladder: { ...HOUSE.ladder, graceSeconds: 7 * DAY } },
];

/** The preset of a jurisdiction; `undefined` if there is no such profile. */
export function presetOf(jurisdiction: string): TermsPreset | undefined {
	return PRESETS.find((preset) => preset.jurisdiction === jurisdiction);
}

/**
 * What is wrong with the presets, a line each: one below its own floor, one for no profile, a profile without one. The build
 * stops at the first line (scripts/build.mjs).
 */
export function presetFaults(
	presets: readonly TermsPreset[] = PRESETS,
	profiles: readonly Jurisdiction[] = jurisdictions(),
): string[] {
	const missing = profiles.filter(({ id }) => !presets.some(({ jurisdiction }) => jurisdiction === id));
	const faults = presets.flatMap((preset) => {
		const profile = profiles.find(({ id }) => id === preset.jurisdiction);
		if (!profile) return [`${preset.jurisdiction}: no such profile`];
		return objectionsToTerms(preset, profile).map(({ rule, why }) => `${preset.jurisdiction}: ${rule}: ${why}`);
	});
	return [...missing.map(({ id }) => `${id}: no preset`), ...faults];
}
