import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { decodeCanonical, encode } from "../../../proto/codec.ts";
import type { Crypto, Signer } from "../../../proto/crypto.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { checkKeySet, checkSuccessor, grantOf, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { makeCodeVault } from "./code-vault.ts";
import { fingerprintOf, spokenKeyid } from "./fingerprint.ts";
import { LENDER_ID, ROLE_LIFETIME_SECONDS, ROOT_KEYS, ROOT_THRESHOLD } from "./init-keys.ts";
import { isThere, type KeyProtection, writeDurably } from "./key-file.ts";
import { findKeySetChain, makeKeyFolders, ONLINE_ROLES, type OnlineRole, WIRE_ROLE } from "./key-folder.ts";
import { KeysError } from "./keys-error.ts";
import type { MadeOnlineKey, MakeOnlineKey } from "./make-online-key.ts";
import { encodeProposal, type Proposal, readProposal } from "./proposal.ts";
import { readRootPart } from "./root-part.ts";

export interface ProposeKeySetOptions {
	readonly crypto: Crypto;
	/** The registry's key folder. Made if missing. */
	readonly folder: string;
	/** Needed for the first key set, and the same ever after. */
	readonly lenderId?: string;
	/**
	 * The three root keys: files of their public parts, or ids of root keys that stay (eight or more of their digits). Default: those of
	 * the present key set.
	 */
	readonly roots?: readonly string[];
	/** Roles that get a new key and a new term. Default: all of them. The others keep both. */
	readonly renew?: readonly OnlineRole[];
	/** Seconds that a renewed role's key may sign. Default: {@link ROLE_LIFETIME_SECONDS}. */
	readonly lifetimes?: Partial<Record<OnlineRole, number>>;
	/** Have phones count orders anew: after a theft. */
	readonly newEpoch?: boolean;
	readonly makeKey: MakeOnlineKey;
	/** Of the vault in which secrets of codes are sealed, if it has to be made. */
	readonly protection: KeyProtection;
	readonly nowMs: number;
}

export interface MadeProposal {
	readonly proposal: Proposal;
	/** To be carried to the holders of root keys. */
	readonly file: string;
	/** What opens the new online keys. They sign nothing before the key set is installed. */
	readonly onlineFiles: readonly string[];
}

/**
 * Makes new online keys on the registry's machine and writes the key set that would grant them, for the holders to sign.
 *
 * @throws {KeysError} KEYS_MISSING (no roots named for the first), ROOT_PART_INVALID, KEY_SETS_INVALID, PROPOSAL_INVALID.
 */
export async function proposeKeySet(options: ProposeKeySetOptions): Promise<MadeProposal> {
	const { crypto, folder, newEpoch = false, renew = ONLINE_ROLES, protection } = options;
	await makeKeyFolders(folder);
	const chain = await findKeySetChain(crypto, folder);
	const trusted = chain?.current;
	const lenderId = lenderOf(trusted, options.lenderId);
	const roots = await rootsOf(crypto, trusted, options.roots);
	const version = (trusted?.version ?? 0) + 1;
	const issuedAtUnixSeconds = Math.trunc(options.nowMs / 1000);
	const keys: wire.PublicKey.$Properties[] = roots.map(({ keyid, publicKey }) => ({ keyid, point: publicKey }));
	const roles: wire.RoleGrant.$Properties[] = [
		{ role: wire.Role.ROLE_ROOT, threshold: ROOT_THRESHOLD, keyids: roots.map(({ keyid }) => keyid), expiresAtUnixSeconds: 0 },
	];
	const made: MadeOnlineKey[] = [];
	for (const role of ONLINE_ROLES) {
		const before = trusted && grantOf(trusted, WIRE_ROLE[role]);
		if (before && !renew.includes(role)) {
			requireStillValid(role, before.expiresAtUnixSeconds, issuedAtUnixSeconds);
			keys.push(...before.keys);
			roles.push({
				role: WIRE_ROLE[role],
				threshold: before.threshold,
				keyids: before.keys.map(({ keyid }) => keyid),
				expiresAtUnixSeconds: before.expiresAtUnixSeconds,
			});
			continue;
		}
		const key = await options.makeKey(role, version);
		const { keyid, publicKey } = key;
		made.push(key);
		keys.push({ keyid, point: publicKey });
		const lifetime = options.lifetimes?.[role] ?? ROLE_LIFETIME_SECONDS[role];
		roles.push({ role: WIRE_ROLE[role], threshold: 1, keyids: [keyid], expiresAtUnixSeconds: issuedAtUnixSeconds + lifetime });
	}
	const epoch = (trusted?.epoch ?? 1) + (trusted && newEpoch ? 1 : 0);
	const payload = encode(wire.KeySet, { lenderId, version, epoch, issuedAtUnixSeconds, keys, roles });
	requireSound(crypto, trusted, payload); // before anything is written
	const onlineFiles: string[] = [];
	for (const key of made) onlineFiles.push(await key.store(folder));
	onlineFiles.push(await makeCodeVault(folder, protection));
	const proposals = join(folder, "proposals");
	await mkdir(proposals, { recursive: true, mode: 0o700 });
	const file = join(proposals, `key-set-${version}-${fingerprintOf(crypto, payload).slice(0, 4)}.proposal`);
	if (!(await isThere(file))) await writeDurably(file, encodeProposal(chain?.envelopes ?? [], payload), 0o644);
	return { proposal: await readProposal(crypto, file), file, onlineFiles };
}

