import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Replaces a file so that after a power cut at any moment it holds all of the old bytes or all of the new ones: write beside it,
 * fsync, rename over it, fsync the folder. Two processes that do it to one file at once need a lock.
 *
 * @param mode such as 0o600, whatever the umask.
 * @throws the file system's error, such as ENOSPC; the old file is then as it was.
 */
export async function replaceFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
	const beside = `${path}.${process.pid}.new`;
	const file = await open(beside, "w", mode);
	try {
		await file.chmod(mode);
		await file.writeFile(content);
		await file.sync();
	} catch (error) {
		await file.close().catch(() => {});
		// Half a file is of no use, and its room may be what is missing.
		await rm(beside, { force: true });
		throw error;
	}
	await file.close();
	await rename(beside, path);
	await syncFolder(dirname(path));
}

/** Puts a folder's entries on the disk: until then a power cut may take a new file's name away, whatever of it was synced. */
export async function syncFolder(path: string): Promise<void> {
	if (process.platform === "win32") return; // folders cannot be opened there
	const folder = await open(path, "r");
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

/** The system's word for what went wrong, such as `ENOSPC`; "" if it gave none. */
export function errorCode(error: unknown): string {
	return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Whether there was no room, on the disk or in what this user may have of it. */
export function isDiskFull(error: unknown): boolean {
	return ["ENOSPC", "EDQUOT"].includes(errorCode(error));
}
