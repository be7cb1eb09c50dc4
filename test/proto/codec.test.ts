import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";

import {
	decode,
	decodeCanonical,
	encode,
	equalBytes,
	MAX_MESSAGE_BYTES,
	MAX_MESSAGE_FIELDS,
	type MessageType,
} from "../../proto/codec.ts";
import { fromHex, toHex } from "../../proto/crypto.ts";
import { BOOL, INT32, messageType, type Row, STRING, UINT64 } from "../../proto/message-type.ts";
import { wire } from "../../proto/wire.ts";
import { everyMessage, type Properties } from "./every-message.ts";
import { codeOf, expectRefusal } from "./expect-refusal.ts";
import { describeVectors } from "./published-vectors.ts";

const messages = everyMessage();

/** Bytes of a varint, as long as asked or as short as it can be. */
function varint(value: bigint, length = 1): Uint8Array {
	const bytes: number[] = [];
	for (let rest = value; rest > 0n || bytes.length < length; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
	return Uint8Array.from(bytes, (byte, index) => (index === bytes.length - 1 ? byte & 127 : byte));
}

function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
	return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function hex(text: string): Uint8Array {
	const bytes = fromHex(text);
	if (!bytes) throw new Error("not hex");
	return bytes;
}

describe.each(messages)("$name", ({ type, arbitrary }) => {
	it("comes back from its bytes as it was, and encodes to the same bytes again", () => {
		fc.assert(
			fc.property(arbitrary, (message) => {
				const bytes = encode(type, message);
				const decoded = decodeCanonical(type, bytes);
				expect(decoded).toEqual(message);
				expect(equalBytes(encode(type, decoded), bytes)).toBe(true);
			}),
			{ numRuns: 40 },
		);
	});

	it("cut short anywhere is refused, or is another message in its one encoding", () => {
		fc.assert(
			fc.property(arbitrary, (message) => {
				const bytes = encode(type, message);
				for (let length = 0; length < Math.min(bytes.length, 400); length += 1) {
					const cut = bytes.subarray(0, length);
					const code = codeOf(() => decodeCanonical(type, cut));
					if (code === "accepted") expect(decodeCanonical(type, cut)).not.toEqual(message);
					else expect(["MALFORMED", "NOT_CANONICAL"]).toContain(code);
				}
			}),
			{ numRuns: 4 },
		);
	});

	it("with any other bytes is refused by a code, never by a bug", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
				codeOf(() => decodeCanonical(type, bytes));
			}),
			{ numRuns: 60 },
		);
	});

	it("ends where its fields end: unknown fields of every wire type are refused", () => {
		fc.assert(
			fc.property(arbitrary, (message) => {
				const bytes = encode(type, message);
				const [start, end] = [varint((2000n << 3n) | 3n), varint((2000n << 3n) | 4n)];
				const unknown = [
					join(varint(2000n << 3n), [1]),
					join(varint((2000n << 3n) | 1n), new Uint8Array(8)),
					join(varint((2000n << 3n) | 2n), [0]),
					join(varint((2000n << 3n) | 5n), new Uint8Array(4)),
				];
				for (const field of unknown) {
					expectRefusal("NOT_CANONICAL", () => decodeCanonical(type, join(bytes, field)));
					expect(decode(type, join(bytes, field))).toEqual(message);
				}
				expect(codeOf(() => decodeCanonical(type, join(bytes, start, end)))).not.toBe("accepted");
				for (const broken of [join(start), join(end), varint((2000n << 3n) | 6n), [0, 0]]) {
					expectRefusal("MALFORMED", () => decodeCanonical(type, join(bytes, broken)));
				}
			}),
			{ numRuns: 5 },
		);
	});
});

/** Fields whose default could be written as bytes as well. */
const withDefaults = messages
	.map((message) => ({
		...message,
		fields: message.schema.fieldsArray.filter((field) => {
			const isText = field.type === "string" || field.type === "bytes";
			// In a oneof, and as an element of repeated text, an explicit default is a value.
			return !(field.resolvedType instanceof protobuf.Type || field.partOf || (field.repeated && isText));
		}),
	}))
	.filter(({ fields }) => fields.length > 0);

