import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";

import { decode, decodeCanonical, encode } from "../../proto/codec.ts";
import { toHex } from "../../proto/crypto.ts";
import { everyMessage } from "./every-message.ts";
import { codeOf } from "./expect-refusal.ts";

const CONVERSION = { longs: Number, defaults: true, oneofs: true } as const;

/** What protobufjs makes of bytes: the message, and its own encoding of it; `undefined` if it refuses them. */
function theirs(schema: protobuf.Type, bytes: Uint8Array): { message: unknown; again: string } | undefined {
	try {
		const reader = protobuf.Reader.create(bytes);
		reader.discardUnknown = true;
		const message = schema.decode(reader);
		// On Node it gives Buffers, which are equal to nothing but Buffers.
		return { message: plain(schema.toObject(message, CONVERSION)), again: toHex(schema.encode(message).finish()) };
	} catch {
		return undefined;
	}
}

function plain(value: unknown): unknown {
	if (value instanceof Uint8Array) return Uint8Array.from(value);
	if (Array.isArray(value)) return value.map(plain);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

/** Bytes of a message, damaged in a few places, or two messages behind each other: near enough to be read now and then. */
function damaged(whole: Uint8Array, other: Uint8Array): fc.Arbitrary<Uint8Array> {
	const place = fc.nat({ max: Math.max(0, whole.length - 1) });
	const edits = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
	const cut = fc.integer({ min: 0, max: whole.length });
	return fc.tuple(edits, cut, fc.boolean()).map(([changes, at, isJoined]) => {
		const bytes = Uint8Array.from(isJoined ? [...whole.subarray(0, at), ...other, ...whole.subarray(at)] : whole);
		for (const [index, byte] of changes) bytes[index] = byte;
		return bytes;
	});
}

describe.each(everyMessage())("$name, against protobufjs", ({ type, schema, arbitrary }) => {
	it("is written in the same bytes, and read as the same message", () => {
		fc.assert(
			fc.property(arbitrary, (message) => {
				const bytes = encode(type, message);
				expect(toHex(bytes)).toBe(toHex(schema.encode(message).finish()));
				expect(theirs(schema, bytes)?.message).toEqual(message);
			}),
			{ numRuns: 25 },
		);
	});

	it("is accepted from damaged bytes only where protobufjs writes the same bytes again, and is the same message then", () => {
		const cases = fc.tuple(arbitrary, arbitrary).chain(([message, other]) => damaged(encode(type, message), encode(type, other)));
		fc.assert(
			fc.property(cases, (bytes) => {
				const reading = theirs(schema, bytes);
				if (codeOf(() => decodeCanonical(type, bytes)) === "accepted") {
					expect(reading).toEqual({ message: decodeCanonical(type, bytes), again: toHex(bytes) });
				}
				// Read without that rule, what both read is the same to both, pieces and unknown fields included.
				if (reading && codeOf(() => decode(type, bytes)) === "accepted") expect(decode(type, bytes)).toEqual(reading.message);
			}),
			{ numRuns: 120 },
		);
	});
});
