import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces a file so that after a power cut at any moment it holds all of the old bytes or all of the new ones: write
 * beside it, fsync, rename over it, fsync the folder.
 *
 * @throws the file system's error, such as ENOSPC; the old file is then as it was.
 */
export function replaceFile(path: string, bytes: Uint8Array, mode = 0o600): void {
	const beside = `${path}.new`;
	const file = openSync(beside, "w", mode);
	try {
		for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
		fsyncSync(file);
	} catch (error) {
		closeSync(file);
		// Half a file is of no use, and its room may be what is missing.
		unlinkSync(beside);
		throw error;
	}
	closeSync(file);
	renameSync(beside, path);
	const folder = openSync(dirname(path), "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}

/** A file's bytes; `undefined` if there is no such file. */
export function readIfThere(path: string): Uint8Array | undefined {
	try {
		return Uint8Array.from(readFileSync(path));
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
		throw error;
	}
}
