import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { requestNumber } from "../../../../proto/request-number.ts";
import type { ContractStory } from "../../../../provisioning/registry/contracts/contract-story-request.ts";
import { findingValues } from "../../../../provisioning/web/console/finding-values.ts";
import { heldUntil, ladderDates, paidUntilAfterNext } from "../../../../provisioning/web/console/ladder-dates.ts";
import { fieldTime, lengthText, offsetName, phoneTimeText, readFieldTime } from "../../../../provisioning/web/console/moment.ts";
import { amountField, moneyText, readAmount } from "../../../../provisioning/web/console/money.ts";
import { actsFor, permissionsOf } from "../../../../provisioning/web/console/permissions.ts";
import { addressOf, type Place, readPlace } from "../../../../provisioning/web/console/place.ts";
import { cleanSearchText } from "../../../../provisioning/web/console/search-text.ts";
import { codeGroups, groupRequestNumber } from "../../../../provisioning/web/console/spoken-code.ts";
import { storyStamp } from "../../../../provisioning/web/console/story-stamp.ts";

const DAY = 24 * 3600;

describe("money", () => {
	it("is written with its currency's own decimals, whatever their number", () => {
		expect(moneyText(123450, "MXN", "en")).toBe("MXN\u00a01,234.50");
		expect(moneyText(5, "MXN", "en")).toBe("MXN\u00a00.05");
		expect(moneyText(1234, "JPY", "en")).toBe("JPY\u00a01,234");
		expect(moneyText(1234567, "KWD", "en")).toBe("KWD\u00a01,234.567");
		expect(moneyText(900_719_925_474_099, "MXN", "en")).toBe("MXN\u00a09,007,199,254,740.99");
	});

	it("is read back as it was written into a field, in every currency", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 1_000_000_000_000 }),
				fc.constantFrom("MXN", "JPY", "KWD", "IDR"),
				(minor, currency) => {
					expect(readAmount(amountField(minor, currency), currency)).toEqual({ minor });
				},
			),
		);
	});

	it("is never guessed at", () => {
		for (const text of ["", "1,50", "1.234,50", "1,234.50", "-1", "1e3", "12.", ".5", "١٢", "1 000", "0x10"])
			expect([text, readAmount(text, "MXN")]).toEqual([text, { problem: "form" }]);
		expect(readAmount("1.505", "MXN")).toEqual({ problem: "decimals" });
		expect(readAmount("1.5", "JPY")).toEqual({ problem: "decimals" });
		expect(readAmount("0.00", "MXN")).toEqual({ problem: "range" });
		expect(readAmount("99999999999.99", "MXN")).toEqual({ problem: "range" });
	});
});

describe("an address", () => {
	it("says where somebody is, and is read back so", () => {
		const places: Place[] = [
			{ view: "contracts", search: {} },
			{ view: "contracts", search: { text: "A-1", state: "open", overdueSinceDays: 7, sort: "due", after: "x/y" } },
			{ view: "contract", contractId: "A-1" },
			{ view: "contract", contractId: "A-1", act: "restrict" },
			{ view: "fleet" },
		];
		for (const place of places) expect(readPlace(addressOf(place).slice(2))).toEqual(place);
	});

	it("that somebody made up leads no further than what the registry takes", () => {
		expect(readPlace("?view=nowhere&state=stolen&overdueSinceDays=-1&silentSinceDays=x&sort=<b>")).toEqual({
			view: "contracts",
			search: {},
		});
		expect(readPlace("?contract=A-1&act=wipe")).toEqual({ view: "contract", contractId: "A-1" });
		expect(readPlace(`?text=${"x".repeat(65)}`)).toEqual({ view: "contracts", search: {} });
	});
});

describe("what somebody pastes", () => {
	it("is searched for as its digits when it is an IMEI", () => {
		expect(cleanSearchText(" 35-000000-000001-4 ")).toBe("350000000000014");
		expect(cleanSearchText("A-1001")).toBe("A-1001");
		expect(cleanSearchText("2024-001")).toBe("2024-001");
		expect(cleanSearchText("\u200b\n ")).toBeUndefined();
		expect(cleanSearchText(`a\u0000b${"x".repeat(99)}`)?.length).toBe(64);
	});

	it("as a request number is its first eight digits in fours", () => {
		const number = requestNumber({ counter: 12, nonce: 345 });
		expect(groupRequestNumber(` ${number.slice(0, 3)}-${number.slice(3)}99`)).toBe(`${number.slice(0, 4)} ${number.slice(4)}`);
		expect(groupRequestNumber("12a")).toBe("12");
	});
});

it("a code is read out in its groups, digit by digit", () => {
	expect(codeGroups("0123-4567-8901-2")).toEqual([["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8", "9", "0", "1"], ["2"]]);
});

describe("a moment", () => {
	it("is told by the phone's own clock as well", () => {
		expect(phoneTimeText(1_780_315_200, 330, "en")).toBe("Jun 1, 2026, 17:30 UTC+05:30");
		expect(offsetName(-210)).toBe("UTC−03:30");
	});

	it("comes back from a field to the minute", () => {
		const at = 1_780_315_200;
		expect(readFieldTime(fieldTime(at))).toBe(at);
		for (const text of ["", "2026-06-01", "yesterday", "2026-13-01T00:00", "1960-01-01T00:00"])
			expect(readFieldTime(text)).toBeUndefined();
	});

	it("as a length is said in the unit that is whole", () => {
		expect([2 * DAY, 7200, 900].map((seconds) => lengthText(seconds, "en"))).toEqual(["2 days", "2 hours", "15 minutes"]);
	});
});

