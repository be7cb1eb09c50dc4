import type { Crypto, Signer } from "../../../proto/crypto.ts";
import { grantOf, type KeySet } from "../../../proto/roles.ts";
import { createNodeCrypto } from "../node-crypto.ts";
import { type CodeVault, openCodeVault } from "./code-vault.ts";
import { type EscrowKey, readEscrowKey } from "./escrow-key.ts";
import { type KeyProtection, readKeyFile } from "./key-file.ts";
import { findOnlineKey, ONLINE_ROLES, type OnlineRole, onlineKeyPath, readKeySetChain, WIRE_ROLE } from "./key-folder.ts";
import { KeysError } from "./keys-error.ts";
import { createTokens, openTokenKey, type TokenSigner, type Tokens } from "./pkcs11/token-keys.ts";

/** What a running registry signs with. */
export interface LenderKeys {
	readonly lenderId: string;
	/** Envelopes of key sets 1..N. */
	readonly keySetEnvelopes: readonly Uint8Array[];
	/** Key sets 1..N. */
	readonly keySets: readonly KeySet[];
	/** Key set N. */
	readonly current: KeySet;
	/**
	 * The role's signer under a version of the key set, by default the current one. `undefined` if the version is unknown
	 * or its key was deleted: then a phone that trusts no later version can only be reached by cable or by itself.
	 */
	signer(role: OnlineRole, version?: number): Signer | undefined;
	/**
	 * Looks whether the lender has newer key sets, if there is a way to. Quick, and seldom enough that anybody may cause it.
	 *
	 * @returns once {@link current} is as new as it gets.
	 */
	lookAgain?(): Promise<void>;
	/** Roles that cannot sign just now because their token does not answer. */
	unavailable?(): readonly OnlineRole[];
	/** With what release codes are sealed for the day when there is no lender. */
	readonly escrowKey?: EscrowKey | undefined;
	/** Where secrets of codes are sealed. `undefined`: these keys were made before there were codes, so there are none. */
	readonly codeVault: CodeVault | undefined;
}

/**
 * Opens the online roles' keys; root keys are never opened. Keys of earlier versions are opened where they still lie,
 * because a phone that has not heard of a rotation can only be told of it in the old keys' name.
 *
 * @param before what was open before: its keys are not opened again, and those whose files are gone are forgotten.
 * @param tokens those that are open already.
 * @throws {KeysError} for missing, open, unreadable or unencrypted files.
 */
export async function openRoleSigners(
	folder: string,
	protection: KeyProtection,
	crypto: Crypto = createNodeCrypto(),
	before?: LenderKeys,
	tokens: Tokens = createTokens(),
): Promise<LenderKeys> {
	const { envelopes, keySets, current } = await readKeySetChain(crypto, folder);
	const signers = new Map<string, Signer>();
	for (const keySet of keySets) {
		for (const role of ONLINE_ROLES) {
			const [key] = grantOf(keySet, WIRE_ROLE[role]).keys;
			if (!key || signers.has(key.keyid)) continue;
			const found = await findOnlineKey(folder, role, key.keyid);
			if (!found && keySet !== current) continue;
			const path = found?.path ?? onlineKeyPath(folder, role, key.keyid);
			const known = before?.signer(role, keySet.version);
			const open = () =>
				found?.kind === "token" ? openTokenKey(crypto, tokens, path, key) : readKeyFile(crypto, path, protection);
			const signer = known?.keyid === key.keyid ? known : await open();
			if (signer.keyid !== key.keyid) throw new KeysError("KEY_FILE_INVALID", `${path} holds another key than its name says.`);
			signers.set(key.keyid, signer);
		}
	}
	return {
		lenderId: current.lenderId,
		keySetEnvelopes: envelopes,
		keySets,
		current,
		codeVault: before?.codeVault ?? (await openCodeVault(folder, protection)),
		escrowKey: await readEscrowKey(crypto, folder),
		unavailable: () =>
			ONLINE_ROLES.filter((role) => {
				const [key] = grantOf(current, WIRE_ROLE[role]).keys;
				const signer = key && signers.get(key.keyid);
				return signer !== undefined && isTokenSigner(signer) && !signer.isAvailable();
			}),
		signer(role, version = current.version) {
			const keySet = keySets[version - 1];
			const [key] = keySet ? grantOf(keySet, WIRE_ROLE[role]).keys : [];
			return key && signers.get(key.keyid);
		},
	};
}

function isTokenSigner(signer: Signer): signer is TokenSigner {
	return "isAvailable" in signer;
}
