import { createHmac, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { plainSymbols, toCrockford } from "../../../proto/crockford.ts";
import { faultError } from "../../handset/fault.ts";
import type { Clock } from "../../procedure/step.ts";
import { replaceFile } from "../durable-file.ts";
import { takeLock } from "../process-lock.ts";
import { type BadgeEntry, type BadgeFile, readBadgeFile } from "./badge-file.ts";

/** What a badge's holder may do. A supervisor may lift a stop; a technician may release. */
export type Role = BadgeEntry["role"];

export interface BadgeHolder {
	readonly name: string;
	readonly role: Role;
}

/** The badges of a station. Codes are secrets: they stand in no file, no log and no error. */
export interface Badges {
	/**
	 * Who has this code; nobody if no badge has it. Takes about as long either way.
	 *
	 * @throws {FaultError} BADGE_TRIES_SPENT after too many codes that were none; BADGES_UNREADABLE.
	 */
	find(code: string): Promise<BadgeHolder | undefined>;
	/**
	 * Makes a badge, with this code or with a random one of 10 characters.
	 *
	 * @param code what an existing badge carries, 6 to 128 characters. Short ones can be guessed by whoever steals the file.
	 * @returns the random code, which nobody can read again; nothing where the caller gave one.
	 * @throws {FaultError} BADGE_EXISTS, STATION_BUSY, BADGES_UNREADABLE.
	 * @throws {RangeError} for a name or a code of a wrong length.
	 */
	add(name: string, role: Role, code?: string): Promise<string | undefined>;
	/** Takes a badge back, from the next scan on. Says whether there was one. @throws as `add`. */
	revoke(name: string): Promise<boolean>;
	/** All holders, by name. @throws {FaultError} BADGES_UNREADABLE. */
	list(): Promise<readonly BadgeHolder[]>;
}

export interface BadgeOptions {
	readonly clock: Pick<Clock, "nowMs">;
	/** Codes in a minute that may be no badge. */
	readonly triesPerMinute?: number;
	/** So many random bytes. */
	readonly random?: (length: number) => Uint8Array;
}

/** Cost of scrypt: 2^14 x 8 x 5, OWASP's minimum in 16 MiB of memory. About 0.2 s on one core of 2020. */
const SCRYPT = { N: 16_384, r: 8, p: 5 } as const;
const TRIES_PER_MINUTE = 20;
const CODE_SYMBOLS = 10;
const CODE_LENGTH = { least: 6, most: 128 } as const;
const MAX_NAME_LENGTH = 60;

/**
 * Opens the badges of a station's folder: `badges.json` there, which only this user can read. It is read again for each scan, so a
 * badge that another program takes back is void at once. A folder without the file has no badges yet.
 *
 * @throws {FaultError} BADGES_UNREADABLE.
 */
export async function openBadges(folder: string, options: BadgeOptions): Promise<Badges> {
	const { clock, triesPerMinute = TRIES_PER_MINUTE, random = randomBytes } = options;
	const path = join(folder, "badges.json");
	const misses: number[] = [];
	await readBadgeFile(path);

	/** Counts a try before it is made, so that many at once are no more than many in a row. */
	function countTry(): () => void {
		const now = clock.nowMs();
		while (misses.length > 0 && Math.abs(now - (misses[0] ?? 0)) >= 60_000) misses.shift();
		if (misses.length >= triesPerMinute) throw faultError("BADGE_TRIES_SPENT");
		misses.push(now);
		return () => misses.splice(misses.lastIndexOf(now), 1);
	}

	async function change<Result>(work: (file: BadgeFile) => Promise<{ file: BadgeFile; result: Result }>): Promise<Result> {
		await mkdir(folder, { recursive: true, mode: 0o700 });
		const lock = await takeLock(`${path}.lock`);
		if ("taken" in lock) throw faultError("STATION_BUSY", { details: { file: path } });
		try {
			const before = (await readBadgeFile(path)) ?? { version: 1, lookupKey: base64(random(32)), badges: [] };
			const { file, result } = await work(before);
			if (file !== before) await replaceFile(path, `${JSON.stringify(file, null, "\t")}\n`, 0o600);
			return result;
		} finally {
			await lock.release();
		}
	}

	return {
		async find(code) {
			const takeBack = countTry();
			const file = await readBadgeFile(path);
			const found = await holderOf(file, plainSymbols(code));
			if (!found) return undefined;
			takeBack();
			return { name: found.name, role: found.role };
		},

		async add(name, role, code) {
			if (name.trim() === "" || name.length > MAX_NAME_LENGTH) throw new RangeError("a badge's name has 1 to 60 characters");
			const made = code === undefined ? toCrockford(random(7)).slice(0, CODE_SYMBOLS) : undefined;
			const secret = plainSymbols(code ?? made ?? "");
			if (secret.length < CODE_LENGTH.least || secret.length > CODE_LENGTH.most) {
				throw new RangeError("a badge's code has 6 to 128 characters");
			}
			return change(async (file) => {
				const isTaken = file.badges.some((badge) => badge.name === name) || (await holderOf(file, secret)) !== undefined;
				if (isTaken) throw faultError("BADGE_EXISTS", { details: { name } });
				const salt = random(16);
				const badge: BadgeEntry = {
					name,
					role,
					lookup: lookupOf(file, secret),
					salt: base64(salt),
					hash: base64(await hashOf(secret, salt)),
				};
				return { file: { ...file, badges: [...file.badges, badge] }, result: made };
			});
		},

		revoke: (name) =>
			change(async (file) => {
				const badges = file.badges.filter((badge) => badge.name !== name);
				const isThere = badges.length < file.badges.length;
				return { file: isThere ? { ...file, badges } : file, result: isThere };
			}),

		async list() {
			const badges = (await readBadgeFile(path))?.badges ?? [];
			return badges.map(({ name, role }) => ({ name, role })).sort((a, b) => (a.name < b.name ? -1 : 1));
		},
	};
}

/** Whose code it is. scrypt is asked at least once and for every badge of the same lookup, whatever it says. */
async function holderOf(file: BadgeFile | undefined, secret: string): Promise<BadgeEntry | undefined> {
	const lookup = file ? lookupOf(file, secret) : "";
	const candidates = file?.badges.filter((badge) => badge.lookup === lookup) ?? [];
	if (candidates.length === 0) await hashOf(secret, Buffer.alloc(16));
	let found: BadgeEntry | undefined;
	for (const badge of candidates) {
		const hash = await hashOf(secret, Buffer.from(badge.salt, "base64"));
		if (timingSafeEqual(hash, Buffer.from(badge.hash, "base64"))) found = badge;
	}
	return found;
}

/**
 * Narrows a code down to the few badges that scrypt is asked for. Eight bits and no more: the key stands in the same file, so
 * whatever the lookup tells can be tried without scrypt by whoever steals it. With 100 badges it leaves one or two.
 */
function lookupOf({ lookupKey }: BadgeFile, secret: string): string {
	return createHmac("sha256", Buffer.from(lookupKey, "base64")).update(secret, "utf8").digest("hex").slice(0, 2);
}

function hashOf(secret: string, salt: Uint8Array): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		scrypt(secret, salt, 32, SCRYPT, (error, key) => (error ? reject(error) : resolve(key)));
	});
}

function base64(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("base64");
}