function lenderOf(trusted: KeySet | undefined, said: string | undefined): string {
	if (trusted && said !== undefined && said !== trusted.lenderId) {
		throw new KeysError("KEY_SETS_INVALID", `These are the keys of ${trusted.lenderId}: a lender's id never changes.`);
	}
	const lenderId = trusted?.lenderId ?? said;
	if (lenderId === undefined) throw new KeysError("KEYS_MISSING", "The first key set needs the lender's id: --lender ID");
	if (!LENDER_ID.test(lenderId)) {
		throw new KeysError("KEY_SETS_INVALID", "A lender's id is 1 to 63 lower-case letters, digits, dots and hyphens.");
	}
	return lenderId;
}

async function rootsOf(
	crypto: Crypto,
	trusted: KeySet | undefined,
	named: readonly string[] | undefined,
): Promise<Pick<Signer, "keyid" | "publicKey">[]> {
	const present = trusted
		? grantOf(trusted, wire.Role.ROLE_ROOT).keys.map(({ keyid, point }) => ({ keyid, publicKey: point }))
		: [];
	if (named === undefined) {
		if (trusted) return present;
		throw new KeysError("KEYS_MISSING", "The first key set needs the public parts of three root keys: --root FILE FILE FILE");
	}
	const roots: Pick<Signer, "keyid" | "publicKey">[] = [];
	for (const name of named) {
		const plain = name.replaceAll(" ", "").toLowerCase();
		const stays = /^[0-9a-f]{8,32}$/.test(plain) ? present.filter(({ keyid }) => keyid.startsWith(plain)) : [];
		roots.push(stays.length === 1 && stays[0] ? stays[0] : await readRootPart(crypto, name));
	}
	const different = new Set(roots.map(({ keyid }) => keyid));
	if (roots.length !== ROOT_KEYS || different.size !== ROOT_KEYS) {
		throw new KeysError(
			"ROOT_PART_INVALID",
			`Name ${ROOT_KEYS} different root keys, of ${ROOT_KEYS} people. These are ${different.size}.`,
		);
	}
	return roots;
}

function requireSound(crypto: Crypto, trusted: KeySet | undefined, payload: Uint8Array): void {
	try {
		const next = decodeCanonical(wire.KeySet, payload);
		if (trusted) checkSuccessor(crypto, trusted, next);
		else checkKeySet(crypto, next);
	} catch (cause) {
		if (!(cause instanceof ProtocolError)) throw cause;
		throw new KeysError("KEY_SETS_INVALID", `No phone would take such a key set: ${cause.message}. Nothing was made.`, { cause });
	}
}

function requireStillValid(role: OnlineRole, end: number, now: number): void {
	if (end > now) return;
	throw new KeysError("KEY_SET_EXPIRED", `The ${role} key's time is over: renew it as well.`);
}

/** What a person is told of a proposal's root keys: id and fingerprint, to be compared with their holders. */
export function rootLines(crypto: Crypto, { next }: Pick<Proposal, "next">): string[] {
	return grantOf(next, wire.Role.ROLE_ROOT).keys.map(
		({ keyid, point }) => `${spokenKeyid(keyid)}  ${fingerprintOf(crypto, point)}`,
	);
}
