import { createHash, randomBytes } from "node:crypto";
import { chown, mkdir, readFile, readlink, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { DatabaseError } from "./database-error.ts";
import { canReach, letThrough, type PostgresAccount, postgresAccount } from "./postgres-account.ts";

/** Where clusters and copied binaries go when PostgreSQL's account cannot reach the data folder. */
const REACHABLE_HOME = "/var/lib/holdfast";

/** Where an own PostgreSQL lives, and as whom. */
export interface ClusterPlace {
	/** Absolute, without symbolic links in it. May not exist yet. */
	readonly folder: string;
	readonly account: PostgresAccount | undefined;
	/** Where copied binaries go, if copies are needed. */
	readonly copiesFolder: string;
	/** Of the role `holdfast`. */
	readonly password: string;
	readonly logFile: string;
}

/**
 * Decides where the cluster of a data folder lies: in `<dataFolder>/postgres`. As root, with a data folder below one that
 * PostgreSQL's account cannot pass (such as /root), changing the modes of folders that are not ours is out of the question:
 * then it lies in /var/lib/holdfast and `<dataFolder>/postgres` is a link to it.
 */
export async function clusterPlace(dataFolder: string): Promise<ClusterPlace> {
	await mkdir(dataFolder, { recursive: true, mode: 0o700 });
	const home = await realpath(dataFolder);
	const inside = join(home, "postgres");
	const linked = await readlink(inside).catch(() => undefined);
	const account = await postgresAccount(linked ?? inside);
	const password = await passwordIn(home);
	const logFile = join(home, "postgres.log");
	for (const folder of [...temporaryFoldersAbove(await realpath(tmpdir()), home), home]) await letThrough(account, folder);
	if (linked === undefined && (await canReach(account, home))) {
		return { folder: inside, account, copiesFolder: home, password, logFile };
	}
	const clusters = join(REACHABLE_HOME, "clusters");
	await mkdir(clusters, { recursive: true, mode: 0o755 }).catch((cause: unknown) => {
		const message = `PostgreSQL does not run as root, its account cannot reach ${home}, and ${REACHABLE_HOME} cannot be made. Choose another data folder, such as one in /srv, or give --database URL.`;
		throw new DatabaseError("FOLDER_NOT_OURS", message, { cause });
	});
	const folder = linked ?? join(clusters, createHash("sha256").update(home).digest("hex").slice(0, 16));
	if (linked === undefined) await symlink(folder, inside);
	return { folder, account, copiesFolder: REACHABLE_HOME, password, logFile };
}

/**
 * Folders between the system's temporary folder and one below it, outermost first. They were made a moment ago by whoever started
 * us, closed to others by habit (mkdtemp). Letting PostgreSQL's group pass them is less than leaving a cluster in /var/lib
 * that nobody clears away.
 */
function temporaryFoldersAbove(temporary: string, folder: string): string[] {
	const above: string[] = [];
	for (let path = dirname(folder); path !== dirname(path); path = dirname(path)) {
		if (path === temporary) return above;
		above.unshift(path);
	}
	return [];
}

/** Makes an empty folder that PostgreSQL's account owns. */
export async function makeOwned(folder: string, account: PostgresAccount | undefined): Promise<void> {
	await mkdir(folder, { mode: 0o700 });
	if (account) await chown(folder, account.uid, account.gid);
}

async function passwordIn(home: string): Promise<string> {
	const path = join(home, "postgres-password");
	// Whoever comes second reads what the first one wrote.
	await writeFile(path, randomBytes(24).toString("hex"), { flag: "wx", mode: 0o600 }).catch((error: unknown) => {
		if (!(error instanceof Error) || Reflect.get(error, "code") !== "EEXIST") throw error;
	});
	return (await readFile(path, "utf8")).trim();
}