it.each(withDefaults)("$name has no other way to write a default than to leave it out", ({ type, fields }) => {
	for (const field of fields) {
		const isDelimited = field.repeated || field.type === "string" || field.type === "bytes"; // repeated numbers are packed
		const isFixed = field.type === "fixed32";
		const zero = isFixed && !field.repeated ? [0, 0, 0, 0] : [0];
		const tag = varint(BigInt((field.id << 3) | (isDelimited ? 2 : isFixed ? 5 : 0)));
		expect([field.name, codeOf(() => decodeCanonical(type, join(tag, zero)))]).toEqual([field.name, "NOT_CANONICAL"]);
	}
});

describe("the one accepted encoding", () => {
	const order = { deviceId: "d", contractId: "c", epoch: 1, sequence: 7, reason: wire.ReasonCode.REASON_CODE_PAYMENT };

	it("has one member of a oneof: an Order with two actions is refused, whichever comes last", () => {
		const release = encode(wire.Order, { release: { certificateId: "x" } });
		const extend = encode(wire.Order, { ...order, extend: { paidUntilUnixSeconds: 9 } });
		for (const bytes of [join(extend, release), join(encode(wire.Order, order), release, encode(wire.Order, { extend: {} }))]) {
			expectRefusal("NOT_CANONICAL", () => decodeCanonical(wire.Order, bytes));
		}
	});

	it("tells an action without content from no action", () => {
		expect(decodeCanonical(wire.Order, encode(wire.Order, { ...order, restore: {} })).action).toBe("restore");
		expect(decodeCanonical(wire.Order, encode(wire.Order, order)).action).toBeUndefined();
	});

	it("does not merge a submessage that came in two pieces", () => {
		const bytes = join(
			encode(wire.Terms, { contact: { payUrl: "https://a" } }),
			encode(wire.Terms, { contact: { supportPhone: "+1" } }),
		);
		expectRefusal("NOT_CANONICAL", () => decodeCanonical(wire.Terms, bytes));
	});

	it("packs repeated numbers, once", () => {
		expectRefusal("NOT_CANONICAL", () => decodeCanonical(wire.OfflineTerms, hex("10051006")));
		expectRefusal("NOT_CANONICAL", () => decodeCanonical(wire.OfflineTerms, hex("120105120106")));
		expect(decodeCanonical(wire.OfflineTerms, hex("12020506")).warnAtRemainingSeconds).toEqual([5, 6]);
	});

	it("writes true as 1, not as another odd byte", () => {
		expect(decodeCanonical(wire.CheckInReply, hex("4001")).paymentFeedStale).toBe(true);
		expectRefusal("NOT_CANONICAL", () => decodeCanonical(wire.CheckInReply, hex("4002")));
	});

	it("keeps negative numbers in ten bytes, not in five", () => {
		const bytes = encode(wire.QuietHours, { utcOffsetMinutes: -180 });
		expect(toHex(bytes)).toBe("18ccfeffffffffffffff01");
		expect(decodeCanonical(wire.QuietHours, bytes).utcOffsetMinutes).toBe(-180);
		expectRefusal("NOT_CANONICAL", () => decodeCanonical(wire.QuietHours, hex("18ccfeffff0f")));
	});
});

interface Malleations {
	cases: { name: string; hex: string; expect: string }[];
	oneof: { hex: string };
}

