import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import type { ClientBase, ClientConfig } from "pg";
import { to as copyTo } from "pg-copy-streams";

import { BackupError } from "./backup-error.ts";
import { BACKUP_FORMAT, type BackedUpTable, type BackupManifest, manifestFile, tableFile } from "./manifest.ts";
import { tableClient } from "./table-client.ts";
import { listTables, quoted, type TableColumns } from "./table-list.ts";

export interface TakeBackupOptions {
	readonly connection: ClientConfig;
	/** Made; must not exist. Appears under this name only when it is whole and on the disk. */
	readonly folder: string;
	readonly nowMs: () => number;
	/** Version of this program. */
	readonly tool: string;
	readonly signal?: AbortSignal;
}

/**
 * Copies every table as it stood at one moment, while the registry goes on: one snapshot for all of them. It holds no keys: together with
 * them it could make codes, so they are kept elsewhere.
 *
 * @throws {BackupError} FOLDER_TAKEN; what PostgreSQL or the disk says. What was written until then is removed again.
 */
export async function takeBackup(options: TakeBackupOptions): Promise<BackupManifest> {
	const { folder, signal } = options;
	if (await stat(folder).catch(() => undefined)) {
		throw new BackupError("FOLDER_TAKEN", `${folder} is there already. Choose another name: a backup is never written over.`);
	}
	const draft = `${folder}.part`;
	await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
	await rm(draft, { recursive: true, force: true }); // of a run that was killed
	await mkdir(draft, { mode: 0o700 });
	const client = tableClient(options.connection, "holdfast-backup");
	// A COPY that nobody reads any more ends with its connection.
	const abort = () => void client.end().catch(() => undefined);
	try {
		await client.connect();
		signal?.addEventListener("abort", abort, { once: true });
		signal?.throwIfAborted();
		await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
		const takenAtMs = options.nowMs();
		const migrations = await migrationsOf(client);
		const tables: BackedUpTable[] = [];
		for (const table of await listTables(client)) tables.push(await copyTable(client, draft, table, signal));
		const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
		const manifest: BackupManifest = {
			format: BACKUP_FORMAT,
			tool: options.tool,
			takenAtMs,
			postgresVersion: rows[0]?.server_version ?? "",
			migrations,
			tables,
		};
		await writeSynced(manifestFile(draft), `${JSON.stringify(manifest, null, "\t")}\n`);
		await syncFolder(draft);
		await rename(draft, folder);
		await syncFolder(dirname(folder));
		return manifest;
	} catch (error) {
		await rm(draft, { recursive: true, force: true });
		signal?.throwIfAborted();
		throw error;
	} finally {
		signal?.removeEventListener("abort", abort);
		await client.end().catch(() => undefined);
	}
}

async function migrationsOf(client: ClientBase): Promise<string[]> {
	try {
		const { rows } = await client.query<{ name: string }>("SELECT name FROM kysely_migration ORDER BY name");
		if (rows.length > 0) return rows.map(({ name }) => name);
	} catch (error) {
		// 42P01 undefined_table
		if (!(error instanceof Error) || Reflect.get(error, "code") !== "42P01") throw error;
	}
	throw new BackupError("BACKUP_INVALID", "This database was never used by a registry: there is nothing to back up.");
}

async function copyTable(
	client: ClientBase,
	folder: string,
	{ name, columns }: TableColumns,
	signal: AbortSignal | undefined,
): Promise<BackedUpTable> {
	// By a query: a table that is split into parts cannot be copied by its name.
	const copy = client.query(copyTo(`COPY (SELECT ${columns.map(quoted).join(", ")} FROM ${quoted(name)}) TO STDOUT`));
	const hash = createHash("sha256");
	let bytes = 0;
	async function* counted(chunks: AsyncIterable<Buffer>) {
		for await (const chunk of chunks) {
			hash.update(chunk);
			bytes += chunk.length;
			yield chunk;
		}
	}
	const file = createWriteStream(tableFile(folder, name), { flags: "wx", mode: 0o600, flush: true });
	await pipeline(copy, createGzip({ level: 1 }), counted, file, signal === undefined ? {} : { signal });
	return { name, columns: [...columns], rows: copy.rowCount ?? 0, sha256: hash.digest("hex"), bytes };
}

async function writeSynced(path: string, text: string): Promise<void> {
	const file = await open(path, "wx", 0o600);
	try {
		await file.writeFile(text);
		await file.sync();
	} finally {
		await file.close();
	}
}

/** What is in a folder is there after a power cut only once the folder itself is. */
async function syncFolder(path: string): Promise<void> {
	if (process.platform === "win32") return;
	const folder = await open(path, "r");
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}
