import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type FaultError, faultError } from "../../handset/fault.ts";
import { errorCode, isDiskFull, replaceFile } from "../durable-file.ts";
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
		if (errorCode(cause) === "ENOENT") return EMPTY_HUB_MAP;
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
	try {
		await replaceFile(path, `${JSON.stringify(map, null, "\t")}\n`, 0o644);
	} catch (cause) {
		throw faultError(
			isDiskFull(cause) ? "STATION_DISK_FULL" : "UNCLASSIFIED",
			{ raw: String(cause), details: { file: path } },
			{ cause },
		);
	}
}

function unreadable(path: string, cause: unknown): FaultError {
	return faultError("HUB_MAP_UNREADABLE", { raw: String(cause), details: { file: path } }, { cause });
}
