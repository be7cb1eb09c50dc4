import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** A PostgreSQL server as its own `postmaster.pid` describes it. */
export interface Postmaster {
	readonly pid: number;
	readonly port: number;
	/** Folder of the unix socket, or empty. */
	readonly socketFolder: string;
}

/**
 * Reads `postmaster.pid` (PostgreSQL `miscadmin.h`, LOCK_FILE_LINE_*: pid, data folder, start, port, socket folder, ...).
 * `undefined` if there is none or it is still being written.
 */
export async function readPostmasterFile(clusterFolder: string): Promise<Postmaster | undefined> {
	const text = await readFile(postmasterFile(clusterFolder), "utf8").catch(() => "");
	const [pid, , , port, socketFolder] = text.split("\n").map((line) => line.trim());
	if (!pid || !port || socketFolder === undefined) return undefined;
	return { pid: Math.abs(Number(pid)), port: Number(port), socketFolder };
}

export function postmasterFile(clusterFolder: string): string {
	return join(clusterFolder, "postmaster.pid");
}

/**
 * Whether a process is the PostgreSQL server of this very cluster. Process ids are used again, above all after a container's
 * restart, so a living process is not enough.
 */
export async function isPostmasterOf(clusterFolder: string, pid: number): Promise<boolean> {
	if (!isAlive(pid)) return false;
	const command = await commandOf(pid);
	// Windows and bare containers tell nothing: then the server's own lock decides.
	if (command === undefined) return true;
	return command.includes("postgres") && command.includes(clusterFolder);
}

/** Waits until a process is gone. `false` if it is not by then. */
export async function isGoneWithin(pid: number, milliseconds: number): Promise<boolean> {
	for (const end = Date.now() + milliseconds; Date.now() < end; ) {
		if (!(await isRunning(pid))) return true;
		await sleep(25);
	}
	return !(await isRunning(pid));
}

/** A zombie that nobody buries, as in a container whose process 1 does not care, is not running. */
async function isRunning(pid: number): Promise<boolean> {
	return isAlive(pid) && (await commandOf(pid)) !== "";
}

function isAlive(pid: number): boolean {
	if (!(pid > 0)) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error instanceof Error && Reflect.get(error, "code") === "EPERM";
	}
}

async function commandOf(pid: number): Promise<string | undefined> {
	if (process.platform === "win32") return undefined;
	if (process.platform === "linux") {
		const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
		// A zombie has an empty command line: it is as good as gone.
		return line?.replaceAll("\0", " ");
	}
	return promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)], { timeout: 5000 }).then(
		({ stdout }) => stdout,
		() => undefined,
	);
}
