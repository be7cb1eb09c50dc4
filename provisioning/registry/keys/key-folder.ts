import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Crypto } from "../../../proto/crypto.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { acceptFirstKeySet, acceptNextKeySet, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { isThere, writeDurably } from "./key-file.ts";
import { KeysError } from "./keys-error.ts";

/** Roles whose keys a running registry holds. Root is not among them. */
export const ONLINE_ROLES = ["command", "heartbeat", "enroll", "release"] as const;
export type OnlineRole = (typeof ONLINE_ROLES)[number];

export const WIRE_ROLE: Readonly<Record<OnlineRole, wire.Role>> = {
	command: wire.Role.ROLE_COMMAND,
	heartbeat: wire.Role.ROLE_HEARTBEAT,
	enroll: wire.Role.ROLE_ENROLL,
	release: wire.Role.ROLE_RELEASE,
};

/** Where root keys lie: to be moved to three safes. Nothing that serves opens this folder. */
export function rootKeyPath(folder: string, keyid: string): string {
	return join(folder, "root", `${keyid}.pem`);
}

/** Where an online role's key lies. The key id in the name ties the file to the key sets that grant it. */
export function onlineKeyPath(folder: string, role: OnlineRole, keyid: string): string {
	return join(folder, "online", `${role}-${keyid}.pem`);
}

/** Where it stands which key of a PKCS#11 token a role signs with. */
export function tokenKeyPath(folder: string, role: OnlineRole, keyid: string): string {
	return join(folder, "online", `${role}-${keyid}.pkcs11.json`);
}

/** What opens an online role's key, if it is here. */
export async function findOnlineKey(
	folder: string,
	role: OnlineRole,
	keyid: string,
): Promise<{ readonly path: string; readonly kind: "file" | "token" } | undefined> {
	const [file, token] = [onlineKeyPath(folder, role, keyid), tokenKeyPath(folder, role, keyid)];
	if (await isThere(file)) return { path: file, kind: "file" };
	return (await isThere(token)) ? { path: token, kind: "token" } : undefined;
}

/** Makes the folders that are missing, closed to others. */
export async function makeKeyFolders(folder: string): Promise<void> {
	for (const path of [folder, join(folder, "root"), join(folder, "online"), join(folder, "key-sets")]) {
		await mkdir(path, { recursive: true, mode: 0o700 });
	}
}

/** Versions of a lender's key set from the first to the current one, each accepted after the one before. */
export interface KeySetChain {
	readonly envelopes: readonly Uint8Array[];
	readonly keySets: readonly KeySet[];
	readonly current: KeySet;
}

/**
 * Reads and verifies `key-sets/1.envelope`, `2.envelope` and so on.
 *
 * @throws {KeysError} KEYS_MISSING, KEYS_UNREADABLE, KEY_SETS_INVALID (a gap, a forged or damaged one).
 */
export async function readKeySetChain(crypto: Crypto, folder: string): Promise<KeySetChain> {
	const names = await readdir(join(folder, "key-sets")).catch((cause: NodeJS.ErrnoException) => {
		// Whoever is told that there are none makes new ones, which no phone believes.
		if (cause.code !== "ENOENT") {
			const message = `${folder} cannot be read (${cause.code}). It has to belong to whoever runs this.`;
			throw new KeysError("KEYS_UNREADABLE", message, { cause });
		}
		throw new KeysError("KEYS_MISSING", `There are no keys in ${folder}. Make them: holdfast keys init`, { cause });
	});
	const versions = names
		.flatMap((name) => (/^[1-9]\d*\.envelope$/.test(name) ? [Number.parseInt(name, 10)] : []))
		.sort((a, b) => a - b);
	const envelopes: Uint8Array[] = [];
	const keySets: KeySet[] = [];
	for (const [index, version] of versions.entries()) {
		if (version !== index + 1) throw new KeysError("KEY_SETS_INVALID", `${folder}: key set ${index + 1} is missing`);
		const envelope = Uint8Array.from(await readFile(keySetPath(folder, version)));
		try {
			const trusted = keySets.at(-1);
			keySets.push(trusted ? acceptNextKeySet(crypto, trusted, envelope) : acceptFirstKeySet(crypto, envelope));
		} catch (cause) {
			if (!(cause instanceof ProtocolError)) throw cause;
			throw new KeysError("KEY_SETS_INVALID", `${keySetPath(folder, version)}: ${cause.message} (${cause.code})`, { cause });
		}
		envelopes.push(envelope);
	}
	const current = keySets.at(-1);
	if (!current) throw new KeysError("KEYS_MISSING", `There are no keys in ${folder}. Make them: holdfast keys init`);
	return { envelopes, keySets, current };
}

/** As {@link readKeySetChain}; `undefined` where there is none yet. @throws {KeysError} KEYS_UNREADABLE, KEY_SETS_INVALID. */
export async function findKeySetChain(crypto: Crypto, folder: string): Promise<KeySetChain | undefined> {
	return readKeySetChain(crypto, folder).catch((error: unknown) => {
		if (error instanceof KeysError && error.code === "KEYS_MISSING") return undefined;
		throw error;
	});
}

/** Adds the next key set: the moment at which a new version comes into being. */
export async function writeKeySet(folder: string, version: number, envelope: Uint8Array): Promise<void> {
	// Public, but in a folder that is not.
	await writeDurably(keySetPath(folder, version), envelope, 0o600);
}

function keySetPath(folder: string, version: number): string {
	return join(folder, "key-sets", `${version}.envelope`);
}
