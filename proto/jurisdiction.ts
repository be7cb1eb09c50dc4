import { wire } from "./wire.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What a person needs of a phone whatever is owed: names of controls in agent/policy/posture.ts. */
export type ProtectedService =
	| "emergencyCall"
	| "incomingCalls"
	| "supportLine"
	| "payApp"
	| "internet"
	| "messagesAndAlerts"
	| "outgoingCalls";

/** How far the law behind a profile has come. */
export type LegalStatus = "house rule" | "draft" | "in force" | "none found";

/** What no order and no terms can go below in a place. Durations in seconds. */
export interface Jurisdiction {
	readonly id: string;
	readonly status: LegalStatus;
	/** Where the numbers come from; also what is only read in the press. */
	readonly source: string;
	/** F3: nothing is restricted sooner than this after paid-until. */
	readonly minPastDueSeconds: number;
	/** F2: never restricted here, at any level, by anybody. Never less than the house's own list. */
	readonly neverRestricted: readonly ProtectedService[];
	/** F4: highest level that may ever be in force. */
	readonly maxLevel: wire.RestrictionLevel;
	/** F4: least time in LIMITED before FULL, powered-on. */
	readonly minLimitedDwellSeconds: number;
	/** F3: warnings before a lock. Times between them are powered-on. */
	readonly notices: {
		readonly minCount: number;
		readonly minChannels: number;
		/** The first one counts only when shown this long after paid-until. */
		readonly firstNotBeforePastDueSeconds: number;
		readonly cureAfterFirstSeconds: number;
		readonly cureAfterLastSeconds: number;
		/** From the first one to the lock. */
		readonly minTotalSeconds: number;
	};
	/** F13: emergency passes in 365 days, and how long each lasts. */
	readonly passes: { readonly minPerYear: number; readonly minDurationSeconds: number; readonly maxDurationSeconds: number };
	/** F14: local hours without a new lock. Terms may name longer ones, never shorter. */
	readonly quietHours: QuietNight | undefined;
	/** F14: days of the week without a new lock, 0 = Sunday. */
	readonly quietWeekdays: readonly number[];
	/** F6: unlock no later than this after payment, minutes; what is locked beyond it is counted as wrongful. */
	readonly restoreMaxMinutes: number;
	/** F6: what the place asks the lender to pay for each wrongful hour, in the currency's minor unit. */
	readonly wrongfulHour: { readonly currency: string; readonly amountMinor: number } | undefined;
	/** F16: longest that the dead-lender release may be put off after the final due date. */
	readonly maxDeadLenderSeconds: number;
}

/** Local hours, from start to end, over midnight if start is later. */
export interface QuietNight {
	/** Minutes after local midnight, 0-1439. */
	readonly startMinute: number;
	/** Minutes after local midnight, 0-1439. */
	readonly endMinute: number;
	/** Offset from UTC, in minutes east, where the terms name none. */
	readonly utcOffsetMinutes: number;
	/** Every offset that clocks of the place show. */
	readonly utcOffsetsMinutes: readonly number[];
}

const HOUSE: Jurisdiction = {
	id: "default",
	status: "house rule",
	source:
		"F3 and F13 of the borrower's floor; strictest of the US rules read: N.J.S.A. 56:8-206 (72 h warning, two channels, 48 h emergency use)",
	minPastDueSeconds: 3 * DAY,
	neverRestricted: ["emergencyCall", "incomingCalls", "supportLine", "payApp", "internet", "messagesAndAlerts"],
	maxLevel: wire.RestrictionLevel.RESTRICTION_LEVEL_FULL,
	minLimitedDwellSeconds: DAY,
	notices: {
		minCount: 3,
		minChannels: 2,
		firstNotBeforePastDueSeconds: 0,
		cureAfterFirstSeconds: 0,
		cureAfterLastSeconds: 0,
		minTotalSeconds: 72 * HOUR,
	},
	passes: { minPerYear: 2, minDurationSeconds: 24 * HOUR, maxDurationSeconds: 48 * HOUR },
	quietHours: undefined,
	quietWeekdays: [],
	restoreMaxMinutes: 60,
	wrongfulHour: undefined,
	maxDeadLenderSeconds: 730 * DAY,
};

/** No new lock from 20:00 to 08:00. The first offset is where most people live. */
const nightAt = (...[most = 0, ...others]: number[]): QuietNight => ({
	startMinute: 20 * 60,
	endMinute: 8 * 60,
	utcOffsetMinutes: most,
	utcOffsetsMinutes: [most, ...others],
});

const PROFILES: readonly Jurisdiction[] = [
	HOUSE,
	{
		...HOUSE,
		id: "IN",
		status: "draft",
		source:
			"RBI draft directions of 20 May 2026, para 454Q, proposed for 1 October 2026, as reported in the press; final text unconfirmed. Full block not permitted; internet, incoming calls, SOS and alerts never.",
		minPastDueSeconds: 90 * DAY,
		maxLevel: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED,
		notices: {
			minCount: 3,
			minChannels: 2,
			firstNotBeforePastDueSeconds: 60 * DAY,
			cureAfterFirstSeconds: 21 * DAY,
			cureAfterLastSeconds: 7 * DAY,
			minTotalSeconds: 28 * DAY,
		},
		quietHours: nightAt(330),
		wrongfulHour: { currency: "INR", amountMinor: 250_00 },
	},
	{
		...HOUSE,
		id: "MX",
		status: "none found",
		source:
			"No rule on instalment locks found; Profeco (2023) called mass remote locks of grey-market phones illegal. House rule.",
		quietHours: nightAt(-360, -300, -420, -480),
	},
	{
		...HOUSE,
		id: "ID",
		status: "none found",
		source:
			"No rule on device locks found. POJK 22/2023 Art. 60-62, as reported: warning letters first; contact 08:00-20:00 from Monday to Saturday only, which is taken as the hours for a new lock.",
		quietWeekdays: [0],
		quietHours: nightAt(420, 480, 540),
	},
	{
		...HOUSE,
		id: "BR",
		status: "in force",
		source:
			"TJDFT, 8 May 2025: a remote lock as guarantee of a cash loan is illegal. Purchase finance of the phone itself is not covered by it. House rule.",
		quietHours: nightAt(-180, -120, -240, -300),
	},
	{
		...HOUSE,
		id: "KE",
		status: "in force",
		source:
			"CBK Digital Credit Providers Regulations 2022, as reported: 30 days' notice of changed terms. Locks in the market begin after four days.",
		minPastDueSeconds: 4 * DAY,
		quietHours: nightAt(180),
	},
];

/** The profile of a name as in `Terms.jurisdiction`; `undefined` if there is none. */
export function jurisdictionOf(id: string): Jurisdiction | undefined {
	return PROFILES.find((profile) => profile.id === id);
}

/** Every profile, `default` first: for tests and documents. */
export function jurisdictions(): readonly Jurisdiction[] {
	return PROFILES;
}