/** What of a story the ladder reads. */
const terms = (changes: object = {}) =>
	({
		ladder: { graceSeconds: 3 * DAY, limitedDwellSeconds: 2 * DAY, maxLevel: "full" },
		jurisdiction: { minPastDueSeconds: 5 * DAY, maxLevel: "full" },
		instalments: [10, 20, 30].map((day, index) => ({ dueAtUnixSeconds: day * DAY, state: index === 0 ? "due" : "upcoming" })),
		deadLenderReleaseSeconds: 90 * DAY,
		...changes,
	}) as unknown as ContractStory["terms"];

describe("the ladder", () => {
	it("takes the longer of the terms' grace and the place's, and waits for a hold", () => {
		expect(ladderDates({ terms: terms() }, 10 * DAY)).toEqual([
			{ name: "due", atUnixSeconds: 10 * DAY },
			{ name: "limited", atUnixSeconds: 15 * DAY },
			{ name: "full", atUnixSeconds: 17 * DAY },
			{ name: "free", atUnixSeconds: 120 * DAY },
		]);
		expect(ladderDates({ terms: terms() }, 10 * DAY, 40 * DAY)[1]).toEqual({ name: "limited", atUnixSeconds: 40 * DAY });
	});

	it("has no step that the terms or the place do not allow", () => {
		const names = (changes: object) => ladderDates({ terms: terms(changes) }, 0).map(({ name }) => name);
		expect(names({ jurisdiction: { minPastDueSeconds: 0, maxLevel: "limited" } })).toEqual(["due", "limited", "free"]);
		expect(names({ jurisdiction: { minPastDueSeconds: 0, maxLevel: "none" } })).toEqual(["due", "free"]);
	});

	it("goes on from the instalment after the next, and ends with the last", () => {
		expect(paidUntilAfterNext({ terms: terms() })).toBe(20 * DAY);
		expect(paidUntilAfterNext({ terms: terms({ instalments: [{ dueAtUnixSeconds: 1, state: "due" }] }) })).toBeUndefined();
	});

	it("is held by what is in force alone", () => {
		const hold = { kind: "dispute", givenAtUnixSeconds: 0, state: "accepted" } as const;
		expect(heldUntil({ holds: [{ ...hold, untilUnixSeconds: 9, inForce: false }] })).toBeUndefined();
		expect(heldUntil({ holds: [5, 7].map((untilUnixSeconds) => ({ ...hold, untilUnixSeconds, inForce: true })) })).toBe(7);
	});
});

describe("what a person may", () => {
	it("follows from the roles, and an auditor acts on nothing", () => {
		expect(permissionsOf({ roles: ["auditor"] })).toEqual({
			views: ["contracts", "fleet", "approvals", "audit", "people"],
			acts: false,
			runs: false,
		});
		expect(permissionsOf({ roles: ["agent"] })).toMatchObject({
			views: ["contracts", "payments", "fleet", "approvals"],
			runs: false,
		});
		expect(permissionsOf({ roles: ["admin"] })).toMatchObject({ acts: true, runs: true });
	});

	it("on an ended contract is to serve and to free, never to lock", () => {
		expect(actsFor("paid_off", false)).not.toContain("restrict");
		expect(actsFor("open", false)).not.toContain("appeal");
		expect(actsFor("open", true)).toContain("appeal");
		expect(actsFor("open", false)).not.toContain("release-code");
	});
});

it("a story's stamp changes with what somebody decides by, and not with a check-in that says the same", () => {
	const story = {
		contract: { state: "open", paidMinor: 0, paidUntilUnixSeconds: 1, paymentStanding: "overdue", termsSha256: "a" },
		report: { standing: "unlocked", level: "none", atUnixSeconds: 5 },
		orders: [],
		payments: [],
		appeals: [],
	} as unknown as ContractStory;
	const stamp = storyStamp(story);
	expect(storyStamp({ ...story, report: { ...story.report, atUnixSeconds: 9 } as never })).toBe(stamp);
	expect(storyStamp({ ...story, report: { ...story.report, level: "full" } as never })).not.toBe(stamp);
	expect(storyStamp({ ...story, contract: { ...story.contract, paidMinor: 1 } })).not.toBe(stamp);
	expect(storyStamp({ ...story, payments: [{ reference: "P" }] as never })).not.toBe(stamp);
});

it("a finding's values are written as the reader does", () => {
	const values = findingValues(
		{
			code: "x",
			tone: "plain",
			text: "",
			values: { amountMinor: 1050, causes: "overdue, offline", why: "as it is", minutes: 1234 },
		},
		"MXN",
		"en",
		(key) => (key.startsWith("cause.") ? `<${key}>` : undefined),
	);
	expect(values).toEqual({
		amountMinor: "MXN\u00a010.50",
		causes: "<cause.overdue>, <cause.offline>",
		why: "as it is",
		minutes: "1,234",
	});
});
