import { open } from "node:fs/promises";
import { dirname } from "node:path";

import { errorCode, syncFolder } from "../durable-file.ts";

/** The file under a journal. */
export interface JournalFile {
	/** Everything in it. */
	read(): Promise<Uint8Array>;
	/** Length in bytes, as the file system has it now. */
	size(): Promise<number>;
	/** Writes all of the bytes from this position on, or rejects. */
	write(bytes: Uint8Array, position: number): Promise<void>;
	/** Puts what was written on the disk (fdatasync). */
	sync(): Promise<void>;
	truncate(length: number): Promise<void>;
	close(): Promise<void>;
}

/** Where journals are kept. A port, so that tests can fill it up and break it. */
export interface JournalDisk {
	/** Opens a file, or makes an empty one that only this user can read and whose name is on the disk. */
	open(path: string): Promise<JournalFile>;
}

/** The file system. */
export const NODE_DISK: JournalDisk = {
	async open(path) {
		const file = await open(path, "r+").catch(async (error: unknown) => {
			if (errorCode(error) !== "ENOENT") throw error;
			const made = await open(path, "wx+", 0o600);
			await syncFolder(dirname(path));
			return made;
		});
		return {
			async read() {
				const bytes = new Uint8Array((await file.stat()).size);
				let length = 0;
				while (length < bytes.length) {
					const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
					if (bytesRead === 0) break;
					length += bytesRead;
				}
				return bytes.subarray(0, length);
			},
			size: async () => (await file.stat()).size,
			async write(bytes, position) {
				for (let written = 0; written < bytes.length; ) {
					written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
				}
			},
			sync: () => file.datasync(),
			truncate: (length) => file.truncate(length),
			close: () => file.close(),
		};
	},
};
