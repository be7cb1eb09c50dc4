import { describe, expect, test } from "vitest";

import { quietSecondsLeft } from "../../../agent/policy/quiet-hours.ts";
import { type Agreement, readAgreement } from "../../../agent/policy/terms.ts";
import { encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { HOUR, termsOf } from "../test-lender.ts";

const NOON_UTC = 1_780_315_200;

function agreementWith(changes: Partial<wire.Terms.$Properties>): Agreement {
	const read = readAgreement(encode(wire.Terms, termsOf(changes)));
	if ("problem" in read) throw new Error(read.problem);
	return read;
}

describe("quiet hours (F14)", () => {
	const night = { startMinute: 21 * 60, endMinute: 7 * 60, utcOffsetMinutes: -360 };
	test.each([
		["at local noon", 18, 0],
		["a minute before they begin", 26.98, 0],
		["when they begin", 27, 10 * HOUR],
		["over midnight", 30, 7 * HOUR],
		["when they end", 37, 0],
	])("%s", (_name, utcHour, left) => {
		const at = NOON_UTC - 12 * HOUR + Math.round(utcHour * 3600);
		expect(quietSecondsLeft(agreementWith({ quietHours: night }), at)).toBe(left);
	});

	test("are the profile's where the terms name none", () => {
		const brazil = agreementWith({ jurisdiction: "BR" });
		expect(quietSecondsLeft(brazil, NOON_UTC + 12 * HOUR)).toBe(11 * HOUR); // 21:00 in Brasília
		expect(quietSecondsLeft(brazil, NOON_UTC)).toBe(0);
	});

	test.each([
		["on Saturday at 21:00, the night", 5, 21, 11],
		["on Sunday at 06:00, the rest of the day", 6, 6, 18],
		["on Sunday at noon, the rest of the day", 6, 12, 12],
		["on Monday at 02:00, the night", 7, 2, 6],
		["on Monday at noon, none", 7, 12, 0],
	])("in Indonesia %s: nobody is locked on a Sunday", (_, day, hour, hoursLeft) => {
		// 2026-06-01 was a Monday; Jakarta is UTC+7.
		const at = NOON_UTC - 12 * HOUR - 7 * HOUR + (day * 24 + hour) * HOUR;
		expect(quietSecondsLeft(agreementWith({ jurisdiction: "ID" }), at)).toBe(hoursLeft * HOUR);
	});

	test("are none where neither names any, or where they begin as they end", () => {
		expect(quietSecondsLeft(agreementWith({}), NOON_UTC)).toBe(0);
		const none = { startMinute: 60, endMinute: 60, utcOffsetMinutes: 0 };
		expect(quietSecondsLeft(agreementWith({ quietHours: none }), NOON_UTC - 11 * HOUR)).toBe(0);
	});

	test.each([
		["a second before they begin", 10 * HOUR - 1, 0],
		["when they begin", 10 * HOUR, 4 * HOUR],
		["a second before they end", 14 * HOUR - 1, 1],
		["when they end", 14 * HOUR, 0],
		["late in the day", 23 * HOUR, 0],
		["at midnight", 0, 0],
	])("within a day: %s", (_, intoDay, left) => {
		const siesta = { startMinute: 10 * 60, endMinute: 14 * 60, utcOffsetMinutes: 0 };
		expect(quietSecondsLeft(agreementWith({ quietHours: siesta }), NOON_UTC - 12 * HOUR + intoDay)).toBe(left);
	});

	test("know each day of the week, also a place's that rests on another one", () => {
		const agreement = agreementWith({});
		const quietOn = (weekday: number) => ({ ...agreement, profile: { ...agreement.profile, quietWeekdays: [weekday] } });
		for (let day = 0; day < 7; day += 1) {
			// 2026-06-01 was a Monday.
			const at = NOON_UTC + day * 24 * HOUR;
			const quiet = [0, 1, 2, 3, 4, 5, 6].filter((weekday) => quietSecondsLeft(quietOn(weekday), at) > 0);
			expect(quiet).toEqual([(day + 1) % 7]);
		}
	});
});
