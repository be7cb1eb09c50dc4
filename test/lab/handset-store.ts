import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { HandsetMemory } from "./handset.ts";
import type { HandsetState } from "./handset-state.ts";

/** Keeps a handset's state as one JSON file, replaced atomically. */
export function handsetStore(folder: string, initial: () => HandsetState): HandsetMemory {
	const path = join(folder, "handset.json");
	const save = (state: HandsetState) => {
		mkdirSync(folder, { recursive: true });
		// No fsync: this is a toy phone, it has to survive the end of a process and not of the machine.
		writeFileSync(`${path}.part`, `${JSON.stringify(state, undefined, "\t")}\n`);
		renameSync(`${path}.part`, path);
	};
	return {
		load() {
			if (!existsSync(path)) {
				const state = initial();
				save(state);
				return state;
			}
			return readState(readFileSync(path, "utf8"), path);
		},
		save,
	};
}

/** A state folder is ours alone, so only its version is checked. */
function readState(text: string, path: string): HandsetState {
	const state: unknown = JSON.parse(text);
	if (typeof state !== "object" || state === null || !("format" in state) || state.format !== 1) {
		throw new Error(`${path} was written by another version of the lab: delete its folder`);
	}
	return state as HandsetState; // format 1 is written by save() above and by nobody else
}
