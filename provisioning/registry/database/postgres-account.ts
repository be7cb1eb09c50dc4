import { chmod, chown, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { DatabaseError } from "./database-error.ts";

/** Whom PostgreSQL runs as when we are root. */
export interface PostgresAccount {
	readonly uid: number;
	readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, so as root it is started under an account that exists on every Unix: the one that owns
 * the cluster already, else `postgres`, else `nobody`. Starting the binaries ourselves under that uid was chosen over having a
 * system user made (which changes the machine, and fails where `useradd` is missing or /etc is read-only) and over a user
 * namespace (which many containers forbid). A uid without an entry in /etc/passwd would do for `postgres`, but `initdb` asks
 * for its name.
 *
 * @returns `undefined` when we are not root, or on Windows: then PostgreSQL runs as we do.
 */
export async function postgresAccount(clusterFolder: string): Promise<PostgresAccount | undefined> {
	if (process.getuid?.() !== 0) return undefined;
	const owner = await stat(clusterFolder).catch(() => undefined);
	if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
	const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
	const account = accountIn(passwd, "postgres") ?? accountIn(passwd, "nobody");
	if (!account) {
		throw new DatabaseError(
			"NO_ACCOUNT",
			"PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody. Run as an ordinary user, or give --database URL.",
		);
	}
	return account;
}

function accountIn(passwd: string, name: string): PostgresAccount | undefined {
	const [, , uid, gid] =
		passwd
			.split("\n")
			.map((line) => line.split(":"))
			.find(([user]) => user === name) ?? [];
	if (uid === undefined || gid === undefined || Number(uid) === 0) return undefined;
	return { uid: Number(uid), gid: Number(gid) };
}

/** Whether an account can reach what lies in a folder: every folder from the root down lets it through. */
export async function canReach(account: PostgresAccount | undefined, folder: string): Promise<boolean> {
	if (!account) return true;
	for (let path = folder; ; path = dirname(path)) {
		const { uid, gid, mode } = await stat(path);
		const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
		if ((mode & bit) === 0) return false;
		if (dirname(path) === path) return true;
	}
}

/** Lets an account pass through one of our own folders, without letting it list what is there. Nobody else gains anything. */
export async function letThrough(account: PostgresAccount | undefined, folder: string): Promise<void> {
	if (!account) return;
	const { uid, gid, mode } = await stat(folder);
	if (uid === account.uid || (mode & 0o001) !== 0) return;
	if (gid !== account.gid) {
		await chmod(folder, mode & 0o707); // the old group must not inherit what the new one is given
		await chown(folder, uid, account.gid);
	}
	await chmod(folder, (mode & 0o707) | 0o010);
}
