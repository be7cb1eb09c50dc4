import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type ClusterPlace, makeOwned } from "./cluster-folder.ts";
import { DatabaseError } from "./database-error.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { ended, postgresEnvironment } from "./postgres-process.ts";

const INIT_DEADLINE_MS = 120_000;

/** Role that owns the cluster, and the only one in it. */
export const CLUSTER_USER = "holdfast";

/** Initialises the cluster beside its place and moves it there whole, so that a killed `initdb` leaves nothing half made. */
export async function initializeOnce(place: ClusterPlace, binaries: PostgresBinaries): Promise<void> {
	const version = await readFile(join(place.folder, "PG_VERSION"), "utf8").catch((error: unknown) => {
		if (error instanceof Error && Reflect.get(error, "code") === "ENOENT") return undefined;
		throw new DatabaseError("FOLDER_NOT_OURS", `${place.folder} belongs to another user. Run as that user.`, { cause: error });
	});
	if (version !== undefined) {
		if (version.trim() === binaries.majorVersion) return;
		throw new DatabaseError(
			"WRONG_VERSION",
			`${place.folder} was made by PostgreSQL ${version.trim()}, and this is ${binaries.majorVersion}. Nothing was changed. Run holdfast backup create with the Holdfast that you had before, then holdfast backup restore with this one into an empty --data folder; or give --database URL.`,
		);
	}
	const temporary = `${place.folder}.${randomBytes(6).toString("hex")}.new`;
	const passwordFile = `${temporary}.password`;
	try {
		await makeOwned(temporary, place.account);
		await writeFile(passwordFile, place.password, { flag: "wx", mode: 0o600 });
		if (place.account) await chown(passwordFile, place.account.uid, place.account.gid);
		const initdb = spawn(
			binaries.initdb,
			[
				`--pgdata=${temporary}`,
				`--username=${CLUSTER_USER}`,
				`--pwfile=${passwordFile}`,
				"--auth=scram-sha-256",
				"--encoding=UTF8",
				// PostgreSQL's own C.UTF-8: sorts the same on every machine, whatever locales are installed.
				"--locale=C",
				"--locale-provider=builtin",
				"--builtin-locale=C.UTF-8",
				"--no-instructions",
			],
			{
				...place.account,
				cwd: temporary,
				env: postgresEnvironment(),
				stdio: ["ignore", "ignore", "pipe"],
				timeout: INIT_DEADLINE_MS,
			},
		);
		const { code, errors } = await ended(initdb);
		if (code !== 0) throw new DatabaseError("INIT_FAILED", `initdb ended with ${code}: ${errors}`);
		await rename(temporary, place.folder).catch(async (error: unknown) => {
			// Another process was quicker: use what it made.
			if (!(await stat(join(place.folder, "PG_VERSION")).catch(() => undefined))) throw error;
		});
	} finally {
		await rm(passwordFile, { force: true });
		await rm(temporary, { recursive: true, force: true });
	}
}
