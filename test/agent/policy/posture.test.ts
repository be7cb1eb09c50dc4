import { describe, expect, test } from "vitest";

import {
	bitsOf,
	COLUMNS,
	CONTROLS,
	cellOf,
	columnOf,
	controlsOf,
	NEVER_RESTRICTED,
	postureOf,
	whatStillWorks,
} from "../../../agent/policy/posture.ts";
import { jurisdictions } from "../../../proto/jurisdiction.ts";
import { wire } from "../../../proto/wire.ts";

const STANDINGS = Object.values(wire.Standing).filter((value): value is wire.Standing => typeof value === "number");
const everyInput = STANDINGS.flatMap((standing) =>
	[true, false].flatMap((sealed) => [true, false].map((serviceOpen) => ({ standing, sealed, serviceOpen, neverRestricted: [] }))),
);

describe("the posture table", () => {
	test.each(NEVER_RESTRICTED)("%s is open in every column (F1, F2)", (control) => {
		for (const column of COLUMNS) expect(cellOf(control, column)).toEqual({ value: "open", criticality: "must" });
		for (const input of everyInput) expect(postureOf(input)).not.toContain(control);
	});

	test("emergency, incoming calls, support, pay app, internet and messages are what is never restricted (F1, F2)", () => {
		expect([...NEVER_RESTRICTED].sort()).toEqual(
			["emergencyCall", "incomingCalls", "internet", "messagesAndAlerts", "payApp", "supportLine"].sort(),
		);
	});

	test("a place can protect more than the house does (F2)", () => {
		const input = { standing: wire.Standing.STANDING_LOCKED_FULL, sealed: true, serviceOpen: false };
		expect(postureOf({ ...input, neverRestricted: [] })).toContain("outgoingCalls");
		expect(postureOf({ ...input, neverRestricted: ["outgoingCalls"] })).not.toContain("outgoingCalls");
	});

	test.each(jurisdictions().map((profile) => [profile.id, profile] as const))(
		"%s protects no less than the house (F2)",
		(_, profile) => {
			expect([...profile.neverRestricted]).toEqual(expect.arrayContaining([...NEVER_RESTRICTED]));
		},
	);

	test("nothing is restricted without a contract, and nothing after release (F7)", () => {
		for (const standing of [wire.Standing.STANDING_UNBOUND, wire.Standing.STANDING_RELEASED]) {
			expect(postureOf({ standing, sealed: true, serviceOpen: false, neverRestricted: [] })).toEqual([]);
		}
	});

	test("each standing has its column, and one that is not known restricts nothing", () => {
		const columns = STANDINGS.map((standing) => [standing, columnOf(standing)]);
		expect(columns).toEqual([
			[wire.Standing.STANDING_UNSPECIFIED, "unbound"],
			[wire.Standing.STANDING_UNBOUND, "unbound"],
			[wire.Standing.STANDING_UNLOCKED, "unlocked"],
			[wire.Standing.STANDING_GRACE, "grace"],
			[wire.Standing.STANDING_LOCKED_LIMITED, "limited"],
			[wire.Standing.STANDING_LOCKED_FULL, "full"],
			[wire.Standing.STANDING_RELEASED, "released"],
		]);
	});

	test("grace restricts no more than a paid phone", () => {
		const at = (standing: wire.Standing) => postureOf({ standing, sealed: true, serviceOpen: false, neverRestricted: [] });
		expect(at(wire.Standing.STANDING_GRACE)).toEqual(at(wire.Standing.STANDING_UNLOCKED));
	});

	test("each level restricts everything the one below does, and more", () => {
		const at = (standing: wire.Standing) =>
			new Set(postureOf({ standing, sealed: true, serviceOpen: false, neverRestricted: [] }));
		const levels = [wire.Standing.STANDING_GRACE, wire.Standing.STANDING_LOCKED_LIMITED, wire.Standing.STANDING_LOCKED_FULL].map(
			at,
		);
		for (const [index, level] of levels.slice(1).entries()) {
			const below = levels[index] ?? new Set();
			expect([...below].every((control) => level.has(control as never))).toBe(true);
			expect(level.size).toBeGreaterThan(below.size);
		}
	});

	test.each([
		{ sealed: false, serviceOpen: false, restricted: false },
		{ sealed: true, serviceOpen: false, restricted: true },
		{ sealed: true, serviceOpen: true, restricted: false },
	])(
		"debugging: sealed $sealed, service window $serviceOpen -> restricted $restricted",
		({ sealed, serviceOpen, restricted }) => {
			const posture = postureOf({ standing: wire.Standing.STANDING_LOCKED_FULL, sealed, serviceOpen, neverRestricted: [] });
			expect(posture.includes("debugging")).toBe(restricted);
		},
	);

	test("the clock is left alone, because nothing depends on it", () => {
		for (const input of everyInput) expect(postureOf(input)).not.toContain("dateAndTime");
	});

	test("a control's bit survives the ledger, and names that are none are left out", () => {
		expect(controlsOf(bitsOf(CONTROLS))).toEqual(CONTROLS);
		expect(controlsOf(bitsOf(["debugging", "no such control"]))).toEqual(["debugging"]);
	});

	test("'what still works' has a line for every control and says that emergency calls always do", () => {
		const lines = whatStillWorks().split("\n");
		expect(lines).toHaveLength(CONTROLS.length + 2);
		expect(lines[2]).toBe("| Emergency calls | works | works | works | works | works |");
	});

	test("'what still works' says under each heading whether something is off for sure, or where the phone allows it", () => {
		const lines = whatStillWorks().split("\n");
		const maybe = "off where the phone allows it";
		expect(lines.slice(0, 2)).toEqual([
			"|  | paid | past due | limited | full | paid off |",
			"| --- | --- | --- | --- | --- | --- |",
		]);
		expect(lines).toContain("| Camera and gallery | works | works | off | off | works |");
		expect(lines).toContain(`| Other apps | works | works | ${maybe} | ${maybe} | works |`);
		expect(lines).toContain("| USB debugging | off | off | off | off | works |");
		expect(lines).toContain("| Leaving the lender's page | works | works | works | off | works |");
		expect(lines).toContain(`| Safe mode | ${maybe} | ${maybe} | ${maybe} | ${maybe} | works |`);
	});
});
