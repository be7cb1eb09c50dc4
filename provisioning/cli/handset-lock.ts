import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { faultError } from "../handset/fault.ts";
import { type ProcessLock, takeLock } from "../station/process-lock.ts";

/** Holds a handset for this process until it is let go. */
export type HandsetLock = ProcessLock;

/**
 * One process at a time works on a handset.
 *
 * @param folder the state folder of this user.
 * @throws {FaultError} HANDSET_BUSY, naming the holder's process.
 */
export async function lockHandset(folder: string, adbSerial: string): Promise<HandsetLock> {
	const locks = join(folder, "locks");
	await mkdir(locks, { recursive: true, mode: 0o700 });
	const lock = await takeLock(join(locks, `${encodeURIComponent(adbSerial)}.lock`));
	if (!("taken" in lock)) return lock;
	const { pid } = lock.taken;
	throw faultError("HANDSET_BUSY", {
		details: { handset: adbSerial, ...(pid === undefined ? {} : { process: String(pid) }) },
	});
}
