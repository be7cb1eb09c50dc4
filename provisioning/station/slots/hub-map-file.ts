import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { FaultError, faultError } from "../../handset/fault.ts";
import { EMPTY_HUB_MAP, type HubMap, readHubMap } from "./hub-map.ts";

/** The map's name in the station's folder. */
export const HUB_MAP_FILE = "hub.json";
/** A disk that takes longer than this to read or write a small file is not one to work with. */
const DEADLINE_MS = 10_000;

/**
 * Reads the map of a station's folder; an empty one if there is none yet.
 *
 * @throws {FaultError} HUB_MAP_UNREADABLE: it is there and cannot be read, or is no map of this version.
 */
export async function loadHubMap(folder: string): Promise<HubMap> {
	const path = join(folder, HUB_MAP_FILE);
	let text: string;
	try {
		text = await readFile(path, { encoding: "utf8", signal: AbortSignal.timeout(DEADLINE_MS) });
	} catch (cause) {
		if (codeOf(cause) === "ENOENT") return EMPTY_HUB_MAP;
		throw unreadable(path, cause);
	}
	let map: HubMap | undefined;
	try {
		map = readHubMap(JSON.parse(text));
	} catch (cause) {
		throw unreadable(path, cause);
	}
	if (map === undefined) throw unreadable(path, new Error("not a hub map of this version, or a slot or path twice"));
	return map;
}

/**
 * Writes the map, as a whole or not at all: a power cut leaves the old or the new one.
 *
 * @throws {FaultError} STATION_DISK_FULL, UNCLASSIFIED with the system's words.
 */
export async function saveHubMap(folder: string, map: HubMap): Promise<void> {
	const path = join(folder, HUB_MAP_FILE);
	const draft = join(folder, `.${HUB_MAP_FILE}-${process.pid}-${randomBytes(6).toString("hex")}`);
	try {
		const file = await open(draft, "wx", 0o644);
		try {
			await file.writeFile(`${JSON.stringify(map, null, "\t")}\n`, { signal: AbortSignal.timeout(DEADLINE_MS) });
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(draft, path);
		await syncFolder(dirname(path));
	} catch (cause) {
		await rm(draft, { force: true }).catch(() => {}); // a disk that is full or gone says so below
		if (cause instanceof FaultError) throw cause;
		const code = codeOf(cause);
		const full = code === "ENOSPC" || code === "EDQUOT";
		throw faultError(full ? "STATION_DISK_FULL" : "UNCLASSIFIED", { raw: String(cause), details: { file: path } }, { cause });
	}
}

/** A new name is on the disk only once its folder is. Windows has no such call, and needs none. */
async function syncFolder(folder: string): Promise<void> {
	if (process.platform === "win32") return;
	const handle = await open(folder, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

function unreadable(path: string, cause: unknown): FaultError {
	return faultError("HUB_MAP_UNREADABLE", { raw: String(cause), details: { file: path } }, { cause });
}

function codeOf(error: unknown): unknown {
	return error instanceof Error && "code" in error ? error.code : undefined;
}
