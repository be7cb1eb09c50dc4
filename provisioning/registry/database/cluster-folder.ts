import { createHash, randomBytes } from "node:crypto";
import { chown, mkdir, readFile, readlink, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

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
	await letThrough(account, home);
	if (linked === undefined && (await canReach(account, home))) {
		return { folder: inside, account, copiesFolder: home, password, logFile };
	}
	const clusters = join(REACHABLE_HOME, "clusters");
	await mkdir(clusters, { recursive: true, mode: 0o755 });
	const folder = linked ?? join(clusters, createHash("sha256").update(home).digest("hex").slice(0, 16));
	if (linked === undefined) await symlink(folder, inside);
	return { folder, account, copiesFolder: REACHABLE_HOME, password, logFile };
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
