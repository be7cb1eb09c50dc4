/** Writes DER, value by value: what the certificates of virtual phones are made of. Test code: it checks nothing. */
export type Der = Uint8Array;

function length(bytes: number): number[] {
	if (bytes < 0x80) return [bytes];
	const digits: number[] = [];
	for (let rest = bytes; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
	return [0x80 | digits.length, ...digits];
}

/** One value with any first byte. */
export function tlv(tag: number | readonly number[], ...contents: readonly Der[]): Der {
	const content = Buffer.concat(contents);
	return Uint8Array.from([...(typeof tag === "number" ? [tag] : tag), ...length(content.length), ...content]);
}

export const sequence = (...items: readonly Der[]) => tlv(0x30, ...items);
export const setOf = (...items: readonly Der[]) => tlv(0x31, ...items);
export const octets = (bytes: Uint8Array) => tlv(0x04, bytes);
export const bits = (bytes: Uint8Array) => tlv(0x03, Uint8Array.of(0), bytes);
export const nothing = () => tlv(0x05);
/** As DER has it, or any other byte. */
export const boolean = (value: boolean | number) =>
	tlv(0x01, Uint8Array.of(typeof value === "number" ? value : value ? 0xff : 0));
export const enumerated = (value: number) => tlv(0x0a, Uint8Array.of(value));
export const text = (value: string) => tlv(0x0c, Buffer.from(value));

/** Whole numbers from 0 on. */
export function integer(value: number | bigint): Der {
	const digits = BigInt(value).toString(16);
	const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
	return tlv(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), bytes]) : bytes);
}

function base128(value: number): number[] {
	const digits = [value & 0x7f];
	for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
	return digits;
}

/** `[tag] EXPLICIT`. */
export function explicit(tag: number, inner: Der): Der {
	return tlv(tag < 31 ? 0xa0 | tag : [0xbf, ...base128(tag)], inner);
}

export function oid(dotted: string): Der {
	const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
	return tlv(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** GeneralizedTime: any year. */
export function time(unixSeconds: number): Der {
	const digits = new Date(unixSeconds * 1000).toISOString().replace(/[-:T]|\.\d+/g, "");
	return tlv(0x18, Buffer.from(digits));
}

/** A distinguished name, one attribute after the other. */
export function name(...attributes: readonly (readonly [string, string])[]): Der {
	return sequence(...attributes.map(([type, value]) => setOf(sequence(oid(type), text(value)))));
}
