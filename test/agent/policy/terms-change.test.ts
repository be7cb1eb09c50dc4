import { describe, expect, test } from "vitest";

import { readAgreement, type Terms } from "../../../agent/policy/terms.ts";
import { isSameContract, movesLender, waysTightened } from "../../../agent/policy/terms-change.ts";
import { encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, termsOf } from "../test-lender.ts";

type Changes = Partial<wire.Terms.$Properties>;
const base = termsOf();
const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
/** Terms that can still go higher. */
const BELOW_FULL = { ladder: { ...base.ladder, maxLevel: LIMITED } };
const instalments = (from: number, to: number) => base.instalments?.slice(from, to) ?? [];
const [second] = instalments(1, 2);

function terms(changes: Changes = {}): Terms {
	const agreement = readAgreement(encode(wire.Terms, termsOf(changes)));
	if ("problem" in agreement) throw new Error(agreement.problem);
	return agreement.terms;
}

describe("a change of terms (F10)", () => {
	const harder: [string, Changes][] = [
		["grace", { ladder: { ...BELOW_FULL.ladder, graceSeconds: DAY } }],
		["dwell", { ladder: { ...BELOW_FULL.ladder, limitedDwellSeconds: 0 } }],
		["number of notices", { notices: { ...base.notices, count: 2 } }],
		["offline budget", { offline: { ...base.offline, budgetSeconds: DAY } }],
		["offline warnings", { offline: { ...base.offline, warnAtRemainingSeconds: [DAY] } }],
		["number of passes", { passes: { ...base.passes, perYear: 0 } }],
		["release if the lender is gone", { deadLenderReleaseSeconds: 181 * DAY }],
		["highest level", { ladder: { ...base.ladder, maxLevel: FULL } }],
		["time between notices", { notices: { ...base.notices, minSpacingSeconds: DAY - 1 } }],
		["channels of notices", { notices: { ...base.notices, minChannels: 1 } }],
		["level of the offline lock", { offline: { ...base.offline, level: FULL } }],
		["duration of passes", { passes: { ...base.passes, durationSeconds: DAY - 1 } }],
		["release if never confirmed", { unconfirmedReleaseSeconds: 14 * DAY + 1 }],
		["quiet hours", { quietHours: { startMinute: 1, endMinute: 2, utcOffsetMinutes: 0 } }],
		["jurisdiction", { jurisdiction: "MX" }],
		["currency", { currency: "USD" }],
		["instalments", { instalments: [{ dueAtUnixSeconds: EPOCH + 30 * DAY, amountMinor: 50_001 }] }],
		["instalments", { instalments: [...instalments(0, 1), { ...second, amountMinor: 50_001 }, ...instalments(2, 3)] }],
		[
			"instalments",
			{ instalments: [...instalments(0, 1), { ...second, dueAtUnixSeconds: EPOCH + 60 * DAY - 1 }, ...instalments(2, 3)] },
		],
		["instalments", { instalments: [...instalments(0, 3), { dueAtUnixSeconds: EPOCH + 120 * DAY, amountMinor: 1 }] }],
		["languages", { languages: ["es"] }],
		["essential apps", { essentialPackages: [] }],
		["what follows from another SIM", { observations: { onSimChange: 1, onAttestationChange: 0 } }],
		["what follows from another attestation", { observations: { onSimChange: 0, onAttestationChange: 1 } }],
	];
	const before = terms(BELOW_FULL);
	test.each(harder)("in the %s is harder on the borrower", (what, changes) => {
		expect(waysTightened(before, terms({ ...BELOW_FULL, ...changes }))).toEqual([what]);
	});

	const night = (startMinute: number, endMinute: number, utcOffsetMinutes: number) => ({
		quietHours: { startMinute, endMinute, utcOffsetMinutes },
	});
	test.each([
		["begin later", night(1201, 480, 0)],
		["end sooner", night(1200, 479, 0)],
		["go by another clock", night(1200, 480, 60)],
		["are no more", {}],
	])("by which quiet hours %s is harder", (_name, changes) => {
		expect(waysTightened(terms(night(1200, 480, 0)), terms(changes))).toEqual(["quiet hours"]);
	});

	test("by which an offline lock comes where there was none is harder, and the longest budget is", () => {
		const budget = (budgetSeconds: number) => terms({ offline: { ...base.offline, budgetSeconds } });
		expect(waysTightened(budget(0), budget(900 * DAY))).toEqual(["offline budget"]);
		expect(waysTightened(budget(0), budget(0))).toEqual([]);
		expect(waysTightened(budget(5 * DAY), budget(5 * DAY - 1))).toEqual(["offline budget"]);
	});

	const easier: [string, Changes][] = [
		["nothing", {}],
		["longer grace", { ladder: { ...base.ladder, graceSeconds: 30 * DAY } }],
		["the same quiet hours", {}],
		[
			"a later due date",
			{ instalments: base.instalments?.map((one) => ({ ...one, dueAtUnixSeconds: (one.dueAtUnixSeconds ?? 0) + DAY })) ?? [] },
		],
		["another language beside", { languages: ["en", "pt", "es"] }],
		["a lower level", { ladder: { ...base.ladder, maxLevel: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED } }],
		["no offline lock at all", { offline: { ...base.offline, budgetSeconds: 0 } }],
		["an instalment less", { instalments: base.instalments?.slice(0, 2) ?? [] }],
		["smaller instalments", { instalments: base.instalments?.map((one) => ({ ...one, amountMinor: 1 })) ?? [] }],
		["another page to pay on", { contact: { ...base.contact, payUrl: "https://lender.example/pay2" } }],
	];
	test.each(easier)("to %s is not", (_name, changes) => {
		const quietHours = { startMinute: 1200, endMinute: 480, utcOffsetMinutes: 0 };
		expect(waysTightened(terms({ quietHours }), terms({ quietHours, ...changes }))).toEqual([]);
	});
});

describe("terms of the same contract", () => {
	test.each<[string, Changes, boolean]>([
		["other numbers", { currency: "USD", lenderName: "Another" }, true],
		["another contract", { contractId: "C-1002" }, false],
		["another lender", { lenderId: "lender-2" }, false],
		["another release code", { releaseDigest: Uint8Array.from({ length: 32 }, (_, index) => (index === 31 ? 8 : 7)) }, false],
		["no release code", { releaseDigest: new Uint8Array() }, false],
	])("with %s: %s", (_name, changes, isSame) => {
		expect(isSameContract(terms(), terms(changes))).toBe(isSame);
		expect(isSameContract(terms(changes), terms())).toBe(isSame);
	});
});

describe("where the lender is found (F10)", () => {
	const contact = (changes: object) => ({ contact: { ...base.contact, ...changes } });

	test.each<[string, Changes]>([
		["the check-in address", { checkInUrl: "https://other.example/api/" }],
		["the lender's name", { lenderName: "Banco de Otros" }],
		["the account", { accountShown: "00-1002" }],
		["the support line", contact({ supportPhone: "+525500000000" })],
		["the support page", contact({ supportUrl: "https://other.example/help" })],
		["the page to pay on", contact({ payUrl: "https://other.example/pay" })],
		["how to pay", contact({ payInstructions: "Pague en otra parte" })],
		["the page for disputes", contact({ disputeUrl: "https://other.example/dispute" })],
	])("is elsewhere with another %s", (_name, changes) => {
		expect(movesLender(terms(), terms(changes))).toBe(true);
	});

	test("is where it was with other numbers", () => {
		expect(movesLender(terms(), terms({ ...BELOW_FULL, deadLenderReleaseSeconds: 5 }))).toBe(false);
	});
});
