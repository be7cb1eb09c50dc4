import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { decode, encode } from "../../proto/codec.ts";
import { ProtocolError } from "../../proto/error.ts";
import { MAX_RECORD_ENTRIES, MAX_RECORD_FILE_BYTES, readRecordFile, writeRecordFile } from "../../proto/record-file.ts";
import { wire } from "../../proto/wire.ts";

const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
const parts = fc.record({
	beginsAfter: fc.uint8Array({ maxLength: 200 }),
	entries: fc.array(bytes, { maxLength: 12 }),
	endsWith: fc.uint8Array({ maxLength: 200 }),
	devicePublicKey: fc.uint8Array({ maxLength: 65 }),
});

function codeOf(file: Uint8Array): string {
	try {
		readRecordFile(file);
		return "read";
	} catch (error) {
		if (error instanceof ProtocolError) return error.code;
		throw error;
	}
}

describe("a record file", () => {
	test("comes back as it was written, and is what its schema encodes", () => {
		fc.assert(
			fc.property(parts, (written) => {
				const file = writeRecordFile(written);
				expect(readRecordFile(file)).toEqual({ formatVersion: 1, ...written });
				const asMessage = encode(wire.RecordFile, {
					formatVersion: 1,
					beginsAfter: written.beginsAfter,
					endsWith: written.endsWith,
					devicePublicKey: written.devicePublicKey,
				});
				if (written.entries.length === 0) expect(file).toEqual(asMessage);
			}),
		);
	});

	test("is read by the schema as well", () => {
		const decision = encode(wire.Decision, { number: 1 });
		const entry = encode(wire.RecordEntry, { decision });
		const file = writeRecordFile({
			beginsAfter: new Uint8Array(),
			entries: [entry, entry],
			endsWith: Uint8Array.of(1),
			devicePublicKey: Uint8Array.of(2),
		});
		expect(decode(wire.RecordFile, file).entries.map((one) => one.decision)).toEqual([decision, decision]);
	});

	test("that is rubbish is refused with a code, and never more than that", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 400 }), (rubbish) => {
				codeOf(rubbish);
			}),
			{ numRuns: 5000 },
		);
	});

	test("with any byte changed is another file, or none: nothing in it goes unread", () => {
		fc.assert(
			fc.property(parts, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, at, mask) => {
				const file = writeRecordFile(written);
				const index = at % file.length;
				file[index] = (file[index] ?? 0) ^ mask;
				if (codeOf(file) === "read") expect(readRecordFile(file)).not.toEqual({ formatVersion: 1, ...written });
			}),
			{ numRuns: 2000 },
		);
	});

	test.each<[string, number[], string]>([
		["nothing at all", [], "MALFORMED"],
		["a field of another message", [0x08, 1, 0x32, 1, 1], "MALFORMED"],
		["fields out of order", [0x08, 1, 0x22, 1, 1, 0x12, 1, 1], "NOT_CANONICAL"],
		["a field twice", [0x08, 1, 0x22, 1, 1, 0x22, 1, 1], "NOT_CANONICAL"],
		["an overlong length", [0x08, 1, 0x22, 0x81, 0, 1], "NOT_CANONICAL"],
		["an empty field", [0x08, 1, 0x22, 0], "NOT_CANONICAL"],
		["a length beyond its end", [0x08, 1, 0x22, 9, 1], "MALFORMED"],
	])("refuses %s", (_name, file, code) => {
		expect(codeOf(Uint8Array.from(file))).toBe(code);
	});

	test("larger than anybody's is refused before it is looked at", () => {
		expect(codeOf(new Uint8Array(MAX_RECORD_FILE_BYTES + 1))).toBe("TOO_LARGE");
		const entries = Array.from({ length: MAX_RECORD_ENTRIES + 1 }, () => Uint8Array.of(1));
		const none = new Uint8Array();
		expect(codeOf(writeRecordFile({ beginsAfter: none, entries, endsWith: none, devicePublicKey: none }))).toBe("TOO_LARGE");
	});
});
