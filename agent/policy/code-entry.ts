import type { Crypto } from "../../proto/crypto.ts";
import { type CodeRequest, NONCES } from "../../proto/request-number.ts";
import { AUTOMATIC_WINDOW, type CodeAddress, type TypedTimeCode, timeCodeMac } from "../../proto/time-code.ts";
import type { CodeRecord, Ledger } from "./ledger.ts";

// Which codes a phone takes. A code can only loosen, and nothing here blocks anything but the entry of more time codes.

/** Wrong codes in a row that cost no waiting: people mistype. */
const FREE_BAD_CODES = 2;
/** After this many wrong codes in a row only what the lender signs, and the release code, count. */
export const MAX_BAD_CODES = 100;
const MINUTE_MS = 60_000;
/** Doublings of the first minute's wait: 512 minutes is the longest. */
const MOST_DOUBLINGS = 9;
/** Beyond it a phone takes no time codes: its counter must fit in 32 bits, and never goes back. */
const LAST_COUNTER = 2 ** 32 - 1 - 2 * AUTOMATIC_WINDOW;
/** Bytes of an event's entropy that the nonce is drawn from; check-ins use others. */
const NONCE_AT = 24;

/** Whether time codes are read now. */
export function codeEntryState({ codes, time }: Pick<Ledger, "codes" | "time">): "open" | "backingOff" | "signedOnly" {
	if (codes.badCodes >= MAX_BAD_CODES) return "signedOnly";
	return time.poweredOnMs < codes.backingOffUntilPoweredOnMs ? "backingOff" : "open";
}

/** The question that the phone asks; `undefined` if it takes no time codes: without a secret, or after the end of all counters. */
export function codeRequest({ codes, contract }: Pick<Ledger, "codes" | "contract">): CodeRequest | undefined {
	if (!contract || contract.codeKey.length === 0 || codes.counter === 0 || codes.counter > LAST_COUNTER) return undefined;
	return { counter: codes.counter, nonce: codes.nonce };
}

/** A phone that was just bound with a secret begins to count. */
export function beginCodes(ledger: Ledger, entropy: Uint8Array): Ledger {
	const { codes, contract } = ledger;
	if (!contract || contract.codeKey.length === 0 || codes.counter > 0) return ledger;
	return { ...ledger, codes: { ...codes, counter: 1, nonce: nonceFrom(entropy) } };
}

/**
 * The record was lost or put back, so a code that was taken since may be unknown: every code given out before is worthless from
 * here on. The whole window is passed over, because an automatic code has no nonce. Wrong codes stay counted.
 */
export function renewCodes(codes: CodeRecord, entropy: Uint8Array): CodeRecord {
	if (codes.counter === 0) return codes;
	return { ...codes, counter: codes.counter + AUTOMATIC_WINDOW, nonce: nonceFrom(entropy), usedAhead: 0 };
}

/** What a typed code is. */
export type CodeVerdict =
	| { readonly verdict: "good"; readonly counter: number }
	/** It was right once: taken already, or another one took its place. No guess. */
	| { readonly verdict: "used" }
	| { readonly verdict: "wrong" };

/**
 * Judges a code. A kind that answers the request number has one right answer, an automatic one at most {@link AUTOMATIC_WINDOW}.
 *
 * @param secret as `timeCodeSecret` gives it.
 */
export function judgeTimeCode(
	crypto: Pick<Crypto, "hmacSha256">,
	secret: Uint8Array,
	address: CodeAddress,
	codes: CodeRecord,
	typed: TypedTimeCode,
): CodeVerdict {
	const { kind, value, mac } = typed;
	const isFor = (counter: number, nonce: number | undefined) =>
		timeCodeMac(crypto, secret, address, { kind, value, counter, nonce }) === mac;
	if (kind !== "automatic") {
		if (isFor(codes.counter, codes.nonce)) return { verdict: "good", counter: codes.counter };
		return codes.lastCounter > 0 && isFor(codes.lastCounter, codes.lastNonce) ? { verdict: "used" } : { verdict: "wrong" };
	}
	const first = Math.max(1, codes.counter - AUTOMATIC_WINDOW);
	for (let counter = first; counter < codes.counter + AUTOMATIC_WINDOW; counter += 1) {
		if (isFor(counter, undefined)) return isUsed(codes, counter) ? { verdict: "used" } : { verdict: "good", counter };
	}
	return { verdict: "wrong" };
}

function isUsed({ counter: shown, usedAhead }: CodeRecord, counter: number): boolean {
	return counter < shown || (usedAhead & (1 << (counter - shown))) !== 0;
}

/**
 * A good code is used up. One that answers the request number burns its counter and all before it; an automatic one burns its own.
 * The question moves to the first counter that is not used, and whenever it moves it is another question.
 */
export function useUp(codes: CodeRecord, counter: number, isAutomatic: boolean, entropy: Uint8Array): CodeRecord {
	let usedAhead = codes.usedAhead | (1 << (counter - codes.counter));
	let shown = codes.counter;
	for (; (usedAhead & 1) !== 0; usedAhead >>>= 1) shown += 1;
	const last = isAutomatic ? {} : { lastCounter: codes.counter, lastNonce: codes.nonce };
	const nonce = shown === codes.counter ? codes.nonce : nonceFrom(entropy);
	return forgiveBadCodes({ ...codes, ...last, counter: shown, nonce, usedAhead });
}

/**
 * A wrong code: from the third in a row on, a wait of 1, 2, 4 .. 512 minutes of powered-on time. Switching the phone off does not
 * shorten it.
 */
export function countBadCode(codes: CodeRecord, poweredOnMs: number): CodeRecord {
	const badCodes = codes.badCodes + 1;
	const doublings = Math.min(badCodes - FREE_BAD_CODES - 1, MOST_DOUBLINGS);
	const waitMs = doublings < 0 ? 0 : MINUTE_MS * 2 ** doublings;
	return { ...codes, badCodes, backingOffUntilPoweredOnMs: poweredOnMs + waitMs };
}

/** Counting begins anew: after a good code, and after an order by which the lender shows that it knows this borrower. */
export function forgiveBadCodes(codes: CodeRecord): CodeRecord {
	return { ...codes, badCodes: 0, backingOffUntilPoweredOnMs: 0 };
}

/** 0 to 999. Four bytes make some nonces more frequent by 2e-7. */
function nonceFrom(entropy: Uint8Array): number {
	return entropy.subarray(NONCE_AT, NONCE_AT + 4).reduce((remainder, byte) => (remainder * 256 + byte) % NONCES, 0);
}
