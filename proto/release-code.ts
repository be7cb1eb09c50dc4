import { fromCrockford, inGroups, plainSymbols, toCrockford } from "./crockford.ts";
import type { Crypto } from "./crypto.ts";
import { lengthPrefixed } from "./length-prefixed.ts";
import type { CodeAddress } from "./time-code.ts";
import { utf8 } from "./utf8.ts";

/** Bytes of a release secret. Nothing in the phone yields them: it holds their digest. A guess is right once in 2^80. */
export const RELEASE_SECRET_BYTES = 10;

/**
 * What the terms commit to: SHA-256 of "release/v1", device id, contract id and the secret, each behind its length as two bytes,
 * big-endian (texts as UTF-8). Whoever shows the secret frees that phone from that contract, for ever, whether or not there still
 * is a lender.
 *
 * @param secret {@link RELEASE_SECRET_BYTES} bytes.
 */
export function releaseDigest(
	crypto: Pick<Crypto, "sha256">,
	{ deviceId, contractId }: CodeAddress,
	secret: Uint8Array,
): Uint8Array {
	return crypto.sha256(lengthPrefixed(utf8("release/v1"), utf8(deviceId), utf8(contractId), secret));
}

/**
 * Makes a release secret whose check symbol is a digit or a letter, so that nobody has to say "tilde" on the telephone: 33 of 37
 * draws are.
 *
 * @param random gives so many random bytes.
 */
export function drawReleaseSecret(random: (length: number) => Uint8Array): Uint8Array {
	for (;;) {
		const secret = random(RELEASE_SECRET_BYTES);
		if (/[0-9A-Z]$/.test(toCrockford(secret))) return secret;
	}
}

/** The release code: 16 Crockford symbols and a check symbol, in groups of four. */
export function writeReleaseCode(secret: Uint8Array): string {
	return inGroups(toCrockford(secret));
}

/** Whether somebody who typed this meant a release code: as many symbols as it has. */
export function isReleaseCodeShaped(typed: string): boolean {
	return plainSymbols(typed).length === 17;
}

/** Reads a release code. `undefined` for a typing error. */
export function readReleaseCode(typed: string): Uint8Array | undefined {
	return fromCrockford(typed, RELEASE_SECRET_BYTES);
}
