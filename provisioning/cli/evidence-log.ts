import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";

import { faultError } from "../handset/fault.ts";
import type { ProgressEvent } from "../procedure/step.ts";

/** What one run of a procedure saw and did, as JSON lines in the user's state folder. */
export interface EvidenceLog {
	readonly path: string;
	append(entry: ProgressEvent | Readonly<Record<string, unknown>>): Promise<void>;
	close(): Promise<void>;
}

/**
 * Opens a new evidence file. Nothing is ever decided by it, so a line only has to outlive this process: it is with the system when
 * the caller goes on, and on the disk when the file is closed.
 *
 * @param name what it is about, such as `enroll-C1001`.
 * @throws {FaultError} STATION_DISK_FULL.
 */
export async function openEvidenceLog(stateFolder: string, name: string, nowMs: number): Promise<EvidenceLog> {
	const folder = join(stateFolder, "evidence");
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const stamp = new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-");
	// A name may come from outside (a contract number): only what is safe in a file name stays.
	const path = join(folder, `${stamp}-${name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 80)}-${process.pid}.jsonl`);
	const file = await open(path, "a", 0o600);
	return {
		path,
		async append(entry) {
			try {
				await file.appendFile(`${JSON.stringify({ t: new Date().toISOString(), ...entry })}\n`);
			} catch (cause) {
				throw faultError("STATION_DISK_FULL", { details: { file: path } }, { cause });
			}
		},
		async close() {
			await file.datasync().catch(() => {}); // a full disk was told when the line was written
			await file.close();
		},
	};
}
