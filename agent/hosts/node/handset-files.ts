import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { readIfThere, replaceFile } from "./atomic-file.ts";
import { type BorrowersRecord, borrowersRecord } from "./borrowers-record.ts";
import { type DeviceKey, fileDeviceKey } from "./device-key.ts";

/** What an agent keeps and shows in its folder. */
export interface HandsetFiles {
	/** The stored ledger; no bytes if there is none. */
	readLedger(): Uint8Array;
	/** Returns when the bytes are on disk. @throws if they are not, such as ENOSPC. */
	writeLedger(bytes: Uint8Array): void;
	/** The agent's second memory; no bytes if there is none. A phone keeps it where a restored ledger does not bring it back. */
	readAnchor(): Uint8Array;
	/** As {@link writeLedger}. */
	writeAnchor(bytes: Uint8Array): void;
	readonly deviceKey: DeviceKey;
	/** Every decision, for the borrower: `record.bin`. */
	readonly record: BorrowersRecord;
	/** What a person would see: `screen.json`. */
	showScreen(screen: object): void;
	/** What the platform was told: `restrictions.json`. */
	showRestrictions(restrictions: object): void;
}

export function handsetFiles(folder: string): HandsetFiles {
	mkdirSync(folder, { recursive: true });
	const ledger = join(folder, "ledger.bin");
	const anchor = join(folder, "anchor.bin");
	const shown = new Map<string, string>();
	const show = (name: string, value: object) => {
		const text = `${JSON.stringify(value, undefined, "\t")}\n`;
		if (shown.get(name) === text) return;
		replaceFile(join(folder, name), Buffer.from(text), 0o644);
		shown.set(name, text);
	};
	return {
		readLedger: () => readIfThere(ledger) ?? new Uint8Array(),
		writeLedger: (bytes) => replaceFile(ledger, bytes),
		readAnchor: () => readIfThere(anchor) ?? new Uint8Array(),
		writeAnchor: (bytes) => replaceFile(anchor, bytes),
		deviceKey: fileDeviceKey(join(folder, "device-key.pem")),
		record: borrowersRecord(join(folder, "record.bin")),
		showScreen: (screen) => show("screen.json", screen),
		showRestrictions: (restrictions) => show("restrictions.json", restrictions),
	};
}
