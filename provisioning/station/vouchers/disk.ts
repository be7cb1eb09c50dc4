import { faultError } from "../../handset/fault.ts";
import { within } from "../../vouchers/within.ts";
import { isDiskFull } from "../durable-file.ts";

/** A disk that has not answered by then is taken for broken. Milliseconds. */
const DISK_DEADLINE_MS = 10_000;

/**
 * Waits for work on a disk, but not for ever.
 *
 * @throws {FaultError} STATION_DISK_FULL; UNCLASSIFIED when the disk does not answer. Anything else as it is.
 */
export async function onDisk<Value>(work: Promise<Value>, deadlineMs = DISK_DEADLINE_MS): Promise<Value> {
	try {
		return await within(deadlineMs, work, () => faultError("UNCLASSIFIED", { raw: "this computer's disk does not answer" }));
	} catch (error) {
		if (isDiskFull(error)) throw faultError("STATION_DISK_FULL", {}, { cause: error });
		throw error;
	}
}
