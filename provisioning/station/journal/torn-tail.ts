import { open, readFile } from "node:fs/promises";
import { dirname } from "node:path";

import { errorCode, syncFolder } from "../durable-file.ts";
import type { ChainReading } from "./chain.ts";

/** More than this many broken tails of one journal at one line: somebody should look. */
const MAX_TAILS = 1000;

/** Whether all that is wrong is a last line that a write did not bring to its end: a crash leaves it, and the next opening takes it out. */
export function isTorn({ why, isLast }: NonNullable<ChainReading["problem"]>): boolean {
	return isLast && (why === "cut off" || why === "damaged");
}

/**
 * Keeps the bytes of a line that a crash cut off, in `<journal>.torn-<n>` beside it (n = the number that the line would have had;
 * `.torn-<n>.2` and so on if that is there with other bytes). They are on the disk when this resolves.
 *
 * @returns the file's path.
 * @throws the file system's error, such as ENOSPC.
 */
export async function keepTornTail(journal: string, n: number, tail: Uint8Array): Promise<string> {
	for (let attempt = 1; attempt <= MAX_TAILS; attempt += 1) {
		const path = `${journal}.torn-${n}${attempt === 1 ? "" : `.${attempt}`}`;
		try {
			const file = await open(path, "wx", 0o600);
			try {
				await file.writeFile(tail);
				await file.sync();
			} finally {
				await file.close();
			}
			await syncFolder(dirname(path));
			return path;
		} catch (error) {
			if (errorCode(error) !== "EEXIST") throw error;
			// A crash between keeping the tail and cutting the journal: it was kept already.
			if ((await readFile(path)).equals(tail)) return path;
		}
	}
	throw new Error(`more than ${MAX_TAILS} torn tails beside ${journal}`);
}
