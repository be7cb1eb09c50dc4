/** A share of a release secret, as a page that can be printed, put away, and typed in again years later. Runs anywhere. */
import { combine, split } from "shamir-secret-sharing";

import { fromCrockford, inGroups, toCrockford } from "../../../proto/crockford.ts";
import type { Crypto } from "../../../proto/crypto.ts";
import { RELEASE_SECRET_BYTES, releaseDigest } from "../../../proto/release-code.ts";
import type { CodeAddress } from "../../../proto/time-code.ts";

/** Shares that are made, and that are needed. */
const SHARES = 3;
const THRESHOLD = 2;
/** The library puts the share's own coordinate behind its bytes. */
const SHARE_BYTES = RELEASE_SECRET_BYTES + 1;
/** Enough of the digest to tell that two shares gave the right secret. */
const FINGERPRINT_BYTES = 5;
const SET_BYTES = 5;

/** One of three. */
export interface EscrowShare extends CodeAddress {
	/** 1 to 3; 0 if the page that was typed in does not say. */
	readonly number: number;
	/** Names the splitting: shares of two splittings do not fit together. */
	readonly set: string;
	/** First five bytes of the release digest, in Crockford's symbols. */
	readonly fingerprint: string;
	/** In Crockford's symbols. */
	readonly share: string;
}

/**
 * Splits a release secret 2 of 3 (Shamir over GF(2^8), by a library that was audited).
 *
 * @param random gives so many random bytes.
 */
export async function splitReleaseSecret(
	crypto: Pick<Crypto, "sha256">,
	address: CodeAddress,
	secret: Uint8Array,
	random: (length: number) => Uint8Array,
): Promise<EscrowShare[]> {
	const shares = await split(secret, SHARES, THRESHOLD);
	const set = inGroups(toCrockford(random(SET_BYTES)));
	const fingerprint = fingerprintOf(crypto, address, secret);
	return shares.map((share, index) => ({
		deviceId: address.deviceId,
		contractId: address.contractId,
		number: index + 1,
		set,
		fingerprint,
		share: inGroups(toCrockford(share)),
	}));
}

/** Why two shares do not give a release secret. */
export type ShareProblem = "OF_TWO_CONTRACTS" | "OF_TWO_SETS" | "TWICE_THE_SAME" | "WRONG_SECRET";

/** Puts two shares together. */
export async function joinShares(
	crypto: Pick<Crypto, "sha256">,
	first: EscrowShare,
	second: EscrowShare,
): Promise<{ secret: Uint8Array } | { problem: ShareProblem }> {
	if (first.contractId !== second.contractId || first.deviceId !== second.deviceId) return { problem: "OF_TWO_CONTRACTS" };
	if (first.set !== second.set || first.fingerprint !== second.fingerprint) return { problem: "OF_TWO_SETS" };
	const bytes = [first, second].map(({ share }) => fromCrockford(share, SHARE_BYTES) ?? new Uint8Array());
	const coordinates = bytes.map((share) => share.at(-1) ?? 0);
	if (coordinates[0] === coordinates[1]) return { problem: "TWICE_THE_SAME" };
	if (coordinates.includes(0)) return { problem: "WRONG_SECRET" };
	const secret = await combine(bytes);
	return fingerprintOf(crypto, first, secret) === first.fingerprint ? { secret } : { problem: "WRONG_SECRET" };
}

function fingerprintOf(crypto: Pick<Crypto, "sha256">, address: CodeAddress, secret: Uint8Array): string {
	return inGroups(toCrockford(releaseDigest(crypto, address, secret).subarray(0, FINGERPRINT_BYTES)));
}

/** The page to print. */
export function sharePage({ number, contractId, deviceId, set, fingerprint, share }: EscrowShare): string {
	const title = `HOLDFAST RELEASE SHARE ${number} OF ${SHARES}`;
	return `${title}
${"=".repeat(title.length)}

CONTRACT     ${contractId}
DEVICE       ${deviceId}
SET          ${set}
FINGERPRINT  ${fingerprint}

SHARE        ${share}

ANY TWO OF THE THREE SHARES OF THIS SET FREE ONE PHONE, FOR EVER,
WITH NO SERVER AND NO NETWORK. ONE ALONE TELLS NOTHING.

Keep each of the three in another place, such as the lender, the
borrower's association and a notary. Whoever holds two can give the
phone away, so no place gets two.

To free the phone when it is paid for and the lender cannot:

  1. Bring two shares to any computer with Holdfast.
     On paper only? Type this page into a file, as it stands above:
     the lines CONTRACT, DEVICE, SET, FINGERPRINT and SHARE are enough.
  2. holdfast code release --share FILE --share FILE
  3. It prints the release code: 17 signs. Type them into the phone,
     under "Enter a code". Dashes, and O for 0 or I for 1, do no harm.
  4. The phone is free at once. Both shares may be thrown away.

The sign after the last dash of SET, FINGERPRINT and SHARE is a check
sign: a mistyped line is found before anything is done with it.
`;
}

/** Reads a page, typed in again or not. Gives what is missing or mistyped otherwise. */
export function readSharePage(text: string): EscrowShare | { problem: string } {
	const field = (name: string) => new RegExp(`^[ \\t]*${name}[ \\t]+(\\S+)[ \\t]*\\r?$`, "m").exec(text)?.[1] ?? "";
	const [contractId, deviceId] = [field("CONTRACT"), field("DEVICE").toLowerCase()];
	const set = symbols(field("SET"), SET_BYTES);
	const fingerprint = symbols(field("FINGERPRINT"), FINGERPRINT_BYTES);
	const share = symbols(field("SHARE"), SHARE_BYTES);
	const number = Number(/SHARE ([1-3]) OF 3/.exec(text)?.[1] ?? 0);
	if (contractId === "") return { problem: "CONTRACT is missing" };
	if (!/^[0-9a-f]{32}$/.test(deviceId)) return { problem: "DEVICE is missing or mistyped" };
	if (set === undefined) return { problem: "SET is missing or mistyped" };
	if (fingerprint === undefined) return { problem: "FINGERPRINT is missing or mistyped" };
	if (share === undefined) return { problem: "SHARE is missing or mistyped" };
	return { contractId, deviceId, set, fingerprint, share, number };
}

function symbols(typed: string, length: number): string | undefined {
	const bytes = fromCrockford(typed, length);
	return bytes && inGroups(toCrockford(bytes));
}
