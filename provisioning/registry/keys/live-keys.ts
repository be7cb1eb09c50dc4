import { readdir } from "node:fs/promises";
import { join } from "node:path";

import type { LenderKeys } from "./lender-keys.ts";

/** How often the folder is looked at, in milliseconds: a listing of two small folders. */
const LOOK_EVERY_MS = 30_000;
/** A phone that names an unknown key set has the folder looked at, but not more often than this, in milliseconds. */
const LOOK_AGAIN_MS = 5000;

export interface LiveKeysOptions {
	/** The key folder. */
	readonly folder: string;
	/** Opens the folder as it is now, given what was open before. */
	readonly open: (before: LenderKeys | undefined) => Promise<LenderKeys>;
	/** Called once for each new key set that was taken up, and for each failure to. */
	readonly onChange?: (change: { readonly version: number } | { readonly error: unknown }) => void;
	/** Milliseconds of any clock that never goes back. */
	readonly nowMs?: () => number;
}

/** Keys that follow their folder while the registry runs. */
export interface LiveKeys {
	/** Always the latest; each look at it may be newer than the one before, and never older. */
	readonly keys: LenderKeys;
	/** Looks at the folder now, as on SIGHUP. What cannot be opened leaves everything as it was. */
	reload(): Promise<void>;
	/** Stops looking. */
	close(): void;
}

/**
 * Opens a key folder and takes up what comes into it: a rotation needs no restart. A key set only ever follows the one in use, so a
 * folder that was put back, emptied or damaged takes nothing away.
 *
 * @throws {KeysError} if the folder cannot be opened now. Later failures are told to `onChange`, once for each state of the folder.
 */
export async function openLiveKeys(options: LiveKeysOptions): Promise<LiveKeys> {
	const { folder, open, onChange, nowMs = () => performance.now() } = options;
	let seen = await namesIn(folder);
	let now = await open(undefined);
	let told: string | undefined;
	let looking: Promise<void> | undefined;
	let lookedAt = Number.NEGATIVE_INFINITY;

	async function look(always: boolean): Promise<void> {
		const names = await namesIn(folder);
		if (names === seen && !always) return;
		try {
			const next = await open(now);
			const isNewer = next.current.version > now.current.version;
			if (next.current.version < now.current.version || next.lenderId !== now.lenderId) {
				throw new Error(`the key folder holds key set ${next.current.version}, and ${now.current.version} is in use`);
			}
			now = next;
			seen = names;
			if (isNewer) onChange?.({ version: next.current.version });
		} catch (error) {
			// Tried again at each look, because a token may come back; told of once.
			if (told !== names) onChange?.({ error });
			told = names;
		}
	}

	function reload(always = true): Promise<void> {
		// One after the other: a look that began before a file was written has not seen it.
		const next = (looking ?? Promise.resolve()).then(() => look(always));
		looking = next.catch(() => {});
		return next;
	}

	const timer = setInterval(() => void reload(false).catch((error: unknown) => onChange?.({ error })), LOOK_EVERY_MS);
	timer.unref();
	const keys: LenderKeys = {
		get lenderId() {
			return now.lenderId;
		},
		get keySetEnvelopes() {
			return now.keySetEnvelopes;
		},
		get keySets() {
			return now.keySets;
		},
		get current() {
			return now.current;
		},
		get codeVault() {
			return now.codeVault;
		},
		get escrowKey() {
			return now.escrowKey;
		},
		signer: (role, version) => now.signer(role, version),
		unavailable: () => now.unavailable?.() ?? [],
		async lookAgain() {
			if (nowMs() < lookedAt + LOOK_AGAIN_MS) return looking;
			lookedAt = nowMs();
			await reload(false).catch((error: unknown) => onChange?.({ error }));
		},
	};
	return { keys, reload: () => reload(), close: () => clearInterval(timer) };
}

/** Names say it all: key sets and keys are written once, whole, and never changed. */
async function namesIn(folder: string): Promise<string> {
	const lists = await Promise.all(["key-sets", "online"].map((name) => readdir(join(folder, name)).catch((): string[] => [])));
	return lists
		.map((names) =>
			names
				.filter((name) => !name.endsWith(".new"))
				.sort()
				.join("/"),
		)
		.join("//");
}
