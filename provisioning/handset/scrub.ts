import { type Crypto, toHex } from "../../proto/crypto.ts";
import { utf8 } from "../../proto/utf8.ts";

/** What belongs to one phone or person, by kind: `imei`, `serial`, ... */
export interface Identifier {
	readonly kind: string;
	readonly value: string;
}

/** Takes whatever names a phone or a person out of text that somebody is going to send away. */
export interface Scrubber {
	/** Remembers an identifier that was read; blank and very short ones would take words apart and are passed over. */
	know(identifier: Identifier): void;
	/** Every string in a value of plain JSON, with identifiers replaced. */
	clean<Value>(value: Value): Value;
}

/** Hex digits of a token: enough to tell two phones in a report apart, and the same phone in two reports of one station. */
const TOKEN_DIGITS = 10;
const MIN_KNOWN = 4;

/** What may be an identifier whoever it belongs to. Order counts: the first that fits names it. */
const SHAPES: readonly (readonly [string, RegExp])[] = [
	["mail", /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g],
	["mac", /\b[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}\b/g],
	["phone", /(?<![\w+])\+\d{7,15}\b/g],
	// IMEI and IMSI have 15 digits, ICCID 19 or 20, MEID 14 hex digits, android_id 16; times in seconds and milliseconds have fewer.
	["number", /(?<![\w.])\d{14,20}(?![\w.])/g],
	["id", /(?<![\w-])(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{14}(?:[0-9a-f]{2})?(?![\w-])/g],
	["address", /\b(?!127\.)(?:\d{1,3}\.){3}\d{1,3}\b/g],
];

/** `UserInfo{0:Anna:c13}`: the name that a person gave to a user of the phone. */
const USER_NAME = /\bUserInfo\{(\d+):[^{}\n]*:([0-9a-f]+)\}/g;

/**
 * Makes a scrubber. A value becomes `<kind:DIGEST>`: SHA-256 over the salt and the value. The salt stays with the station; without it an
 * IMEI, of which a model has only a million, could be found by trying.
 */
export function scrubber(crypto: Crypto, salt: Uint8Array): Scrubber {
	const known: Identifier[] = [];
	const token = ({ kind, value }: Identifier) => {
		const digest = crypto.sha256(Uint8Array.from([...salt, ...utf8(value)]));
		return `<${kind}:${toHex(digest).slice(0, TOKEN_DIGITS)}>`;
	};
	const text = (given: string): string => {
		let cleaned = given.replace(USER_NAME, "UserInfo{$1:-:$2}");
		for (const identifier of known) cleaned = cleaned.replaceAll(identifier.value, token(identifier));
		for (const [kind, shape] of SHAPES) cleaned = cleaned.replace(shape, (value) => token({ kind, value }));
		return cleaned;
	};
	const deep = (value: unknown): unknown => {
		if (typeof value === "string") return text(value);
		if (Array.isArray(value)) return value.map(deep);
		if (typeof value !== "object" || value === null) return value;
		return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, deep(member)]));
	};
	return {
		know(identifier) {
			if (identifier.value.trim().length < MIN_KNOWN || known.some(({ value }) => value === identifier.value)) return;
			known.push(identifier);
			// The longest first: a serial that is part of another identifier must not break it.
			known.sort((one, other) => other.value.length - one.value.length);
		},
		clean: <Value>(value: Value) => deep(value) as Value, // the same shape, with other text in it
	};
}
