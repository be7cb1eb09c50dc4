import type { ChildProcess } from "node:child_process";

import { DatabaseError } from "./database-error.ts";

/** Waits for one of PostgreSQL's programs to end. @throws {DatabaseError} INIT_FAILED if it cannot be run at all. */
export async function ended(child: ChildProcess): Promise<{ code: number | string | null; errors: string }> {
	let errors = "";
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		errors = (errors + text).slice(-2000);
	});
	return new Promise((resolve, reject) => {
		child.once("error", (cause) => reject(new DatabaseError("INIT_FAILED", `${child.spawnfile} cannot be run`, { cause })));
		child.once("close", (code, signal) => resolve({ code: code ?? signal, errors: errors.trim() }));
	});
}

/** Nothing of ours leaks into the server, and nothing of the user's changes it. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
	return {
		PATH: process.env.PATH,
		LC_ALL: "C",
		TZ: "UTC",
		...(process.platform === "win32" ? { SystemRoot: process.env.SystemRoot } : {}),
	};
}
