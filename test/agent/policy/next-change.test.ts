import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { emptyCodes, type Ledger } from "../../../agent/policy/ledger.ts";
import { createStandingRule } from "../../../agent/policy/machine.ts";
import { nextChangeAt, toElapsed } from "../../../agent/policy/next-change.ts";
import { settle } from "../../../agent/policy/settle.ts";
import type { Situation } from "../../../agent/policy/situation.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, termsOf } from "../test-lender.ts";
import { boundPhone, type Circumstances, PAID_UNTIL, seen } from "./bound-phone.ts";

const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
const { STANDING_LOCKED_LIMITED: LOCKED_LIMITED, STANDING_LOCKED_FULL: LOCKED_FULL } = wire.Standing;
const NO_BUDGET = { offline: { ...termsOf().offline, budgetSeconds: 0 } };

/** Seconds at which something changes next, for a phone that has no offline budget unless it says so. */
const nextAt = ({ terms, ...says }: Circumstances) => {
	const at = nextChangeAt(boundPhone({ ...says, terms: { ...NO_BUDGET, ...terms } }));
	return at === undefined ? undefined : at / 1000;
};

const recovery = { unreadable: new Uint8Array(), sincePoweredOnMs: 0 };
const causes = (level: wire.RestrictionLevel) => [
	{
		cause: wire.LockCause.LOCK_CAUSE_ORDERED,
		level,
		reason: wire.ReasonCode.REASON_CODE_FRAUD,
		sequence: 1,
		sinceUnixSeconds: 0,
	},
];
const overdue = (...days: number[]) => ({ shown: days.map((day) => seen(PAID_UNTIL + day * DAY)) });
const anotherSim = {
	simDigest: Uint8Array.of(1),
	simDigestNow: Uint8Array.of(2),
	attestationDigest: new Uint8Array(),
	attestationDigestNow: new Uint8Array(),
};
const observing = (onSimChange: wire.RestrictionLevel) => ({ observations: { onSimChange, onAttestationChange: NONE } });
const quietHours = { startMinute: 21 * 60, endMinute: 7 * 60, utcOffsetMinutes: 0 };
const window = { serviceOpensAtUnixSeconds: EPOCH + 5 * DAY, serviceClosesAtUnixSeconds: EPOCH + 6 * DAY };
const budget = { offline: termsOf().offline ?? null };
const graceOfAWeek = { ladder: { ...termsOf().ladder, graceSeconds: 7 * DAY } };

describe("the next moment at which anything follows from time alone", () => {
	test.each<[string, Circumstances, number | undefined]>([
		["the end of the prepaid tick", { at: 1, contact: { prepaidUntilElapsedMs: 300_000 } }, 300],
		["paid-until", { at: 1 }, PAID_UNTIL],
		["the end of grace", { at: PAID_UNTIL + HOUR }, PAID_UNTIL + 3 * DAY],
		["the opening of a service window", { at: 1, contract: window }, 5 * DAY],
		["its closing", { at: 5 * DAY, contract: window }, 6 * DAY],
		[
			"the end of a hold",
			{ at: 1, lock: { holds: [{ kind: wire.HoldKind.HOLD_KIND_CLEARING, untilUnixSeconds: EPOCH + 4 * DAY }] } },
			4 * DAY,
		],
		["the end of a pass", { at: 1, lock: { passUntilPoweredOnMs: DAY * 1000 } }, DAY],
		["the end of waiting for code entry", { at: 1, codes: { ...emptyCodes(), backingOffUntilPoweredOnMs: 60_000 } }, 60],
		["the release if the lender is gone", { at: 200 * DAY }, 270 * DAY],
		["the first offline warning", { at: 1, terms: budget }, 1 + 7 * DAY],
		["the second", { at: 1, terms: budget, contact: { chargedMs: 7 * DAY * 1000 } }, 1 + 2 * DAY],
		["the release of a binding that is not confirmed", { at: 1, contract: { confirmed: false } }, 14 * DAY],
		["the next notice of a debt", { at: PAID_UNTIL + HOUR, notices: overdue(0) }, PAID_UNTIL + DAY],
		[
			"the age of the notices",
			{ at: PAID_UNTIL + 2.5 * DAY, notices: overdue(0, 1, 2), terms: graceOfAWeek },
			PAID_UNTIL + 3 * DAY,
		],
		[
			"the age of the last offline warning",
			{
				at: 9 * DAY,
				terms: budget,
				contact: { chargedMs: 10 * DAY * 1000 },
				notices: { offlineWarnedAtRemainingSeconds: DAY, offlineWarnedAtPoweredOnMs: 9 * DAY * 1000 },
			},
			9 * DAY + HOUR,
		],
		["the end of the wait after a recovery", { at: 1, recovery, contact: { required: true } }, 3 * DAY],
		["not that end once there was contact", { at: 1, recovery, contact: { required: false } }, PAID_UNTIL],
		["the end of quiet hours", { at: 9 * HOUR, terms: { quietHours } }, 19 * HOUR],
		["not their beginning", { at: HOUR, terms: { quietHours } }, PAID_UNTIL],
		["the dwell in LIMITED, where FULL is asked for", { at: 1, lock: { standing: LOCKED_LIMITED, causes: causes(FULL) } }, DAY],
		["not where LIMITED is", { at: 1, lock: { standing: LOCKED_LIMITED, causes: causes(LIMITED) } }, PAID_UNTIL],
		["not in FULL", { at: 1, lock: { standing: LOCKED_FULL, causes: causes(FULL) } }, PAID_UNTIL],
		["nothing at all, when everything lies behind", { at: 300 * DAY }, undefined],
	])("is %s", (_, says, expected) => {
		expect(nextAt(says)).toBe(expected);
	});

	test("is the age of lock warnings only where something observed asks for a lock", () => {
		const notices = { shown: [5, 6, 7].map((day) => seen(day * DAY)) };
		const says = { at: 7 * DAY + HOUR, notices, observations: anotherSim };
		expect(nextAt({ ...says, terms: observing(LIMITED) })).toBe(8 * DAY);
		expect(nextAt({ ...says, terms: observing(NONE) })).toBe(PAID_UNTIL);
	});

	test("is never now, nor in the past", () => {
		expect(nextAt({ at: PAID_UNTIL })).toBe(PAID_UNTIL + 3 * DAY);
	});
});

