import { ProtocolError } from "./error.ts";
import type { MessageType } from "./message-type.ts";
import { readMessage } from "./wire-reader.ts";
import { writeMessage } from "./wire-writer.ts";

export type { MessageType } from "./message-type.ts";

/** Largest message that anything of ours decodes, in bytes. A Bind with a long attestation chain takes about 20 KiB. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/**
 * Most fields, at all depths, that a message may hold. An empty element of a repeated field takes two bytes on the wire and
 * a hundred in memory: without this bound, unsigned bytes of the largest size could exhaust the heap of a small host.
 */
export const MAX_MESSAGE_FIELDS = 8192;

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

/**
 * Encodes a message. Deterministic, and the same on every host: fields in order of their numbers, defaults left out.
 *
 * @throws {ProtocolError} what {@link decode} would refuse is never written: UNSAFE_INTEGER (negative, fractional or too
 * large for its field), MALFORMED (text with a lone surrogate), TOO_LARGE.
 */
export function encode<Properties>(type: MessageType<Properties>, message: NoInfer<Properties>): Uint8Array {
	const bytes = writeMessage(type, message as object); // every message is one
	if (bytes.length > MAX_MESSAGE_BYTES) {
		throw new ProtocolError("TOO_LARGE", `message of ${bytes.length} bytes, at most ${MAX_MESSAGE_BYTES} are read`);
	}
	return bytes;
}

/**
 * Decodes untrusted bytes.
 *
 * @throws {ProtocolError} TOO_LARGE (bytes or fields), MALFORMED (truncated, bad tag, bad UTF-8, nested too deeply),
 * UNSAFE_INTEGER (a 64-bit field beyond 2^53-1).
 */
export function decode<Properties>(type: MessageType<Properties>, bytes: Uint8Array): Message<Properties> {
	if (bytes.length > MAX_MESSAGE_BYTES) {
		throw new ProtocolError("TOO_LARGE", `message of ${bytes.length} bytes, at most ${MAX_MESSAGE_BYTES} are read`);
	}
	// The table made it, of the shape that it was generated with.
	return readMessage(type, bytes, MAX_MESSAGE_FIELDS) as Message<Properties>;
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
	if (a.length !== b.length) return false;
	const [left, right] = [wordsOf(a), wordsOf(b)];
	for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
	for (let index = left.length * 4; index < a.length; index += 1) if (a[index] !== b[index]) return false;
	return true;
}

/**
 * Bytes four at a time, without the last few: an interpreter takes as long for one as for four. In the platform's byte order.
 */
export function wordsOf(bytes: Uint8Array): Int32Array {
	const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
	return new Int32Array(aligned.buffer, aligned.byteOffset, bytes.length >>> 2);
}
