import type { Unit } from "../unit.ts";
import type { ManifestColumns } from "./manifest-columns.ts";
import { readCsv } from "./manifest-csv.ts";
import { manifestError } from "./manifest-error.ts";
import { MAX_FILE_BYTES, type TableReading } from "./manifest-table.ts";
import { readXlsx } from "./manifest-xlsx.ts";

/** A list of phones that was found to be in order. */
export interface Manifest {
	readonly units: readonly Unit[];
	/** SHA-256 of the file, hex. */
	readonly sha256: string;
	readonly columns: ManifestColumns;
	/** Names of columns that nobody asked for; nothing in them was read. */
	readonly unknownColumns: readonly string[];
}

/** Reads a manifest's file, XLSX or CSV, by what its first bytes are and not by its name. */
export async function readManifest(bytes: Uint8Array): Promise<TableReading> {
	if (bytes.length > MAX_FILE_BYTES) return { error: manifestError("too-large") };
	if (startsWith(bytes, [0x50, 0x4b])) return readXlsx(bytes); // ZIP
	// Compound File Binary: XLS up to Excel 2003, and XLSX with a password.
	if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0])) {
		return { error: manifestError("unreadable", undefined, "", "it is an old XLS, or has a password") };
	}
	return readCsv(bytes);
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
	return prefix.every((byte, index) => bytes[index] === byte);
}
