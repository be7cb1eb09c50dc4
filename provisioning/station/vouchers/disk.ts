import { faultError } from "../../handset/fault.ts";
import { isDiskFull } from "../durable-file.ts";

/** A disk that has not answered by then is taken for broken. Milliseconds. */
const DISK_DEADLINE_MS = 10_000;

/**
 * Waits for work on a disk, but not for ever.
 *
 * @throws {FaultError} STATION_DISK_FULL; UNCLASSIFIED when the disk does not answer. Anything else as it is.
 */
export async function onDisk<Value>(work: Promise<Value>, deadlineMs = DISK_DEADLINE_MS): Promise<Value> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(faultError("UNCLASSIFIED", { raw: "this computer's disk does not answer" })), deadlineMs);
	});
	try {
		return await Promise.race([work, late]);
	} catch (error) {
		if (isDiskFull(error)) throw faultError("STATION_DISK_FULL", {}, { cause: error });
		throw error;
	} finally {
		clearTimeout(timer);
	}
}