describe("until that moment", () => {
	const judge = { crypto: nobleCrypto, standingAfter: createStandingRule() };
	const hours = (max: number) => fc.integer({ min: 0, max }).map((hour) => hour * HOUR);
	const stories = fc.record({
		at: hours(24 * 60),
		seenAfter: fc.array(hours(24 * 5), { maxLength: 4 }),
		chargedHours: fc.integer({ min: 0, max: 24 * 11 }),
		warned: fc.constantFrom(0, 3 * DAY, DAY),
		holdUntil: hours(24 * 60),
		passUntil: hours(24 * 60),
		recovered: fc.boolean(),
		confirmed: fc.boolean(),
		changed: fc.boolean(),
		ordered: fc.constantFrom(NONE, LIMITED, FULL),
		standing: fc.constantFrom(wire.Standing.STANDING_UNLOCKED, LOCKED_LIMITED, LOCKED_FULL),
		quiet: fc.boolean(),
		hasBudget: fc.boolean(),
		fraction: fc.double({ min: 0, max: 1, noNaN: true }),
	});

	function phoneOf(story: typeof stories extends fc.Arbitrary<infer Story> ? Story : never): Situation {
		const { at, seenAfter, chargedHours, warned, ordered, standing } = story;
		const firsts = seenAfter.toSorted((a, b) => a - b).map((after) => Math.max(0, at - 5 * DAY) + after);
		return boundPhone({
			at,
			terms: { ...observing(LIMITED), ...(story.quiet ? { quietHours } : {}), ...(story.hasBudget ? {} : NO_BUDGET) },
			contract: { confirmed: story.confirmed },
			contact: { chargedMs: chargedHours * HOUR * 1000, required: story.recovered },
			notices: {
				shown: firsts.filter((when) => when <= at).map((when) => seen(when)),
				offlineWarnedAtRemainingSeconds: warned,
				offlineWarnedAtPoweredOnMs: at * 1000,
			},
			lock: {
				standing,
				standingSincePoweredOnMs: Math.max(0, at - HOUR) * 1000,
				causes: ordered === NONE ? [] : causes(ordered),
				holds: [{ kind: wire.HoldKind.HOLD_KIND_DISPUTE, untilUnixSeconds: EPOCH + story.holdUntil }],
				passUntilPoweredOnMs: story.passUntil * 1000,
			},
			...(story.recovered ? { recovery: { ...recovery, sincePoweredOnMs: at * 500 } } : {}),
			...(story.changed ? { observations: anotherSim } : {}),
		});
	}

	/** The same phone so many powered-on milliseconds later. */
	function later(phone: Situation, ledger: Ledger, ms: number): Ledger {
		const { time } = ledger;
		const moved = { ...time, elapsedMs: time.elapsedMs + ms, poweredOnMs: time.poweredOnMs + ms };
		return settle(judge, { ...ledger, time: moved }, phone);
	}

	test("time alone locks nothing and opens nothing", () => {
		fc.assert(
			fc.property(stories, (story) => {
				const phone = phoneOf(story);
				const ledger = settle(judge, phone.ledger, phone);
				// Without a budget the ticks mean nothing, and without them the next moment may be days away.
				const paid = { prepaidUntilElapsedMs: ledger.time.elapsedMs };
				const asked = story.hasBudget ? ledger : { ...ledger, contact: { ...ledger.contact, ...paid } };
				const next = nextChangeAt({ ...phone, ledger: asked, contract: ledger.contract ?? phone.contract });
				const leftMs = (next ?? Number.MAX_SAFE_INTEGER / 16) - ledger.time.poweredOnMs;
				const { lock, posture, contract } = later(phone, ledger, Math.min(Math.floor(leftMs * story.fraction), leftMs - 1));
				expect({ lock, posture, contract }).toEqual({
					lock: ledger.lock,
					posture: ledger.posture,
					contract: ledger.contract,
				});
			}),
			{ numRuns: 1000 },
		);
	});

	test("settling twice changes nothing", () => {
		fc.assert(
			fc.property(stories, (story) => {
				const phone = phoneOf(story);
				const ledger = settle(judge, phone.ledger, phone);
				expect(settle(judge, ledger, phone)).toEqual(ledger);
			}),
			{ numRuns: 200 },
		);
	});
});

describe("the host's alarm", () => {
	test.each([
		[10_000, 4000],
		[10_000.4, 4001],
		[7000, 1000],
		[5000, -1000],
	])("at powered-on %d ms is %d ms into the present boot, never too early", (poweredOnMs, elapsedMs) => {
		const { ledger } = boundPhone({ time: { poweredOnMs: 7000, elapsedMs: 1000 } });
		expect(toElapsed(ledger, poweredOnMs)).toBe(elapsedMs);
	});
});
