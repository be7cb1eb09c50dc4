import { describe, expect, test } from "vitest";
import { amountDue, readAgreement, type Terms } from "../../../agent/policy/terms.ts";
import { waysTightened } from "../../../agent/policy/terms-change.ts";
import { encode } from "../../../proto/codec.ts";
import { jurisdictions } from "../../../proto/jurisdiction.ts";
import { objectionsToTerms } from "../../../proto/terms-floor.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, termsOf } from "../test-lender.ts";

type Changes = Partial<wire.Terms.$Properties>;
const base = termsOf();
const read = (changes: Changes) => readAgreement(encode(wire.Terms, termsOf(changes)));

function terms(changes: Changes = {}): Terms {
	const agreement = read(changes);
	if ("problem" in agreement) throw new Error(agreement.problem);
	return agreement.terms;
}

describe("terms", () => {
	test("that are complete are read", () => {
		expect(read({})).toHaveProperty("terms");
	});

	const impossible: [string, Changes][] = [
		["no ladder", { ladder: null }],
		["no contact", { contact: null }],
		["no support phone", { contact: { ...base.contact, supportPhone: "" } }],
		["instalments out of order", { instalments: [...(base.instalments ?? [])].reverse() }],
		["no instalment", { instalments: [] }],
		["an instalment of nothing", { instalments: [{ dueAtUnixSeconds: EPOCH, amountMinor: 0 }] }],
		["an unknown jurisdiction", { jurisdiction: "XX" }],
		["no language", { languages: [] }],
		["a currency that is none", { currency: "euro" }],
		["a level that is none", { ladder: { ...base.ladder, maxLevel: Number("7") } }],
		["warnings in the wrong order", { offline: { ...base.offline, warnAtRemainingSeconds: [DAY, 3 * DAY] } }],
		["a short release digest", { releaseDigest: new Uint8Array(31) }],
		["never freed when unconfirmed", { unconfirmedReleaseSeconds: 0 }],
		["an address in the clear", { checkInUrl: "http://lender.example/" }],
		["an address that only begins as loopback", { checkInUrl: "http://localhost.evil.example/" }],
		["an address with a query", { checkInUrl: "https://lender.example/?a=b" }],
		["a package that is none", { essentialPackages: ["rm -rf /"] }],
	];
	test.each(impossible)("with %s are not", (_name, changes) => {
		expect(read(changes)).toHaveProperty("problem");
	});

	test.each([
		"https://lender.example",
		"https://lender.example:8443/api",
		"http://127.0.0.1:8080",
		"http://localhost:8080/",
		"http://[::1]:1/",
	])("may name %s for check-ins", (checkInUrl) => expect(read({ checkInUrl })).toHaveProperty("terms"));

	test("bytes that are no terms are a problem, not an exception", () => {
		expect(readAgreement(new Uint8Array([255, 255, 255]))).toHaveProperty("problem");
	});
});

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
});

describe("a change of terms (F10)", () => {
	const harder: [string, Changes][] = [
		["grace", { ladder: { ...base.ladder, graceSeconds: DAY } }],
		["dwell", { ladder: { ...base.ladder, limitedDwellSeconds: 0 } }],
		["number of notices", { notices: { ...base.notices, count: 2 } }],
		["offline budget", { offline: { ...base.offline, budgetSeconds: DAY } }],
		["offline warnings", { offline: { ...base.offline, warnAtRemainingSeconds: [DAY] } }],
		["number of passes", { passes: { ...base.passes, perYear: 0 } }],
		["release if the lender is gone", { deadLenderReleaseSeconds: 181 * DAY }],
		["quiet hours", { quietHours: { startMinute: 1, endMinute: 2, utcOffsetMinutes: 0 } }],
		["jurisdiction", { jurisdiction: "MX" }],
		["currency", { currency: "USD" }],
		["instalments", { instalments: [{ dueAtUnixSeconds: EPOCH + 30 * DAY, amountMinor: 50_001 }] }],
		["languages", { languages: ["es"] }],
		["essential apps", { essentialPackages: [] }],
		["what follows from another SIM", { observations: { onSimChange: 1, onAttestationChange: 0 } }],
		["what follows from another attestation", { observations: { onSimChange: 0, onAttestationChange: 1 } }],
	];
	test.each(harder)("in the %s is harder on the borrower", (what, changes) => {
		expect(waysTightened(terms(), terms(changes))).toEqual([what]);
	});

	const easier: [string, Changes][] = [
		["nothing", {}],
		["longer grace", { ladder: { ...base.ladder, graceSeconds: 30 * DAY } }],
		["a lower level", { ladder: { ...base.ladder, maxLevel: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED } }],
		["no offline lock at all", { offline: { ...base.offline, budgetSeconds: 0 } }],
		["an instalment less", { instalments: base.instalments?.slice(0, 2) ?? [] }],
		["smaller instalments", { instalments: base.instalments?.map((one) => ({ ...one, amountMinor: 1 })) ?? [] }],
		["another page to pay on", { contact: { ...base.contact, payUrl: "https://lender.example/pay2" } }],
	];
	test.each(easier)("to %s is not", (_name, changes) => {
		expect(waysTightened(terms(), terms(changes))).toEqual([]);
	});
});

describe("what is due", () => {
	test.each([
		["before the first due date, the next instalment", 30, 10, 50_000, 30],
		["past one due date, that one", 30, 31, 50_000, 30],
		["past two, both", 30, 61, 100_000, 30],
		["with the second paid, the third", 90, 80, 50_000, 90],
		["with all paid, nothing", 91, 95, 0, undefined],
	])("%s", (_name, paidUntilDay, nowDay, amountMinor, dueDay) => {
		const due = amountDue(terms(), EPOCH + paidUntilDay * DAY, EPOCH + nowDay * DAY);
		expect(due).toEqual({ amountMinor, dueAtUnixSeconds: dueDay === undefined ? 0 : EPOCH + dueDay * DAY });
	});
});