describeVectors(
	"published protobuf malleations",
	"protobuf-malleability/timestamp_malleations.json",
	(json) => json as Malleations, // published file, beside the checkout; a wrong shape fails the tests
	({ cases, oneof }) => {
		const { root } = protobuf.parse(`syntax = "proto3";
			message Timestamp { int64 seconds = 1; int32 nanos = 2; }
			message Value { oneof kind { string string_value = 3; bool bool_value = 4; } }`);
		const [Timestamp, Value] = [root.lookupType("Timestamp"), root.lookupType("Value")];
		// The published seconds are never negative: written alike as an int64 and as our uint64.
		const kinds: Record<string, number> = { int64: UINT64, int32: INT32, string: STRING, bool: BOOL };
		const reflected = (type: protobuf.Type): MessageType<Properties> =>
			messageType(
				type.fieldsArray.map(({ id, name, type: kind, partOf }): Row => {
					const row = [id, name, kinds[kind] ?? expect.unreachable(kind)] as const;
					return partOf ? [...row, undefined, partOf.name] : row;
				}),
			);

		it("are eleven, of which one is accepted", () => {
			expect(cases.map((one) => one.expect).sort()).toEqual(["accept", ...Array(10).fill("reject")]);
		});

		it.each(cases)("$name: $expect, as a Timestamp", (one) => {
			const code = codeOf(() => decodeCanonical(reflected(Timestamp), hex(one.hex)));
			expect(code === "accepted" ? "accept" : "reject").toBe(one.expect);
		});

		// A service window has the same two field numbers, both of 64 bits: there the cut-off value is a proper one.
		it.each(cases.filter(({ name }) => name !== "nanos_64bit_truncated"))("$name: $expect, as a ServiceWindow", (one) => {
			const code = codeOf(() => decodeCanonical(wire.ServiceWindow, hex(one.hex)));
			expect(code === "accepted" ? "accept" : "reject").toBe(one.expect);
		});

		// Quiet hours have two fields of 32 bits there; their third field is known, so the two unknown ones do not apply.
		it.each(cases.filter(({ name }) => !name.startsWith("unknown")))("$name: $expect, as QuietHours", (one) => {
			const code = codeOf(() => decodeCanonical(wire.QuietHours, hex(one.hex)));
			expect(code === "accepted" ? "accept" : "reject").toBe(one.expect);
		});

		it("two members of a oneof: reject", () => {
			expectRefusal("NOT_CANONICAL", () => decodeCanonical(reflected(Value), hex(oneof.hex)));
		});
	},
);

describe("64-bit fields", () => {
	const asOpensAt = (value: bigint) => join([8], varint(value));

	it("are read up to 2^53-1", () => {
		expect(decodeCanonical(wire.ServiceWindow, asOpensAt(2n ** 53n - 1n)).opensAtUnixSeconds).toBe(Number.MAX_SAFE_INTEGER);
	});

	it.each([2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 2n ** 53n, 2n ** 64n - 2048n, 2n ** 64n - 1n])(
		"are refused at %d, which a number cannot hold or would read as negative",
		(value) => {
			expectRefusal("UNSAFE_INTEGER", () => decode(wire.ServiceWindow, asOpensAt(value)));
			const packed = varint(value);
			expectRefusal("UNSAFE_INTEGER", () => decode(wire.OfflineTerms, join([0x12, packed.length], packed)));
		},
	);

	it("never give anything but a safe integer", () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
				const isSafe = value < 2n ** 53n;
				expect(codeOf(() => decode(wire.ServiceWindow, asOpensAt(value)))).toBe(isSafe ? "accepted" : "UNSAFE_INTEGER");
			}),
		);
	});
});

describe("encoding", () => {
	it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
		"refuses %d for a time, instead of writing another one",
		(value) => {
			expectRefusal("UNSAFE_INTEGER", () => encode(wire.Extend, { paidUntilUnixSeconds: value }));
			expectRefusal("UNSAFE_INTEGER", () => encode(wire.OfflineTerms, { warnAtRemainingSeconds: [1, value] }));
		},
	);

	it.each([-1, 2 ** 32, 1.5, Number.NaN])("refuses %d for a sequence, instead of wrapping it", (value) => {
		expectRefusal("UNSAFE_INTEGER", () => encode(wire.Order, { sequence: value }));
	});

	it.each([2 ** 31, -(2 ** 31) - 1, 0.1])("refuses %d for an offset or an enum", (value) => {
		expectRefusal("UNSAFE_INTEGER", () => encode(wire.QuietHours, { utcOffsetMinutes: value }));
		expectRefusal("UNSAFE_INTEGER", () => encode(wire.DeviceStatus, { causes: [value as wire.LockCause] }));
	});

	it.each(["\ud800", "a\udc00b", `${"long enough to leave the short path ".repeat(4)}\ud83d`])(
		"refuses text with a lone surrogate, which no decoder would take",
		(text) => {
			expectRefusal("MALFORMED", () => encode(wire.Terms, { lenderName: text }));
		},
	);

	it("gives plain bytes of their own", () => {
		const bytes = encode(wire.Bind, { terms: new Uint8Array(20) });
		expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
		expect(bytes.buffer.byteLength).toBe(bytes.length);
	});

	it("takes what decoding gave, with its nulls and its named oneof", () => {
		const decoded = decode(wire.CableRequest, encode(wire.CableRequest, { hello: { challenge: Uint8Array.of(1) } }));
		expect(decoded).toEqual({ request: "hello", hello: { challenge: Uint8Array.of(1) } });
	});
});

