import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createScannerEar } from "../../../../provisioning/web/station/scanner.ts";

/** Types a text with so many milliseconds between keys, then Enter; gives what the last keystroke meant. */
function type(text: string, gapMs: number, ear = createScannerEar(), startMs = 0) {
	let atMs = startMs;
	for (const key of text) {
		ear({ key, atMs, isOdd: false });
		atMs += gapMs;
	}
	return ear({ key: "Enter", atMs, isOdd: false });
}

const codes = fc.stringMatching(/^[0-9A-Z-]{6,40}$/);

describe("the ear for scanners", () => {
	it("hears every code that is typed at a scanner's pace", () => {
		fc.assert(
			fc.property(codes, fc.integer({ min: 0, max: 50 }), (text, gapMs) => {
				expect(type(text, gapMs)).toEqual({ kind: "scan", text });
			}),
		);
	});

	it("never takes a person's typing for a scan", () => {
		fc.assert(
			fc.property(codes, fc.integer({ min: 51, max: 2000 }), (text, gapMs) => {
				expect(type(text, gapMs)).toEqual({ kind: "other" });
			}),
		);
	});

	it("passes over what was typed slowly before a scan", () => {
		const ear = createScannerEar();
		ear({ key: "a", atMs: 0, isOdd: false });
		ear({ key: "b", atMs: 200, isOdd: false });
		expect(type("490154203237518", 8, ear, 400)).toEqual({ kind: "scan", text: "490154203237518" });
	});

	it("hears two scans as two", () => {
		const ear = createScannerEar();
		expect(type("490154203237518", 5, ear, 0)).toEqual({ kind: "scan", text: "490154203237518" });
		expect(type("OP-7781-AXQ2", 5, ear, 90)).toEqual({ kind: "scan", text: "OP-7781-AXQ2" });
	});

	it("hears capitals, for which a scanner presses Shift", () => {
		const ear = createScannerEar();
		let atMs = 0;
		for (const key of ["Shift", "O", "Shift", "P", "-", "7", "7", "8", "1"]) {
			ear({ key, atMs, isOdd: false });
			atMs += 4;
		}
		expect(ear({ key: "Enter", atMs, isOdd: false })).toEqual({ kind: "scan", text: "OP-7781" });
	});

	it("hears the digits of a keyboard that is set to Hindi", () => {
		expect(type("४९०१५४२०३२३७५१८", 5)).toEqual({ kind: "scan", text: "490154203237518" });
	});

	it("takes neither short texts, nor a key that is held down, nor shortcuts", () => {
		expect(type("12345", 5)).toEqual({ kind: "other" });
		const ear = createScannerEar();
		for (let count = 0; count < 30; count += 1) ear({ key: "a", atMs: count * 30, isOdd: count > 0 });
		expect(ear({ key: "Enter", atMs: 910, isOdd: false })).toEqual({ kind: "other" });
		const other = createScannerEar();
		for (let count = 0; count < 10; count += 1) other({ key: "x", atMs: count * 5, isOdd: true });
		expect(other({ key: "Enter", atMs: 50, isOdd: false })).toEqual({ kind: "other" });
	});

	it("does not take a fast Enter at the end of slow typing", () => {
		const ear = createScannerEar();
		for (const [index, key] of [..."wrong box"].entries()) ear({ key, atMs: index * 90, isOdd: false });
		expect(ear({ key: "Enter", atMs: 8 * 90 + 10, isOdd: false })).toEqual({ kind: "other" });
	});
});
