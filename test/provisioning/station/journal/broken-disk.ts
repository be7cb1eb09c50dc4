import { type JournalDisk, type JournalFile, NODE_DISK } from "../../../../provisioning/station/journal/journal-disk.ts";

/** The file system with a disk that can be filled up and broken, and that counts. */
export interface BrokenDisk extends JournalDisk {
	/** Bytes that fit into the file from now on; a write that does not fit puts down what does, as Linux does. */
	capacity: number;
	/** Runs before each call; throws or waits to break it. */
	before: (call: keyof JournalFile) => Promise<void> | void;
	/** Calls so far, by name. */
	readonly calls: Map<keyof JournalFile, number>;
}

export function brokenDisk(): BrokenDisk {
	const disk: BrokenDisk = {
		capacity: Number.POSITIVE_INFINITY,
		before: () => {},
		calls: new Map(),
		async open(path) {
			const file = await NODE_DISK.open(path);
			const count = async (call: keyof JournalFile) => {
				disk.calls.set(call, (disk.calls.get(call) ?? 0) + 1);
				await disk.before(call);
			};
			return {
				async read() {
					await count("read");
					return file.read();
				},
				async size() {
					await count("size");
					return file.size();
				},
				async write(bytes, position) {
					await count("write");
					const room = Math.max(0, disk.capacity - position);
					await file.write(bytes.subarray(0, room), position);
					if (bytes.length > room) throw systemError("ENOSPC");
				},
				async sync() {
					await count("sync");
					return file.sync();
				},
				async truncate(length) {
					await count("truncate");
					return file.truncate(length);
				},
				close: () => file.close(),
			};
		},
	};
	return disk;
}

/** An error as Node gives it. */
export function systemError(code: string): Error {
	return Object.assign(new Error(`${code}: made up`), { code });
}
