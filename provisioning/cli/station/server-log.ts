import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** One full file stands beside the one that is written. */
const MAX_BYTES = 5 * 1024 * 1024;

/** Where the station's server writes what happened at its door: JSON lines in a file, mode 0600. */
export interface ServerLog {
	readonly path: string;
	write(line: string): void;
	close(): void;
}

/**
 * Opens the log at its end. When it is full it becomes `<path>.1`, in the place of the one before.
 *
 * A line that cannot be written is lost: a full disk stops no work, and the station says it by itself.
 */
export function openServerLog(path: string, maxBytes = MAX_BYTES): ServerLog {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	let file = openSync(path, "a", 0o600);
	let size = fstatSync(file).size;
	let isOpen = true;
	const turn = () => {
		closeSync(file);
		renameSync(path, `${path}.1`);
		file = openSync(path, "a", 0o600);
		size = 0;
	};
	return {
		path,
		write(line) {
			if (!isOpen) return; // the number of its file may be another one's by now
			try {
				if (size > 0 && size + line.length > maxBytes) turn();
				// At once: a few lines an hour, and a station that is cut off has written what it saw.
				size += writeSync(file, line);
			} catch {
				// Nobody is at the door to be told.
			}
		},
		close() {
			isOpen = false;
			closeSync(file);
		},
	};
}
