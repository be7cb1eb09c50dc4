import { inGroups, toCrockford } from "../../../proto/crockford.ts";
import { type Crypto, fromHex } from "../../../proto/crypto.ts";

/** 80 bits: what somebody would have to hit who wants people to sign or install other bytes than those they compared. */
const BYTES = 10;

/**
 * What people read to each other to know that they hold the same bytes: four groups of four symbols of Crockford's base 32, of
 * their SHA-256. No check symbol: it is compared, never typed into something that acts on it alone.
 */
export function fingerprintOf(crypto: Pick<Crypto, "sha256">, bytes: Uint8Array): string {
	return inGroups(toCrockford(crypto.sha256(bytes).subarray(0, BYTES))).slice(0, -2);
}

/** A fingerprint as somebody typed it, in the form of {@link fingerprintOf}: case, blanks, O for 0 and I for 1 do no harm. */
export function sameFingerprint(typed: string, fingerprint: string): boolean {
	const plain = typed.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
	return plain === fingerprint.replaceAll("-", "");
}

/** A key's id in groups of four, for people. */
export function spokenKeyid(keyid: string): string {
	return fromHex(keyid) ? (keyid.match(/.{1,4}/g) ?? []).slice(0, 4).join(" ") : keyid;
}
