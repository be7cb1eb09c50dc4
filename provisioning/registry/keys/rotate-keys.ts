import { encode } from "../../../proto/codec.ts";
import type { Crypto, Signer } from "../../../proto/crypto.ts";
import { PayloadType, sealBytes } from "../../../proto/envelope.ts";
import { acceptNextKeySet, grantOf, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { createNodeCrypto } from "../node-crypto.ts";
import { makeCodeVault } from "./code-vault.ts";
import { keySetOf, type MadeKeys, makeOnlineKeys, type NewKey, writeOnlineKeys, writeRootKeys } from "./init-keys.ts";
import { isThere, type KeyProtection, makeKey, readKeyFile } from "./key-file.ts";
import { makeKeyFolders, readKeySetChain, rootKeyPath, writeKeySet } from "./key-folder.ts";
import { KeysError } from "./keys-error.ts";

export interface RotateKeysOptions {
	readonly folder: string;
	/** Opens the root keys and encrypts the new ones. */
	readonly protection: KeyProtection;
	readonly nowMs: number;
	/** Start order sequences anew: after a key was stolen and sequences may have been run ahead. Default false. */
	readonly newEpoch?: boolean;
	/** Make three new root keys as well, such as after one was lost. Default false. */
	readonly newRoot?: boolean;
	/** Files of root keys that lie elsewhere, such as on the two sticks that were fetched. Default: those in `root/`. */
	readonly rootFiles?: readonly string[];
	readonly crypto?: Crypto;
}

/**
 * Makes key set N+1 with new keys for every online role, signed by the root thresholds of N and of N+1, and adds it to
 * `key-sets/`. The old online keys stay where they are: phones that do not know N+1 yet are still spoken to with them.
 * After a theft, delete the stolen role's old file.
 *
 * @throws {KeysError} ROOT_KEYS_TOO_FEW and those of reading keys.
 */
export async function rotateKeys(options: RotateKeysOptions): Promise<MadeKeys> {
	const { folder, protection, crypto = createNodeCrypto() } = options;
	const { current } = await readKeySetChain(crypto, folder);
	const oldRoots = await openRootKeys(crypto, folder, current, options);
	await makeKeyFolders(folder);
	const newRoots: NewKey[] = options.newRoot ? Array.from({ length: 3 }, () => makeKey(crypto)) : [];
	const online = makeOnlineKeys(crypto);
	const roots = options.newRoot ? newRoots.map(({ signer }) => signer) : publicRoots(current);
	const version = current.version + 1;
	const payload = encode(wire.KeySet, {
		...keySetOf(roots, online, Math.trunc(options.nowMs / 1000)),
		lenderId: current.lenderId,
		version,
		epoch: current.epoch + (options.newEpoch ? 1 : 0),
	});
	const envelope = await sealBytes(PayloadType.keySet, payload, [...oldRoots, ...newRoots.map(({ signer }) => signer)]);
	const keySet = acceptNextKeySet(crypto, current, envelope); // never hand out what a phone would refuse
	const rootFiles = await writeRootKeys(folder, newRoots, protection);
	const onlineFiles = await writeOnlineKeys(folder, online, protection);
	const codeVaultFile = await makeCodeVault(folder, protection);
	await writeKeySet(folder, version, envelope); // last: before it nothing has changed
	return { keySet, envelope, rootFiles, onlineFiles, codeVaultFile };
}

function publicRoots(keySet: KeySet): Pick<Signer, "keyid" | "publicKey">[] {
	return grantOf(keySet, wire.Role.ROLE_ROOT).keys.map(({ keyid, point }) => ({ keyid, publicKey: point }));
}

/** Opens as many root keys as the threshold asks for, no more. */
async function openRootKeys(
	crypto: Crypto,
	folder: string,
	keySet: KeySet,
	options: Pick<RotateKeysOptions, "protection" | "rootFiles">,
): Promise<Signer[]> {
	const { keys, threshold } = grantOf(keySet, wire.Role.ROLE_ROOT);
	const paths = options.rootFiles ?? keys.map(({ keyid }) => rootKeyPath(folder, keyid));
	const signers = new Map<string, Signer>();
	for (const path of paths) {
		if (signers.size >= threshold) break;
		// Root keys are meant to lie elsewhere, so one that is not here is no error; one that does not open is.
		if (!options.rootFiles && !(await isThere(path))) continue;
		const signer = await readKeyFile(crypto, path, options.protection);
		if (keys.some(({ keyid }) => keyid === signer.keyid)) signers.set(signer.keyid, signer);
	}
	if (signers.size < threshold) {
		throw new KeysError(
			"ROOT_KEYS_TOO_FEW",
			`${signers.size} of ${threshold} root keys of version ${keySet.version} are here. Bring their files.`,
		);
	}
	return [...signers.values()];
}
