import { type JournalDisk, NODE_DISK } from "../../provisioning/station/journal/journal-disk.ts";

/** A disk that can be full. */
export interface FillableDisk {
	readonly disk: JournalDisk;
	fill(isFull: boolean): void;
}

/** The real disk; while it is full a write gets half of its bytes down and then fails, as a file system may. */
export function fillableDisk(): FillableDisk {
	let isFull = false;
	return {
		fill(now) {
			isFull = now;
		},
		disk: {
			async open(path) {
				const file = await NODE_DISK.open(path);
				return {
					...file,
					async write(bytes, position) {
						if (!isFull) return file.write(bytes, position);
						await file.write(bytes.subarray(0, bytes.length >> 1), position);
						throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
					},
				};
			},
		},
	};
}
