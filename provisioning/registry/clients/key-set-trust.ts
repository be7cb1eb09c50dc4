import { equalBytes } from "../../../proto/codec.ts";
import { type Crypto, toHex } from "../../../proto/crypto.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { acceptFirstKeySet, acceptNextKeySet, type KeySet } from "../../../proto/roles.ts";
import { faultError } from "../../handset/fault.ts";

/** A lender's key sets as far as somebody at the other end of a network has come to trust them. */
export interface KeySetTrust {
	/** Key sets 1..N; empty before the first were seen. */
	readonly keySets: readonly KeySet[];
	/**
	 * Takes a chain 1..N. It must go on from what is trusted already; a shorter one, as with an older binding, must be the
	 * beginning of it, and takes nothing back.
	 *
	 * @throws {FaultError} REGISTRY_UNTRUSTED.
	 */
	extend(envelopes: readonly Uint8Array[]): readonly KeySet[];
}

export interface KeySetPins {
	/** SHA-256 of the first key set's envelope, lower-case hex. Without it the first chain seen is trusted (on first use). */
	readonly firstKeySetSha256?: string;
	/** The lender that must stand in the key sets. */
	readonly lenderId?: string;
}

export function createKeySetTrust(crypto: Crypto, pins: KeySetPins = {}): KeySetTrust {
	const trusted: Uint8Array[] = [];
	const keySets: KeySet[] = [];
	const untrusted = (raw: string, cause?: unknown) => faultError("REGISTRY_UNTRUSTED", { raw }, { cause });

	function accept(envelope: Uint8Array): KeySet {
		const last = keySets.at(-1);
		try {
			if (last) return acceptNextKeySet(crypto, last, envelope);
			const first = acceptFirstKeySet(crypto, envelope);
			if (pins.firstKeySetSha256 !== undefined && toHex(crypto.sha256(envelope)) !== pins.firstKeySetSha256) {
				throw untrusted("the first key set is not the pinned one");
			}
			if (pins.lenderId !== undefined && first.lenderId !== pins.lenderId) throw untrusted("keys of another lender");
			return first;
		} catch (error) {
			if (error instanceof ProtocolError) throw untrusted(`key set ${keySets.length + 1}: ${error.message}`, error);
			throw error;
		}
	}

	return {
		keySets,
		extend(envelopes) {
			if (envelopes.length === 0) throw untrusted("no key set");
			for (const [index, envelope] of envelopes.entries()) {
				const known = trusted[index];
				if (known) {
					if (!equalBytes(known, envelope)) throw untrusted("another history of key sets than before");
					continue;
				}
				keySets.push(accept(envelope));
				trusted.push(envelope);
			}
			return keySets;
		},
	};
}
