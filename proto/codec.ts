import protobuf from "protobufjs/minimal.js";

import { ProtocolError } from "./error.ts";
import { fromUtf8, isWellFormed } from "./utf8.ts";

/** Largest message that anything of ours decodes, in bytes. A Bind with a long attestation chain takes about 20 KiB. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/**
 * Most fields, at all depths, that a message may hold. An empty element of a repeated field takes two bytes on the wire and
 * a hundred in memory: without this bound, unsigned bytes of the largest size could exhaust the heap of a small host.
 */
export const MAX_MESSAGE_FIELDS = 8192;

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

/**
 * Encodes a message. Deterministic, and the same on every host: fields in order of their numbers, defaults left out.
 *
 * @throws {ProtocolError} what {@link decode} would refuse is never written: UNSAFE_INTEGER (negative, fractional or too
 * large for its field), MALFORMED (text with a lone surrogate), TOO_LARGE.
 */
export function encode<Properties>(type: MessageType<Properties>, message: NoInfer<Properties>): Uint8Array {
	// A copy: the writer's own result may be a view into a larger pool.
	const bytes = new Uint8Array(type.encode(message, new SafeWriter()).finish());
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
	try {
		const message = type.toObject(type.decode(new SafeReader(bytes)), CONVERSION);
		makeBytesPlain(message);
		return message as Message<Properties>;
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
	if (a.length !== b.length) return false;
	for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
	return true;
}

/** On Node, and only there, protobufjs fills in a Buffer for absent bytes: a message is the same on every host. */
function makeBytesPlain(message: { [key: string]: unknown }): void {
	for (const [name, value] of Object.entries(message)) {
		if (value instanceof Uint8Array) {
			if (value.length === 0) message[name] = new Uint8Array();
		} else {
			for (const inner of Array.isArray(value) ? value : [value]) {
				if (typeof inner === "object" && inner !== null && !(inner instanceof Uint8Array)) makeBytesPlain(inner);
			}
		}
	}
}

/** A reader that refuses 64-bit values that a number cannot hold, bounds the number of fields and forgets unknown ones. */
class SafeReader extends protobuf.Reader {
	// protobufjs can keep unknown fields, and a re-encoding would bring them back.
	override discardUnknown = true;

	#fieldsLeft = MAX_MESSAGE_FIELDS;

	override tag(): number {
		this.#spend(1);
		return super.tag();
	}

	override int32s(array?: number[]): number[] {
		this.#spendPacked();
		return super.int32s(array);
	}

	override uint32s(array?: number[]): number[] {
		this.#spendPacked();
		return super.uint32s(array);
	}

	override uint64s(array?: Parameters<protobuf.Reader["uint64s"]>[0]): ReturnType<protobuf.Reader["uint64s"]> {
		this.#spendPacked();
		return super.uint64s(array);
	}

	override uint64(): ReturnType<protobuf.Reader["uint64"]> {
		const value = super.uint64();
		// The halves of an unsigned Long are signed all the same: -1 and -1 for 2^64-1.
		requireSafe(typeof value === "number" ? value : (value.high >>> 0) * 2 ** 32 + (value.low >>> 0));
		return value;
	}

	override int64(): ReturnType<protobuf.Reader["int64"]> {
		const value = super.int64();
		requireSafe(typeof value === "number" ? value : value.high * 2 ** 32 + (value.low >>> 0));
		return value;
	}

	// bytes() of the base class returns a view: whoever owns the input could change a message after it was verified.
	override bytes(): Uint8Array {
		return new Uint8Array(super.bytes());
	}

	// The base class asks TextDecoder, and where a host has no fatal one it silently repairs.
	override stringVerify(): string {
		const text = fromUtf8(super.bytes());
		if (text === undefined) throw new ProtocolError("MALFORMED", "text that is not UTF-8");
		return text;
	}

	#spend(fields: number): void {
		this.#fieldsLeft -= fields;
		if (this.#fieldsLeft < 0) throw new ProtocolError("TOO_LARGE", `more than ${MAX_MESSAGE_FIELDS} fields`);
	}

	/** A packed element takes at least one byte. */
	#spendPacked(): void {
		const start = this.pos;
		this.#spend(this.size());
		this.pos = start;
	}
}

/** A writer that refuses what would be wrapped, cut off or repaired in silence, and that is the same one on Node as elsewhere. */
class SafeWriter extends protobuf.Writer {
	override uint32(value: number): this {
		requireInteger(value, 0, 0xffffffff);
		return super.uint32(value) as this;
	}

	override int32(value: number): this {
		requireInteger(value, -0x80000000, 0x7fffffff);
		return super.int32(value) as this;
	}

	override int32s(values: number[]): this {
		for (const value of values) requireInteger(value, -0x80000000, 0x7fffffff);
		return super.int32s(values) as this;
	}

	override uint32s(values: number[]): this {
		for (const value of values) requireInteger(value, 0, 0xffffffff);
		return super.uint32s(values) as this;
	}

	override fixed32(value: number): this {
		requireInteger(value, 0, 0xffffffff);
		return super.fixed32(value) as this;
	}

	override uint64(value: Parameters<protobuf.Writer["uint64"]>[0]): this {
		requireInteger(value, 0, Number.MAX_SAFE_INTEGER);
		return super.uint64(value) as this;
	}

	override uint64s(values: Parameters<protobuf.Writer["uint64s"]>[0]): this {
		for (const value of values) requireInteger(value, 0, Number.MAX_SAFE_INTEGER);
		return super.uint64s(values) as this;
	}

	override string(value: string): this {
		if (!isWellFormed(value)) throw new ProtocolError("MALFORMED", "text with a lone surrogate");
		return super.string(value) as this;
	}
}

function requireSafe(value: number): void {
	if (!Number.isSafeInteger(value)) throw new ProtocolError("UNSAFE_INTEGER", "an integer beyond 2^53-1");
}

function requireInteger(value: unknown, least: number, most: number): void {
	if (!Number.isInteger(value) || Number(value) < least || Number(value) > most) {
		throw new ProtocolError("UNSAFE_INTEGER", `not an integer from ${least} to ${most}`);
	}
}
