import { decode, decodeCanonical, encode } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { PayloadType, readEnvelope } from "../../proto/envelope.ts";
import { ProtocolError } from "../../proto/error.ts";
import { acceptNextKeySet, type KeySet } from "../../proto/roles.ts";
import { wire } from "../../proto/wire.ts";
import type { ContractRecord } from "../policy/ledger.ts";

/** More key sets in one message are work for the phone, not a rotation. */
export const MAX_KEY_SETS = 16;

/** The key set that a contract trusts. */
export function trustedKeySet(contract: Pick<ContractRecord, "keySet">): KeySet {
	return decode(wire.KeySet, contract.keySet);
}

/** The bytes in which a key set is stored. */
export function keySetBytes(keySet: KeySet): Uint8Array {
	return encode(wire.KeySet, keySet);
}

/**
 * Takes key sets that follow from the trusted one. Those that are not newer are passed over, so that the same message
 * twice does no harm. A new epoch starts order sequences anew: that is the way out of a fast-forward attack.
 *
 * @throws {ProtocolError}
 */
export function takeKeySets(crypto: Crypto, contract: ContractRecord, envelopes: readonly Uint8Array[]): ContractRecord {
	if (envelopes.length > MAX_KEY_SETS) throw new ProtocolError("TOO_LARGE", "too many key sets at once");
	const before = trustedKeySet(contract);
	let trusted = before;
	for (const envelope of envelopes) {
		// Read only to see whether it is an old one, which the present root need not have signed; trusted by signatures alone.
		const claimed = decodeCanonical(wire.KeySet, readEnvelope(envelope, PayloadType.keySet).payload);
		if (claimed.version > trusted.version) trusted = acceptNextKeySet(crypto, trusted, envelope);
	}
	if (trusted === before) return contract;
	const lastSequence = trusted.epoch > before.epoch ? 0 : contract.lastSequence;
	return { ...contract, keySet: keySetBytes(trusted), lastSequence };
}
