import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix";

/** A file of the phone, kept in the handset's own folder so that it survives and a real adbd can write it too. */
export interface PhoneFiles {
	/** Folder on this machine in which `/data` and `/sdcard` lie. */
	readonly folder: string;
	/** Where a path of the phone lies on this machine; `undefined` outside of `/data` and `/sdcard`. */
	hostPath(phonePath: string): string | undefined;
	read(phonePath: string): Uint8Array | undefined;
	write(phonePath: string, content: Uint8Array): void;
	remove(phonePath: string): void;
}

/** The writable parts of a phone's file system. */
const WRITABLE = ["/data", "/sdcard"] as const;

/** Opens the files of a handset; makes the folders that every phone has. */
export function phoneFiles(folder: string): PhoneFiles {
	for (const path of ["data/local/tmp", "data/app", "sdcard/Download"]) mkdirSync(join(folder, path), { recursive: true });
	const hostPath = (phonePath: string): string | undefined => {
		const path = normalize(phonePath).replace(/^\/storage\/emulated\/0(?=\/|$)/, "/sdcard");
		if (!WRITABLE.some((root) => path === root || path.startsWith(`${root}/`))) return undefined;
		return join(folder, path);
	};
	return {
		folder,
		hostPath,
		read(phonePath) {
			const path = hostPath(phonePath);
			if (path === undefined || !existsSync(path)) return undefined;
			try {
				return new Uint8Array(readFileSync(path));
			} catch {
				return undefined; // a folder
			}
		},
		write(phonePath, content) {
			const path = hostPath(phonePath);
			if (path === undefined) throw new Error(`${phonePath} is not writable on a phone`);
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(`${path}.part`, content);
			renameSync(`${path}.part`, path);
		},
		remove(phonePath) {
			const path = hostPath(phonePath);
			if (path !== undefined) rmSync(path, { recursive: true, force: true });
		},
	};
}
