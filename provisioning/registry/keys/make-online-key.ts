import type { Crypto, Signer } from "../../../proto/crypto.ts";
import { type KeyProtection, makeKey, writeKeyFile } from "./key-file.ts";
import { type OnlineRole, onlineKeyPath } from "./key-folder.ts";

/** A new key of an online role. */
export interface MadeOnlineKey extends Pick<Signer, "keyid" | "publicKey"> {
	/** Writes what opens it into the key folder. @returns the file. */
	store(folder: string): Promise<string>;
}

/** Makes a key for a role of a version of the key set: in a file, in a token. */
export type MakeOnlineKey = (role: OnlineRole, version: number) => Promise<MadeOnlineKey>;

/** Keys in encrypted files of the key folder. */
export function makeKeysInFiles(crypto: Crypto, protection: KeyProtection): MakeOnlineKey {
	return async (role) => {
		const { signer, privateKey } = makeKey(crypto);
		const { keyid, publicKey } = signer;
		return {
			keyid,
			publicKey,
			async store(folder) {
				const path = onlineKeyPath(folder, role, keyid);
				await writeKeyFile(path, privateKey, protection);
				return path;
			},
		};
	};
}
