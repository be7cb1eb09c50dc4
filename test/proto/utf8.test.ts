import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fromUtf8, isWellFormed, utf8 } from "../../proto/utf8.ts";

/** Code units of any kind: half of a surrogate pair included. */
const anyText = fc
	.array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd7f0, max: 0xe010 })))
	.map((units) => String.fromCharCode(...units));

describe("UTF-8", () => {
	it("encodes as TextEncoder does, lone surrogates as U+FFFD", () => {
		fc.assert(
			fc.property(anyText, (text) => {
				expect(utf8(text)).toEqual(new TextEncoder().encode(text));
			}),
			{ numRuns: 500 },
		);
	});

	it("decodes as a fatal TextDecoder does, a byte order mark kept", () => {
		const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
		const byte = fc.oneof(
			fc.constantFrom(0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5),
			fc.nat(255),
		);
		const some = fc.oneof(
			fc.array(byte, { maxLength: 5 }).map((bytes) => Uint8Array.from(bytes)),
			anyText.map(utf8),
		);
		fc.assert(
			fc.property(some, (bytes) => {
				let expected: string | undefined;
				try {
					expected = strict.decode(bytes);
				} catch {
					expected = undefined;
				}
				expect(fromUtf8(bytes)).toBe(expected);
			}),
			{ numRuns: 3000 },
		);
	});

	it("comes back whole for well-formed text, and for no other", () => {
		fc.assert(
			fc.property(anyText, (text) => {
				expect(fromUtf8(utf8(text)) === text).toBe(isWellFormed(text));
			}),
			{ numRuns: 500 },
		);
	});
});
