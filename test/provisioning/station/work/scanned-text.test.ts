import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readScannedText } from "../../../../provisioning/station/work/scanned-text.ts";
import { imeiOf } from "./sample-batch.ts";

describe("what a scanner reads", () => {
	const [first, second] = [imeiOf(1), imeiOf(2)];

	it.each([
		[first, [first]],
		[`IMEI: ${first}`, [first]],
		[`IMEI1:${first};IMEI2:${second};SN:123/45`, [first, second]],
		[`${first}\n${second}`, [first, second]],
		[`${first.slice(0, 2)}-${first.slice(2, 8)}-${first.slice(8)}`, [first]],
	])("takes the IMEIs of %j", (text, imeis) => {
		expect(readScannedText(text)).toEqual({ kind: "imeis", imeis });
	});

	it("says what is wrong with a number that is meant to be an IMEI", () => {
		const wrong = `${first.slice(0, 14)}${(Number(first[14]) + 1) % 10}`;
		expect(readScannedText(wrong)).toEqual({ kind: "bad-imei", problem: "wrong check digit" });
		expect(readScannedText(first.slice(0, 14))).toEqual({ kind: "bad-imei", problem: "not 15 digits" });
	});

	it("takes a longer number for no IMEI, whatever it contains", () => {
		expect(readScannedText(`9999${first}`)).toEqual({ kind: "other" });
	});

	it("takes a badge for something else", () => {
		expect(readScannedText("HF-7K2M9QXW4T")).toEqual({ kind: "other" });
	});

	it("never throws", () => {
		fc.assert(fc.property(fc.string(), (text) => typeof readScannedText(text).kind === "string"));
	});
});
