import { equalBytes } from "../../../proto/codec.ts";
import type { Crypto } from "../../../proto/crypto.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { acceptFirstKeySet, acceptNextKeySet, grantOf, type KeySet } from "../../../proto/roles.ts";
import {
	findKeySetChain,
	findOnlineKey,
	type KeySetChain,
	makeKeyFolders,
	ONLINE_ROLES,
	WIRE_ROLE,
	writeKeySet,
} from "./key-folder.ts";
import { KeysError } from "./keys-error.ts";
import { requireInTime } from "./proposal.ts";

export interface InstallKeySetOptions {
	readonly crypto: Crypto;
	/** The registry's key folder. */
	readonly folder: string;
	/** As the holders signed it. */
	readonly envelope: Uint8Array;
	readonly nowMs: number;
}

/**
 * Makes a signed key set the registry's next one, once its thresholds, its dates and the keys that it grants have been checked. The
 * same one again changes nothing.
 *
 * @throws {KeysError} KEY_SETS_INVALID, KEY_SET_EXPIRED, KEYS_MISSING (its online keys lie elsewhere).
 */
export async function installKeySet(options: InstallKeySetOptions): Promise<{ keySet: KeySet; isNew: boolean }> {
	const { crypto, folder, envelope } = options;
	await makeKeyFolders(folder);
	const chain = await findKeySetChain(crypto, folder);
	const known = chain?.envelopes.findIndex((each) => equalBytes(each, envelope)) ?? -1;
	const before = chain?.keySets[known];
	if (before) return { keySet: before, isNew: false };
	const keySet = acceptNext(crypto, chain, envelope);
	requireInTime(keySet, options.nowMs);
	for (const role of ONLINE_ROLES) {
		const [key] = grantOf(keySet, WIRE_ROLE[role]).keys;
		if (key && (await findOnlineKey(folder, role, key.keyid))) continue;
		throw new KeysError(
			"KEYS_MISSING",
			`This key set grants a ${role} key that is not in ${folder}/online. Install it where the proposal was made, or copy the key here first.`,
		);
	}
	await writeKeySet(folder, keySet.version, envelope);
	return { keySet, isNew: true };
}

function acceptNext(crypto: Crypto, chain: KeySetChain | undefined, envelope: Uint8Array): KeySet {
	try {
		return chain ? acceptNextKeySet(crypto, chain.current, envelope) : acceptFirstKeySet(crypto, envelope);
	} catch (cause) {
		if (!(cause instanceof ProtocolError)) throw cause;
		const after = chain ? `after key set ${chain.current.version}` : "as the first one";
		throw new KeysError("KEY_SETS_INVALID", `This cannot be installed ${after}: ${cause.message} (${cause.code}).`, { cause });
	}
}
