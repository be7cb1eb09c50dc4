import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";

/** Something held for this process until it is let go. */
export interface ProcessLock {
	release(): Promise<void>;
}

/** Somebody else has it. `pid`: the holder's process, where it could be read. */
export interface LockTaken {
	readonly pid?: number;
}

/**
 * Takes a lock that one process at a time can have. It is a file that names its holder; a holder that died leaves a file that the
 * next one takes over, so kill -9 locks nobody out. It holds between the processes of one machine and one process-id namespace.
 *
 * @param path the lock's file; its folder is there already.
 */
export async function takeLock(path: string): Promise<ProcessLock | { readonly taken: LockTaken }> {
	const me = JSON.stringify({
		pid: process.pid,
		started: await startOf(process.pid),
	});
	// A name of its own for each try: two of one process do not take each other's draft away.
	const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
	await writeFile(draft, me, { mode: 0o600 });
	for (let attempt = 0; attempt < 5; attempt += 1) {
		try {
			// A link appears with its content or not at all: nobody ever sees a lock without a holder.
			await link(draft, path);
			await rm(draft, { force: true });
			return {
				release: async () => {
					if ((await readFile(path, "utf8").catch(() => "")) === me) await rm(path, { force: true });
				},
			};
		} catch (error) {
			if (!isExisting(error)) throw error;
		}
		const found = await readFile(path, "utf8").catch(() => "");
		// Let go meanwhile: what is there now, if anything, is somebody's who lives.
		if (found === "") continue;
		const holder = readHolder(found);
		if (holder && (await startOf(holder.pid)) === holder.started) {
			await rm(draft, { force: true });
			return { taken: { pid: holder.pid } };
		}
		// Renamed, not removed: if meanwhile somebody else took the dead holder's lock over, theirs is put back.
		const stale = `${draft}.stale`;
		await rename(path, stale).catch(() => {});
		const moved = await readFile(stale, "utf8").catch(() => found);
		if (moved !== found) await link(stale, path).catch(() => {});
		await rm(stale, { force: true });
	}
	await rm(draft, { force: true });
	return { taken: {} };
}

function readHolder(text: string): { pid: number; started: string } | undefined {
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value !== "object" || value === null || !("pid" in value) || !("started" in value)) return undefined;
		if (typeof value.pid !== "number" || typeof value.started !== "string") return undefined;
		return { pid: value.pid, started: value.started };
	} catch {
		return undefined; // gone meanwhile, or not ours
	}
}

/** Something that differs between two processes with the same id: the start time where /proc tells it. "" = not running. */
async function startOf(pid: number): Promise<string> {
	try {
		process.kill(pid, 0);
	} catch (error) {
		if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return "";
	}
	const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
	// proc(5): field 22 is the start time; field 2 may hold blanks and brackets, so count from the last bracket.
	return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "running";
}

function isExisting(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "EEXIST";
}
