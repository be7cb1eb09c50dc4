import { createHash } from "node:crypto";

import { Check } from "typebox/value";

import type { Crypto, Signer } from "../../../proto/crypto.ts";
import { countSignatures, PayloadType, readEnvelope, sealBytes } from "../../../proto/envelope.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { grantOf, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { canonicalJson } from "../access/canonical-json.ts";
import { MAX_STATUS_BYTES, StatusList, TrustDocument } from "./attestation-request.ts";
import type { AttestationTrust } from "./check-chain.ts";
import { GOOGLE_ROOTS } from "./google-roots.ts";

/** Lists that are not the lender's, or not what they say. */
export class TrustError extends Error {
	override readonly name = "TrustError";
}

/** Before the lender has signed any list. */
export const BUILT_IN_TRUST: AttestationTrust = {
	version: 0,
	expiresAtSeconds: Number.POSITIVE_INFINITY,
	roots: new Map(GOOGLE_ROOTS.map(({ publicKeySha256, name }) => [publicKeySha256, name])),
	status: undefined,
};

export interface SignedTrust {
	readonly envelope: Uint8Array;
	/** Bytes of the status list; `undefined`: the document names none. */
	readonly status: Uint8Array | undefined;
}

/**
 * Signs whom to believe. By the `enroll` role: who holds its key decides anyway which phones are bound, so that this gives nobody
 * anything new, and the list of revoked certificates, which changes daily, needs no key from a safe.
 */
export async function signTrust(
	document: Omit<TrustDocument, "statusSha256">,
	status: StatusList | undefined,
	signer: Signer,
): Promise<SignedTrust> {
	const bytes = status && Buffer.from(canonicalJson(status));
	const signed: TrustDocument = bytes ? { ...document, statusSha256: sha256(bytes) } : document;
	const envelope = await sealBytes(PayloadType.attestationTrust, Buffer.from(canonicalJson(signed)), [signer]);
	return { envelope, status: bytes };
}

/**
 * Accepts signed lists: the raw bytes are verified, then read, then their one accepted spelling is required, as everything that the
 * lender signs.
 *
 * @param keySets of whose `enroll` role one signature counts. Those of an earlier epoch do not belong in here: it ended by a theft.
 * @throws {TrustError}
 */
export function acceptTrust(
	crypto: Crypto,
	keySets: readonly KeySet[],
	{ envelope, status }: SignedTrust,
): { document: TrustDocument; trust: AttestationTrust } {
	const payload = verified(crypto, keySets, envelope);
	const document = readJson(payload);
	if (!Check(TrustDocument, document)) throw new TrustError("it is no list of roots");
	if (keySets.some(({ lenderId }) => lenderId !== document.lenderId)) throw new TrustError("another lender's");
	if (document.expiresAtUnixSeconds <= document.issuedAtUnixSeconds) throw new TrustError("it had expired when it was signed");
	return {
		document,
		trust: {
			version: document.version,
			expiresAtSeconds: document.expiresAtUnixSeconds,
			roots: new Map(document.roots.map(({ publicKeySha256, name }) => [publicKeySha256, name])),
			status: readStatus(document.statusSha256, status),
		},
	};
}

function verified(crypto: Crypto, keySets: readonly KeySet[], bytes: Uint8Array): Uint8Array {
	try {
		const envelope = readEnvelope(bytes, PayloadType.attestationTrust);
		const isSigned = keySets.some((keySet) => {
			const { keys, threshold } = grantOf(keySet, wire.Role.ROLE_ENROLL);
			return keys.length > 0 && countSignatures(crypto, envelope, keys).length >= threshold;
		});
		if (!isSigned) throw new TrustError("not signed by the lender's key for bindings");
		return envelope.payload;
	} catch (cause) {
		if (cause instanceof ProtocolError) throw new TrustError(`no signed list (${cause.code})`, { cause });
		throw cause;
	}
}

function readStatus(digest: string | undefined, bytes: Uint8Array | undefined): AttestationTrust["status"] {
	if (digest === undefined && bytes === undefined) return undefined;
	if (!bytes || bytes.length > MAX_STATUS_BYTES || sha256(bytes) !== digest)
		throw new TrustError("the status list is not the one that was signed");
	const list = readJson(bytes);
	if (!Check(StatusList, list)) throw new TrustError("the status list cannot be read");
	return new Map(Object.entries(list));
}

function readJson(bytes: Uint8Array): unknown {
	try {
		const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		const value: unknown = JSON.parse(text);
		if (canonicalJson(value) === text) return value;
	} catch {
		// Said below: it is one answer, whatever was wrong with it.
	}
	throw new TrustError("not in its one accepted spelling");
}

function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}
