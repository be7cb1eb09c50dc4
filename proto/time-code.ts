import { plainSymbols } from "./crockford.ts";
import type { Crypto } from "./crypto.ts";
import { dammDigit, endsInDammDigit } from "./damm.ts";
import { lengthPrefixed } from "./length-prefixed.ts";
import { utf8 } from "./utf8.ts";

// Thirteen digits that a borrower types after a call, a text message or a visit, with no network at either end: type (1),
// value (3), MAC (8), check digit (Damm, 1), shown as 4-4-4-1.
//
// A guess that passes the check digit opens a phone with a probability of
//
//   an exact code (types 1 to 4): one answer to the number on the screen        1 in 10^8
//   an automatic code (type 5): eight counters ahead                            8 in 10^8 = 1 in 12,500,000
//
// The phone waits 1, 2, 4 .. 512 minutes of powered-on time from the third wrong code on, and after 100 in a row reads no more
// time codes until the lender signs something. So the best that guessing does is 100 tries, 8e-6, and another 100 for each order
// the lender signs; without that limit a year would hold 1,037 tries, 8.3e-5. `test/proto/time-code.test.ts` works both out.

/** What a code says, by its first digit. */
export const TIME_CODE_TYPES = {
	/** Paid until so many days from now, or longer if it already was. */
	set: 1,
	/** Paid for so many days more. */
	add: 2,
	/** The lender was reached. The value is 0. */
	contact: 3,
	/** Debugging over USB for a technician, for so many hours. */
	service: 4,
	/** As `add`, sent after a payment that nobody read a number for. */
	automatic: 5,
} as const;
export type TimeCodeKind = keyof typeof TIME_CODE_TYPES;

/** Values that each kind may carry, in its own unit: days, days, nothing, hours, days. */
const VALUES: Readonly<Record<TimeCodeKind, readonly [least: number, most: number]>> = {
	set: [1, 999],
	add: [1, 999],
	contact: [0, 0],
	service: [1, 24],
	automatic: [1, 999],
};

/** Counters from the one shown on that an automatic code may have. */
export const AUTOMATIC_WINDOW = 8;
const MACS = 100_000_000;
const SHAPE = /^(\d)(\d{3})(\d{8})\d$/;

/** Whom a code is for: the names in its Binding. */
export interface CodeAddress {
	readonly deviceId: string;
	readonly contractId: string;
}

/** What a code says, and which one it is. */
export interface TimeCode {
	readonly kind: TimeCodeKind;
	/** Days or hours; 0 for contact. */
	readonly value: number;
	/** 1 to 2^32-1. */
	readonly counter: number;
	/** As in the request number. Nothing for an automatic code: nobody has seen the number. */
	readonly nonce: number | undefined;
}

/** A code as typed: whether its MAC is right is for whoever has the secret. */
export interface TypedTimeCode {
	readonly kind: TimeCodeKind;
	readonly value: number;
	readonly mac: number;
}

/** Whether a kind may carry a value. */
export function isTimeCodeValue(kind: TimeCodeKind, value: number): boolean {
	const [least, most] = VALUES[kind];
	return Number.isInteger(value) && value >= least && value <= most;
}

/**
 * What codes for one phone are made with: HKDF-SHA256(key = `codeKey`, salt = SHA-256(`devicePublicKey`), info =
 * "offline-code/v1", 32 bytes). The device key is in it because a phone that is enrolled again counts from 1 again: with another
 * device key, codes of its earlier life are worthless.
 *
 * @param codeKey 32 bytes, as in Bind.
 * @param devicePublicKey uncompressed point, 65 bytes, as in the BindingReceipt.
 */
export function timeCodeSecret(
	crypto: Pick<Crypto, "sha256" | "hkdfSha256">,
	codeKey: Uint8Array,
	devicePublicKey: Uint8Array,
): Uint8Array {
	return crypto.hkdfSha256(codeKey, crypto.sha256(devicePublicKey), utf8("offline-code/v1"), 32);
}

/**
 * The MAC of a code: the first 8 bytes of HMAC-SHA256(`secret`, message), as a big-endian number, modulo 10^8. The message is, each
 * field behind its length as two bytes, big-endian:
 *
 * | field | bytes |
 * | --- | --- |
 * | domain | "exact", or "auto" for an automatic code (ASCII) |
 * | device id, contract id | UTF-8 |
 * | counter | 4, big-endian |
 * | nonce | 2, big-endian; none in "auto" |
 * | type | 1 |
 * | value | 2, big-endian |
 */
export function timeCodeMac(
	crypto: Pick<Crypto, "hmacSha256">,
	secret: Uint8Array,
	{ deviceId, contractId }: CodeAddress,
	{ kind, value, counter, nonce }: TimeCode,
): number {
	const digest = crypto.hmacSha256(
		secret,
		lengthPrefixed(
			utf8(nonce === undefined ? "auto" : "exact"),
			utf8(deviceId),
			utf8(contractId),
			bigEndian(counter, 4),
			nonce === undefined ? new Uint8Array() : bigEndian(nonce, 2),
			bigEndian(TIME_CODE_TYPES[kind], 1),
			bigEndian(value, 2),
		),
	);
	// Taking 64 bits first makes the smaller MACs more frequent by 5e-12, which is nothing.
	return digest.subarray(0, 8).reduce((remainder, byte) => (remainder * 256 + byte) % MACS, 0);
}

/**
 * Writes a code, thirteen digits without the dashes.
 *
 * @throws {RangeError} for a value that the kind does not carry, or a nonce where none belongs or one is missing: a lender's mistake.
 */
export function writeTimeCode(
	crypto: Pick<Crypto, "hmacSha256">,
	secret: Uint8Array,
	address: CodeAddress,
	code: TimeCode,
): string {
	if (!isTimeCodeValue(code.kind, code.value)) throw new RangeError(`${code.kind} does not carry ${code.value}`);
	if ((code.nonce === undefined) !== (code.kind === "automatic")) throw new RangeError("only an automatic code has no nonce");
	const mac = String(timeCodeMac(crypto, secret, address, code)).padStart(8, "0");
	const digits = `${TIME_CODE_TYPES[code.kind]}${String(code.value).padStart(3, "0")}${mac}`;
	return digits + dammDigit(digits);
}

/** A code as it is read out and printed: 4-4-4-1. */
export function showTimeCode(digits: string): string {
	return [digits.slice(0, 4), digits.slice(4, 8), digits.slice(8, 12), digits.slice(12)].join("-");
}

/** Whether somebody who typed this meant a time code: thirteen digits, whatever stands between them. */
export function isTimeCodeShaped(typed: string): boolean {
	return SHAPE.test(plainSymbols(typed));
}

/**
 * Reads what was typed. `undefined` for a typing error: the check digit does not fit, or no code says that. Such a row of digits
 * can never be right, so it tells a guesser nothing and is no guess.
 */
export function readTimeCode(typed: string): TypedTimeCode | undefined {
	const digits = plainSymbols(typed);
	const [, type, value, mac] = SHAPE.exec(digits) ?? [];
	if (!endsInDammDigit(digits)) return undefined;
	const kind = kinds().find((each) => TIME_CODE_TYPES[each] === Number(type));
	if (kind === undefined || !isTimeCodeValue(kind, Number(value))) return undefined;
	return { kind, value: Number(value), mac: Number(mac) };
}

function kinds(): TimeCodeKind[] {
	return ["set", "add", "contact", "service", "automatic"];
}

function bigEndian(value: number, length: number): Uint8Array {
	return Uint8Array.from({ length }, (_, index) => Math.floor(value / 256 ** (length - 1 - index)) & 0xff);
}
