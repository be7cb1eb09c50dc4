import type { KeyObject } from "node:crypto";

import { encode } from "../../../proto/codec.ts";
import type { Crypto, Signer } from "../../../proto/crypto.ts";
import { PayloadType, sealBytes } from "../../../proto/envelope.ts";
import { acceptFirstKeySet, type KeySet, MAX_COMMAND_SECONDS } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { createNodeCrypto } from "../node-crypto.ts";
import { makeCodeVault } from "./code-vault.ts";
import { type KeyProtection, makeKey, writeKeyFile } from "./key-file.ts";
import {
	findKeySetChain,
	makeKeyFolders,
	ONLINE_ROLES,
	type OnlineRole,
	onlineKeyPath,
	rootKeyPath,
	WIRE_ROLE,
	writeKeySet,
} from "./key-folder.ts";
import { KeysError } from "./keys-error.ts";

export const ROOT_KEYS = 3;
export const ROOT_THRESHOLD = 2;
export const LENDER_ID = /^[a-z0-9][a-z0-9.-]{0,62}$/;
const DAY_SECONDS = 24 * 3600;

/**
 * How long each online role's keys may sign, in seconds. Command is the shortest that the wire allows at most; release
 * can only loosen, and must outlive the longest contract.
 */
export const ROLE_LIFETIME_SECONDS: Readonly<Record<OnlineRole, number>> = {
	command: MAX_COMMAND_SECONDS,
	heartbeat: 180 * DAY_SECONDS,
	enroll: 365 * DAY_SECONDS,
	release: 10 * 365 * DAY_SECONDS,
};

export interface InitKeysOptions {
	/** Made if missing. */
	readonly folder: string;
	/** Name of the lender in every signed message, such as `acme-mx`. */
	readonly lenderId: string;
	readonly protection: KeyProtection;
	/** Milliseconds since 1970-01-01T00:00:00Z: from here the roles' lives count. */
	readonly nowMs: number;
	readonly crypto?: Crypto;
}

/** What was made. */
export interface MadeKeys {
	readonly keySet: KeySet;
	/** Envelope of the key set: public, what phones and stations pin. */
	readonly envelope: Uint8Array;
	/** The new root key files. Move each to another safe: a running registry never needs them. */
	readonly rootFiles: readonly string[];
	readonly onlineFiles: readonly string[];
	/** The key under which secrets of codes are stored. It is never replaced: what was sealed with it must open. */
	readonly codeVaultFile: string;
}

/**
 * Makes a lender's first keys: root 2 of 3 and one key for each online role, and key set 1 signed by all three root keys. All on one
 * machine, so whoever has that machine on that day has all of them: for trials. Real phones get theirs by `CEREMONY.md`.
 *
 * @throws {KeysError} KEYS_EXIST if the folder holds keys already, PASSPHRASE_MISSING if it is too short.
 */
export async function initKeys(options: InitKeysOptions): Promise<MadeKeys> {
	const { folder, lenderId, protection, crypto = createNodeCrypto() } = options;
	if (!LENDER_ID.test(lenderId)) {
		throw new KeysError("KEY_SETS_INVALID", "A lender's id is 1 to 63 lower-case letters, digits, dots and hyphens.");
	}
	await makeKeyFolders(folder);
	const existing = await findKeySetChain(crypto, folder);
	if (existing)
		throw new KeysError("KEYS_EXIST", `${folder} holds keys of ${existing.current.lenderId} already. Use: holdfast keys rotate`);
	const roots = Array.from({ length: ROOT_KEYS }, () => makeKey(crypto));
	const online = makeOnlineKeys(crypto);
	const issuedAtUnixSeconds = Math.trunc(options.nowMs / 1000);
	const payload = encode(wire.KeySet, {
		...keySetOf(
			roots.map(({ signer }) => signer),
			online,
			issuedAtUnixSeconds,
		),
		lenderId,
		version: 1,
		epoch: 1,
	});
	const envelope = await sealBytes(
		PayloadType.keySet,
		payload,
		roots.map(({ signer }) => signer),
	);
	const keySet = acceptFirstKeySet(crypto, envelope); // never hand out what a phone would refuse
	const rootFiles = await writeRootKeys(folder, roots, protection);
	const onlineFiles = await writeOnlineKeys(folder, online, protection);
	const codeVaultFile = await makeCodeVault(folder, protection);
	await writeKeySet(folder, 1, envelope); // last: before it there are no keys
	return { keySet, envelope, rootFiles, onlineFiles, codeVaultFile };
}

export interface NewKey {
	readonly signer: Signer;
	readonly privateKey: KeyObject;
}

export type OnlineKeys = Readonly<Record<OnlineRole, NewKey>>;

export function makeOnlineKeys(crypto: Crypto): OnlineKeys {
	return { command: makeKey(crypto), heartbeat: makeKey(crypto), enroll: makeKey(crypto), release: makeKey(crypto) };
}

/** The part of a key set that follows from its keys. */
export function keySetOf(
	roots: readonly Pick<Signer, "keyid" | "publicKey">[],
	online: OnlineKeys,
	issuedAtUnixSeconds: number,
): Pick<wire.KeySet.$Properties, "issuedAtUnixSeconds" | "keys" | "roles"> {
	const signers = [...roots, ...ONLINE_ROLES.map((role) => online[role].signer)];
	return {
		issuedAtUnixSeconds,
		keys: signers.map(({ keyid, publicKey }) => ({ keyid, point: publicKey })),
		roles: [
			{ role: wire.Role.ROLE_ROOT, threshold: ROOT_THRESHOLD, keyids: roots.map(({ keyid }) => keyid), expiresAtUnixSeconds: 0 },
			...ONLINE_ROLES.map((role) => ({
				role: WIRE_ROLE[role],
				threshold: 1,
				keyids: [online[role].signer.keyid],
				expiresAtUnixSeconds: issuedAtUnixSeconds + ROLE_LIFETIME_SECONDS[role],
			})),
		],
	};
}

export async function writeRootKeys(folder: string, roots: readonly NewKey[], protection: KeyProtection): Promise<string[]> {
	const paths: string[] = [];
	for (const { signer, privateKey } of roots) {
		const path = rootKeyPath(folder, signer.keyid);
		await writeKeyFile(path, privateKey, protection);
		paths.push(path);
	}
	return paths;
}

export async function writeOnlineKeys(folder: string, online: OnlineKeys, protection: KeyProtection): Promise<string[]> {
	const paths: string[] = [];
	for (const role of ONLINE_ROLES) {
		const path = onlineKeyPath(folder, role, online[role].signer.keyid);
		await writeKeyFile(path, online[role].privateKey, protection);
		paths.push(path);
	}
	return paths;
}
