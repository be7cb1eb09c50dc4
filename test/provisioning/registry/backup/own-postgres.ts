import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { postgresAccount } from "../../../../provisioning/registry/database/postgres-account.ts";

const run = promisify(execFile);
const LIBRARY = "/usr/lib/postgresql";

/** Where Debian's PostgreSQL server has its programs; `undefined` where there is none. */
export async function debianPostgres(): Promise<string | undefined> {
	const versions = (await readdir(LIBRARY).catch(() => [])).filter((version) => Number(version) >= 14);
	const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
	const folder = newest === undefined ? undefined : join(LIBRARY, newest, "bin");
	return folder && ["initdb", "pg_ctl", "pg_basebackup", "pg_receivewal"].every((name) => existsSync(join(folder, name)))
		? folder
		: undefined;
}

/** Runs one of PostgreSQL's programs as somebody that it does not refuse. */
export async function runAs(folder: string, place: string, program: string, args: readonly string[], env = {}): Promise<string> {
	const account = await postgresAccount(place);
	const { stdout } = await run(join(folder, program), [...args], {
		...account,
		cwd: place,
		env: { PATH: process.env.PATH, LC_ALL: "C", ...env },
		timeout: 60_000,
	});
	return stdout;
}

/** A folder that PostgreSQL's account owns. */
export async function ownedFolder(place: string, name: string): Promise<string> {
	const path = join(place, name);
	await mkdir(path, { mode: 0o700 });
	const account = await postgresAccount(place);
	if (account) await chown(path, account.uid, account.gid);
	return path;
}
