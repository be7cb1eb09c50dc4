import { describe, expect, test } from "vitest";

import { type Jurisdiction, jurisdictionOf, jurisdictions } from "../../proto/jurisdiction.ts";
import { objectionsToTerms } from "../../proto/terms-floor.ts";
import { presetFaults, presetOf, type TermsPreset } from "../../proto/terms-presets.ts";
import { wire } from "../../proto/wire.ts";

const DAY = 24 * 3600;
const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;

function profileOf(id: string): Jurisdiction {
	const profile = jurisdictionOf(id);
	if (!profile) throw new Error(`no profile ${id}`);
	return profile;
}

function preset(id: string, changes: Partial<TermsPreset> = {}): TermsPreset {
	const found = presetOf(id);
	if (!found) throw new Error(`no preset ${id}`);
	return { ...found, ...changes };
}

describe("the presets", () => {
	test("keep the floor of their places, and each place has one", () => {
		expect(presetFaults()).toEqual([]);
		expect(jurisdictions().map(({ id }) => id)).toEqual(["default", "IN", "MX", "ID", "BR", "KE"]);
	});

	test("below its floor, for no place, or missing: each stops the build", () => {
		const hasty = preset("IN", { ladder: { graceSeconds: 5 * DAY, limitedDwellSeconds: DAY, maxLevel: FULL } });
		const faults = presetFaults([preset("default"), hasty, preset("MX", { jurisdiction: "XX" })]);
		expect(faults).toContain("IN: F3: the grace is too short");
		expect(faults).toContain("IN: F4: a higher level than the place allows");
		expect(faults).toContain("XX: no such profile");
		expect(faults).toContain("MX: no preset");
	});

	test("a place's documented source and status are there (regulators read them)", () => {
		for (const { id, source, status } of jurisdictions()) {
			expect(source.length, id).toBeGreaterThan(40);
			expect(["house rule", "draft", "in force", "none found"]).toContain(status);
		}
	});
});

describe("the floor of terms", () => {
	const night = (startMinute: number, endMinute: number, utcOffsetMinutes: number) => ({
		quietHours: { startMinute, endMinute, utcOffsetMinutes },
	});
	const rules = (id: string, changes: object) =>
		objectionsToTerms({ ...preset(id), ...changes }, profileOf(id)).map(({ rule }) => rule);

	test.each([
		["the place's own night", night(1200, 480, 420), []],
		["a longer night", night(1140, 540, 480), []],
		["no night at all", night(0, 0, 420), ["F14"]],
		["a shorter night", night(1320, 420, 420), ["F14"]],
		["the day instead", night(480, 1200, 420), ["F14"]],
		["the night of another place", night(1200, 480, -300), ["F14"]],
	])("Indonesia with %s (F14)", (_, changes, broken) => {
		expect(rules("ID", changes)).toEqual(broken);
	});

	test("where a place has no night of its own, any quiet hours are more", () => {
		expect(rules("default", night(60, 120, 345))).toEqual([]);
	});

	test.each([
		[{ onSimChange: LIMITED, onAttestationChange: LIMITED }, []],
		[{ onSimChange: FULL, onAttestationChange: 0 }, ["F4"]],
		[{ onSimChange: 0, onAttestationChange: FULL }, ["F4"]],
	])("an observation never asks for more than LIMITED: %o (F4)", (observations, broken) => {
		expect(rules("default", { observations })).toEqual(broken);
	});
});
