import protobuf from "protobufjs/minimal.js";

import { ProtocolError } from "./error.ts";

/** Largest message that anything of ours decodes, in bytes. A Bind with a long attestation chain takes about 20 KiB. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** A generated message type, as far as this file needs it. */
export interface MessageType<Properties> {
	encode(message: Properties, writer?: protobuf.Writer): protobuf.Writer;
	decode(reader: protobuf.Reader | Uint8Array): object;
	toObject(message: object, options: protobuf.IConversionOptions): { [key: string]: unknown };
}

/**
 * A decoded message: every scalar, bytes and repeated field is there with its default, an absent message field is
 * `null`, and of a oneof only the member that was sent is there, named by the oneof's own field.
 */
export type Message<Properties> = {
	[Name in keyof Properties as Name extends "$unknowns" ? never : Name]-?: Field<NonNullable<Properties[Name]>>;
};

type Field<Value> = Value extends Uint8Array
	? Uint8Array
	: Value extends string
		? // A union of literals is the discriminator of a oneof, and is absent when no member was sent.
			string extends Value
			? string
			: Value | undefined
		: Value extends number | boolean
			? Value
			: Value extends readonly (infer Item)[]
				? Field<Item> extends infer One
					? NonNullable<One>[]
					: never
				: Message<Value> | null | undefined;

const CONVERSION: protobuf.IConversionOptions = { longs: Number, defaults: true, oneofs: true };

/** Encodes a message. Deterministic: fields in order of their numbers, defaults left out. */
export function encode<Properties>(type: MessageType<Properties>, message: NoInfer<Properties>): Uint8Array {
	// A copy: the writer's own result may be a view into a larger pool, and may be a Node Buffer.
	return Uint8Array.from(type.encode(message).finish());
}

/**
 * Decodes untrusted bytes.
 *
 * @throws {ProtocolError} TOO_LARGE, MALFORMED (truncated, bad tag, bad UTF-8, nested too deeply),
 * UNSAFE_INTEGER (a 64-bit field beyond 2^53-1).
 */
export function decode<Properties>(type: MessageType<Properties>, bytes: Uint8Array): Message<Properties> {
	if (bytes.length > MAX_MESSAGE_BYTES) {
		throw new ProtocolError("TOO_LARGE", `message of ${bytes.length} bytes, at most ${MAX_MESSAGE_BYTES} are read`);
	}
	try {
		return type.toObject(type.decode(new SafeReader(bytes)), CONVERSION) as Message<Properties>;
	} catch (cause) {
		if (cause instanceof ProtocolError) throw cause;
		throw new ProtocolError("MALFORMED", "not a well-formed message", { cause });
	}
}

/**
 * Decodes bytes that somebody signed, and requires that encoding the result gives the same bytes. That one rule refuses
 * reordered, repeated, overlong, explicit-default, unknown and truncated-integer encodings and two members of a oneof,
 * so that a signature covers exactly one meaning. Call it after the signature was verified over the same bytes.
 *
 * @throws {ProtocolError} as {@link decode}, and NOT_CANONICAL.
 */
export function decodeCanonical<Properties>(type: MessageType<Properties>, bytes: Uint8Array): Message<Properties> {
	const message = decode(type, bytes);
	if (!equalBytes(encode(type, message as Properties), bytes)) {
		throw new ProtocolError("NOT_CANONICAL", "the message is not in its one accepted encoding");
	}
	return message;
}

/** Compares two byte strings. Not in constant time: for public bytes only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** A reader that refuses 64-bit values that a number cannot hold, and forgets unknown fields. */
class SafeReader extends protobuf.Reader {
	// protobufjs keeps unknown fields by default, and a re-encoding would bring them back.
	override discardUnknown = true;

	override uint64(): ReturnType<protobuf.Reader["uint64"]> {
		return safe(super.uint64());
	}

	override int64(): ReturnType<protobuf.Reader["int64"]> {
		return safe(super.int64());
	}

	// bytes() of the base class returns a view: whoever owns the input could change a message after it was verified.
	override bytes(): Uint8Array {
		return Uint8Array.from(super.bytes());
	}
}

function safe<Long extends { readonly low: number; readonly high: number }>(value: Long): Long {
	// Without the `long` package protobufjs gives plain numbers here, whatever its types say.
	const number = typeof value === "number" ? value : value.high * 2 ** 32 + (value.low >>> 0);
	if (!Number.isSafeInteger(number)) throw new ProtocolError("UNSAFE_INTEGER", "an integer beyond 2^53-1");
	return value;
}
