import { describe, expect, it } from "vitest";
import { clockText } from "../../../../provisioning/web/station/duration.ts";
import { actsOf, isUnderWay, slotsFor } from "../../../../provisioning/web/station/slot-acts.ts";
import { busyView, emptySlot } from "../../station/server/fake-station.ts";

describe("acts on slots", () => {
	it("are those that make sense now", () => {
		expect(actsOf(emptySlot(1))).toEqual([]);
		expect(actsOf({ ...emptySlot(1), word: "running", contractId: "C-1" })).toEqual(["stop"]);
		expect(actsOf({ ...emptySlot(1), word: "fail", contractId: "C-1" })).toEqual(["retry", "identify", "hold"]);
		expect(actsOf({ ...emptySlot(1), word: "hold", contractId: "C-1" })).toContain("lift-hold");
	});

	it("need a contract where they are about one", () => {
		expect(actsOf({ ...emptySlot(1), word: "fail" })).toEqual(["retry", "identify"]);
		expect(actsOf({ ...emptySlot(1), word: "pass" })).toEqual(["identify"]);
	});

	it("of a locked slot are the supervisor's", () => {
		expect(actsOf({ ...emptySlot(1), word: "fail", contractId: "C-1", locked: true })).toEqual(["unlock", "identify"]);
		expect(actsOf({ ...emptySlot(1), word: "empty", locked: true })).toEqual(["unlock"]);
	});

	it("on several slots leave out those where they make none", () => {
		const { slots } = busyView(20);
		expect(slotsFor("stop", slots)).toEqual(slots.filter(isUnderWay));
		expect(slotsFor("retry", slots).every(({ word }) => ["fail", "error", "preflight-fail", "unauthorised"].includes(word))).toBe(
			true,
		);
	});
});

describe("a time span", () => {
	it.each([
		[0, "0:00"],
		[7_999, "0:07"],
		[760_000, "12:40"],
		[3_723_000, "1:02:03"],
		[-5, "0:00"],
	])("of %d ms is written %s", (milliseconds, text) => {
		expect(clockText(milliseconds)).toBe(text);
	});
});
