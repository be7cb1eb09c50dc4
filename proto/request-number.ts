import { dammDigit, endsInDammDigit } from "./damm.ts";

/** Numbers that the shown digits of a counter tell apart. */
const SHOWN_COUNTERS = 10_000;
/** Nonces that the shown digits of a nonce tell apart. */
export const NONCES = 1000;

/** What a phone asks with: which code it will take next. */
export interface CodeRequest {
	/** Grows with every code that was taken. 1 to 2^32-1. */
	readonly counter: number;
	/** 0 to 999, drawn anew for each counter: a phone put back to an earlier state asks another question. */
	readonly nonce: number;
}

/** What can be read off a request number: the counter's last four digits, and the nonce. */
export interface ReadRequest {
	readonly counterDigits: number;
	readonly nonce: number;
}

/** The eight digits that the borrower reads out: counter (its last four digits), nonce (three), check digit (Damm). */
export function requestNumber({ counter, nonce }: CodeRequest): string {
	const digits = String(counter % SHOWN_COUNTERS).padStart(4, "0") + String(nonce).padStart(3, "0");
	return digits + dammDigit(digits);
}

/** Reads a request number, blanks and dashes passed over. `undefined`: not eight digits, or one of them was misheard. */
export function readRequestNumber(text: string): ReadRequest | undefined {
	const digits = text.replace(/[\s-]/g, "");
	if (!/^\d{8}$/.test(digits) || !endsInDammDigit(digits)) return undefined;
	return { counterDigits: Number(digits.slice(0, 4)), nonce: Number(digits.slice(4, 7)) };
}

/** The whole counter: the first one not below what is known of the phone that ends in the digits shown. */
export function wholeCounter(counterDigits: number, atLeast: number): number {
	const ahead = (((counterDigits - atLeast) % SHOWN_COUNTERS) + SHOWN_COUNTERS) % SHOWN_COUNTERS;
	return atLeast + ahead;
}