describe("bounds", () => {
	/** A Bind of exactly so many bytes. */
	function bindOf(length: number): Uint8Array {
		const head = join([0x1a], varint(BigInt(length - 4)));
		expect(head.length).toBe(4);
		return join(head, new Uint8Array(length - 4));
	}

	it("take a message of 256 KiB and refuse one of a byte more, before reading it", () => {
		expect(MAX_MESSAGE_BYTES).toBe(262_144);
		expect(decodeCanonical(wire.Bind, bindOf(MAX_MESSAGE_BYTES)).terms.length).toBe(MAX_MESSAGE_BYTES - 4);
		expectRefusal("TOO_LARGE", () => decode(wire.Bind, bindOf(MAX_MESSAGE_BYTES + 1)));
		expectRefusal("TOO_LARGE", () => encode(wire.Bind, { terms: new Uint8Array(MAX_MESSAGE_BYTES) }));
	});

	it("refuse more fields than any message of ours has, so that small bytes cannot fill the heap", () => {
		const empty = (count: number) => join(...Array.from({ length: count }, () => [0x1a, 0])); // signatures without content
		expect(decode(wire.Envelope, empty(MAX_MESSAGE_FIELDS)).signatures.length).toBe(MAX_MESSAGE_FIELDS);
		expectRefusal("TOO_LARGE", () => decode(wire.Envelope, empty(MAX_MESSAGE_FIELDS + 1)));
		const packed = new Uint8Array(MAX_MESSAGE_FIELDS + 10);
		expectRefusal("TOO_LARGE", () => decode(wire.OfflineTerms, join([0x12], varint(BigInt(packed.length)), packed)));
		expectRefusal("TOO_LARGE", () => decode(wire.DeviceStatus, join([0x12], varint(BigInt(packed.length)), packed)));
	});

	it("refuse groups nested without end", () => {
		expectRefusal("MALFORMED", () => decode(wire.Order, new Uint8Array(5000).fill(0x7b)));
		expectRefusal("MALFORMED", () => decode(wire.Order, join(...Array.from({ length: 150 }, () => varint((99n << 3n) | 3n)))));
	});

	it.each(["ffffffff0f", "ffffffffffffffffff01", "80808080808080808080808001"])(
		"refuse a length of %s, which is longer than what is there",
		(length) => {
			expectRefusal("MALFORMED", () => decode(wire.Order, hex(`0a${length}61`)));
		},
	);
});

describe("text", () => {
	it.each([
		["overlong", "c080"],
		["a surrogate", "eda080"],
		["beyond U+10FFFF", "f4908080"],
		["a lone continuation", "80"],
		["cut short", "e282"],
		["Latin-1", "fc"],
	])("that is not UTF-8 (%s) is refused, in short strings and in long ones", (_, bytes) => {
		for (const padding of ["", "61".repeat(80)]) {
			const text = hex(padding + bytes);
			expectRefusal("MALFORMED", () => decode(wire.Order, join([0x0a, text.length], text)));
		}
	});

	it("that spells an object's inner names is only text", () => {
		const names = ["__proto__", "constructor", "prototype", "toString", "$unknowns"];
		const facts = names.map((name) => ({ name, value: name }));
		const decoded = decodeCanonical(wire.EnrollmentEvidence, encode(wire.EnrollmentEvidence, { facts }));
		expect(decoded.facts).toEqual(facts);
		expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
	});
});

describe("the input", () => {
	const bytes = encode(wire.Binding, { deviceId: "d", nonce: Uint8Array.of(1, 2, 3), serial: "s" });

	it("may be a Buffer or a view into something larger", () => {
		const large = new Uint8Array(bytes.length + 20).fill(0xff);
		large.set(bytes, 7);
		const expected = decodeCanonical(wire.Binding, bytes);
		for (const form of [Buffer.from(bytes), large.subarray(7, 7 + bytes.length)]) {
			expect(decodeCanonical(wire.Binding, form)).toEqual(expected);
		}
	});

	it("may change afterwards: the message does not", () => {
		const shared = Buffer.from(bytes);
		const decoded = decodeCanonical(wire.Binding, shared);
		shared.fill(0);
		expect(decoded.nonce).toEqual(Uint8Array.of(1, 2, 3));
	});
});
