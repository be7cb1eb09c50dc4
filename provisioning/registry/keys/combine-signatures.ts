import { encode, equalBytes } from "../../../proto/codec.ts";
import type { Crypto } from "../../../proto/crypto.ts";
import { countSignatures, PayloadType, readEnvelope } from "../../../proto/envelope.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { acceptFirstKeySet, acceptNextKeySet, grantOf, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { fingerprintOf, spokenKeyid } from "./fingerprint.ts";
import { KeysError } from "./keys-error.ts";
import { type Proposal, readCeremonyFile, rootKeysOf } from "./proposal.ts";

/** A key set that the thresholds signed. */
export interface SignedKeySet {
	readonly keySet: KeySet;
	readonly envelope: Uint8Array;
	/** Ids of the root keys that signed, each once. */
	readonly signedBy: readonly string[];
	/** Files whose signer had signed already. */
	readonly repeated: readonly string[];
}

/**
 * Puts the holders' signatures under a proposal. Each must be of this proposal and by a root key of the old or the new key set;
 * a signer who comes twice counts once.
 *
 * @throws {KeysError} SIGNATURE_INVALID, ROOT_KEYS_TOO_FEW.
 */
export async function combineSignatures(crypto: Crypto, proposal: Proposal, files: readonly string[]): Promise<SignedKeySet> {
	const roots = rootKeysOf(proposal);
	const signatures = new Map<string, Uint8Array>();
	const repeated: string[] = [];
	for (const file of files) {
		const frame = readFrame(await readCeremonyFile(file, "SIGNATURE_INVALID"), file);
		if (!equalBytes(frame.payload, proposal.payload)) {
			const other = fingerprintOf(crypto, frame.payload);
			throw new KeysError(
				"SIGNATURE_INVALID",
				`${file} signs something else: fingerprint ${other}, not ${proposal.fingerprint}. Its holder had another file: stop and find out why.`,
			);
		}
		const good = countSignatures(crypto, frame, roots);
		if (good.length !== frame.signatures.length) {
			throw new KeysError("SIGNATURE_INVALID", `${file} holds a signature of no root key, or one that does not hold.`);
		}
		for (const { keyid, sig } of frame.signatures) {
			if (signatures.has(keyid)) repeated.push(file);
			else signatures.set(keyid, sig);
		}
	}
	const signedBy = [...signatures.keys()];
	requireThresholds(proposal, signedBy);
	const envelope = encode(wire.Envelope, {
		payload: proposal.payload,
		payloadType: PayloadType.keySet,
		signatures: [...signatures].map(([keyid, sig]) => ({ keyid, sig })),
	});
	// What a phone will do with it, so that nothing is handed out that a phone would refuse.
	const { trusted } = proposal;
	const keySet = trusted ? acceptNextKeySet(crypto, trusted, envelope) : acceptFirstKeySet(crypto, envelope);
	return { keySet, envelope, signedBy, repeated };
}

function readFrame(bytes: Uint8Array, file: string) {
	try {
		return readEnvelope(bytes, PayloadType.keySet);
	} catch (cause) {
		if (!(cause instanceof ProtocolError)) throw cause;
		throw new KeysError("SIGNATURE_INVALID", `${file} is no signature, or was changed on its way: ${cause.message}.`, { cause });
	}
}

function requireThresholds({ trusted, next }: Proposal, signedBy: readonly string[]): void {
	for (const keySet of trusted ? [trusted, next] : [next]) {
		const { keys, threshold } = grantOf(keySet, wire.Role.ROLE_ROOT);
		const missing = keys.filter(({ keyid }) => !signedBy.includes(keyid));
		const count = keys.length - missing.length;
		if (count >= threshold) continue;
		throw new KeysError(
			"ROOT_KEYS_TOO_FEW",
			`${count} of ${threshold} root keys of key set ${keySet.version} have signed. Any of these can: ${missing.map(({ keyid }) => spokenKeyid(keyid)).join(", ")}.`,
		);
	}
}
