import { flip, join, noise, pick, type Random, restructure, splice, truncate } from "../prove/fuzz-mutations.ts";
import { type FuzzTarget, USUAL_LENGTH } from "./target.ts";

/** What parsers of every kind trip over: ends, signs, names with a meaning to JavaScript, other line ends, halves of characters. */
const WORDS = [
	...["\n", "\r\n", "\r", "\t", " ", "\0", "\u2028", "\u2029", "\ufeff", "\u202e", "\u0661", "\ud800", "\u001b[2J", "\u0007"],
	...[
		'"',
		"'",
		"\\",
		"/",
		"../",
		"%00",
		"{",
		"}",
		"[",
		"]",
		"(",
		")",
		"<",
		">",
		":",
		";",
		",",
		"=",
		"+",
		"-",
		"@",
		"$",
		"^",
		"~",
	],
	...["__proto__", "constructor", "toString", "null", "true", "undefined", "NaN", "0", "-1", "1e999", "0x", "9007199254740993"],
].map((word) => new TextEncoder().encode(word));
/** One input in so many is long: a piece of it repeated up to the longest that the decoder takes. */
const ONE_IS_LONG = 400;

/** Makes another input of inputs that are known. */
export function mutate(random: Random, target: FuzzTarget, corpus: readonly Uint8Array[]): Uint8Array {
	const longest = target.longest ?? USUAL_LENGTH;
	let input = pick(random, corpus);
	for (let times = 1 + random(4); times > 0; times -= 1) input = changed(random, target, input, corpus);
	if (random(ONE_IS_LONG) === 0) input = stretched(random, input, longest);
	return input.length > longest ? input.subarray(0, longest) : input;
}

function changed(random: Random, { form, words }: FuzzTarget, input: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
	if (form === "message" && random(3) !== 0) return restructure(random, input);
	switch (random(form === "text" ? 10 : 7)) {
		case 0:
			return flip(random, input);
		case 1:
			return truncate(random, input);
		case 2:
			return splice(random, input, pick(random, corpus));
		case 3:
			return without(random, input);
		case 4:
			return inserted(random, input, noise(random, 8));
		case 5:
			return inserted(random, input, piece(random, input));
		case 6:
			return random(20) === 0 ? noise(random, 300) : inserted(random, input, piece(random, pick(random, corpus)));
		case 7:
			return inserted(random, input, pick(random, WORDS));
		default:
			return inserted(random, input, words ? new TextEncoder().encode(pick(random, words)) : pick(random, WORDS));
	}
}

function piece(random: Random, bytes: Uint8Array): Uint8Array {
	const from = random(bytes.length + 1);
	return bytes.subarray(from, from + random(Math.min(64, bytes.length - from) + 1));
}

function inserted(random: Random, bytes: Uint8Array, more: Uint8Array): Uint8Array {
	const at = random(bytes.length + 1);
	// Over what stands there, or before it.
	return join([bytes.subarray(0, at), more, bytes.subarray(random(2) === 0 ? at : Math.min(bytes.length, at + more.length))]);
}

function without(random: Random, bytes: Uint8Array): Uint8Array {
	const from = random(bytes.length + 1);
	return join([bytes.subarray(0, from), bytes.subarray(from + random(Math.min(64, bytes.length - from) + 1))]);
}

function stretched(random: Random, bytes: Uint8Array, longest: number): Uint8Array {
	const middle = random(3) === 0 ? pick(random, WORDS) : piece(random, bytes);
	if (middle.length === 0) return bytes;
	const at = random(bytes.length + 1);
	const times = Math.max(1, Math.floor(Math.max(0, longest - bytes.length) / middle.length));
	const repeated = new Uint8Array(times * middle.length);
	for (let index = 0; index < repeated.length; index += 1) repeated[index] = middle[index % middle.length] ?? 0;
	return join([bytes.subarray(0, at), repeated, bytes.subarray(at)]);
}
