import { describe, expect, test } from "vitest";

import { readAgreement } from "../../../agent/policy/terms.ts";
import { encode } from "../../../proto/codec.ts";
import { type Jurisdiction, jurisdictions } from "../../../proto/jurisdiction.ts";
import { objectionsToTerms } from "../../../proto/terms-floor.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, termsOf } from "../test-lender.ts";

type Changes = Partial<wire.Terms.$Properties>;
const base = termsOf();
const read = (changes: Changes) => readAgreement(encode(wire.Terms, termsOf(changes)));

describe("the floor under terms", () => {
	const below: [string, Changes, string][] = [
		["grace", { ladder: { ...base.ladder, graceSeconds: 3 * DAY - 1 } }, "F3"],
		["number of notices", { notices: { ...base.notices, count: 2, minSpacingSeconds: 2 * DAY } }, "F3"],
		["channels", { notices: { ...base.notices, minChannels: 1 } }, "F3"],
		["time between notices", { notices: { ...base.notices, minSpacingSeconds: DAY - 1 } }, "F3"],
		["dwell in LIMITED", { ladder: { ...base.ladder, limitedDwellSeconds: DAY - 1 } }, "F4"],
		["number of passes", { passes: { ...base.passes, perYear: 1 } }, "F13"],
		["length of passes", { passes: { ...base.passes, durationSeconds: DAY - 1 } }, "F13"],
		["release if the lender is gone", { deadLenderReleaseSeconds: 0 }, "F16"],
		["height of the ladder under an offline lock", { ladder: { ...base.ladder, maxLevel: 0 } }, "F4"],
		["an early release if the lender is gone", { deadLenderReleaseSeconds: 731 * DAY }, "F16"],
	];
	test.each(below)("objects to too little %s", (_name, changes, rule) => {
		const agreement = read(changes);
		if ("problem" in agreement) throw new Error(agreement.problem);
		expect(objectionsToTerms(agreement.terms, agreement.profile).map((objection) => objection.rule)).toEqual([rule]);
	});

	test("has nothing against terms that stand exactly on it", () => {
		const agreement = read({});
		if ("problem" in agreement) throw new Error(agreement.problem);
		expect(objectionsToTerms(agreement.terms, agreement.profile)).toEqual([]);
	});

	test("in India there is no full lock and nothing at all before 90 days", () => {
		const agreement = read({ jurisdiction: "IN" });
		if ("problem" in agreement) throw new Error(agreement.problem);
		expect(objectionsToTerms(agreement.terms, agreement.profile).map(({ rule }) => rule)).toEqual(["F3", "F3", "F4"]);
	});

	const [house, ...others] = jurisdictions();
	test.each(others.map((profile) => [profile.id, profile] as const))(
		"%s asks for no less than the house does",
		(_id, profile) => {
			expect(house).toBeDefined();
			if (!house) return;
			expect(profile.minPastDueSeconds).toBeGreaterThanOrEqual(house.minPastDueSeconds);
			expect(profile.maxLevel).toBeLessThanOrEqual(house.maxLevel);
			expect(profile.minLimitedDwellSeconds).toBeGreaterThanOrEqual(house.minLimitedDwellSeconds);
			expect(profile.notices.minCount).toBeGreaterThanOrEqual(house.notices.minCount);
			expect(profile.notices.minTotalSeconds).toBeGreaterThanOrEqual(house.notices.minTotalSeconds);
			expect(profile.passes.minPerYear).toBeGreaterThanOrEqual(house.passes.minPerYear);
			expect(profile.maxDeadLenderSeconds).toBeLessThanOrEqual(house.maxDeadLenderSeconds);
			expect(profile.source.length).toBeGreaterThan(20);
		},
	);

	const rules = (changes: Changes, place: Partial<Jurisdiction> = {}) => {
		const agreement = read(changes);
		if ("problem" in agreement) throw new Error(agreement.problem);
		return objectionsToTerms(agreement.terms, { ...agreement.profile, ...place }).map(({ rule }) => rule);
	};

	test("has nothing against the longest silence of a lender that the place allows (F16)", () => {
		expect(rules({ deadLenderReleaseSeconds: 730 * DAY })).toEqual([]);
		expect(rules({ deadLenderReleaseSeconds: 730 * DAY + 1 })).toEqual(["F16"]);
	});

	test("lets an observation ask for no more than the ladder does (F4)", () => {
		const offline = { ...base.offline, level: 0 };
		const ladder = { ...base.ladder, maxLevel: 0 };
		expect(rules({ offline, ladder, observations: { onSimChange: 0, onAttestationChange: 0 } })).toEqual([]);
		expect(rules({ offline, ladder, observations: { onSimChange: 1, onAttestationChange: 0 } })).toEqual(["F4"]);
	});

	const hours = (startMinute: number, endMinute: number) => ({ startMinute, endMinute, utcOffsetMinutes: 0 });
	test.each([
		["over midnight, the same", hours(1200, 480), hours(1200, 480), []],
		["over midnight, a minute later", hours(1200, 480), hours(1201, 480), ["F14"]],
		["over midnight, to a minute sooner", hours(1200, 480), hours(1200, 479), ["F14"]],
		["over midnight, longer", hours(1200, 480), hours(1199, 481), []],
		["within a day, the same", hours(780, 900), hours(780, 900), []],
		["within a day, a minute later", hours(780, 900), hours(781, 900), ["F14"]],
		["within a day, to a minute sooner", hours(780, 900), hours(780, 899), ["F14"]],
		["within a day, the night instead", hours(780, 900), hours(1200, 480), ["F14"]],
		["within a day, a night that begins as they do", hours(1200, 1300), hours(1200, 480), []],
		["within a day, a night that ends as they do", hours(300, 480), hours(1200, 480), []],
		["within a day, all but the minute after it", hours(780, 900), hours(901, 900), []],
		["within a day, all but its last minute", hours(780, 900), hours(900, 899), ["F14"]],
		["of which there are none in the place", hours(780, 780), hours(5, 6), []],
		["of which there are none in the terms", hours(780, 781), hours(780, 780), ["F14"]],
	])("holds quiet hours of terms against the place's: %s (F14)", (_name, place, ofTerms, broken) => {
		expect(rules({ quietHours: ofTerms }, { quietHours: { ...place, utcOffsetsMinutes: [0] } })).toEqual(broken);
	});
});
