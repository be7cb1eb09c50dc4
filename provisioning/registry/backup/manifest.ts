import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { type Static, Type } from "typebox";
import { Check } from "typebox/value";

import { BackupError } from "./backup-error.ts";

/** Grows when an older Holdfast could no longer read what a newer one writes. */
export const BACKUP_FORMAT = 1;
const MANIFEST_FILE = "manifest.json";

const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Name = Type.String({ pattern: "^[a-z][a-z0-9_]{0,62}$" });

const BackedUpTable = Type.Object({
	name: Name,
	/** In the order in which they stand in each line. */
	columns: Type.Array(Name),
	rows: Type.Integer({ minimum: 0 }),
	/** Of the file as it lies there, compressed. */
	sha256: Sha256,
	bytes: Type.Integer({ minimum: 0 }),
});

const BackupManifest = Type.Object({
	format: Type.Literal(BACKUP_FORMAT),
	/** Version of Holdfast that made it. */
	tool: Type.String(),
	/** Milliseconds since 1970-01-01T00:00:00Z: nothing acknowledged later is in it. */
	takenAtMs: Type.Integer({ minimum: 0 }),
	/** PostgreSQL that it was taken from. For information: any from 14 on takes it back. */
	postgresVersion: Type.String(),
	/** Migrations that the database had seen, in their order. */
	migrations: Type.Array(Type.String(), { minItems: 1 }),
	/** In the order in which they have to be filled. */
	tables: Type.Array(BackedUpTable, { minItems: 1 }),
});

/** What a backup says of itself. */
export type BackupManifest = Static<typeof BackupManifest>;
export type BackedUpTable = Static<typeof BackedUpTable>;

export function tableFile(folder: string, table: string): string {
	return join(folder, `${table}.copy.gz`);
}

export function manifestFile(folder: string): string {
	return join(folder, MANIFEST_FILE);
}

/**
 * Reads what a backup says of itself, and nothing else of it.
 *
 * @throws {BackupError} BACKUP_INVALID, BACKUP_NEWER.
 */
export async function readManifest(folder: string): Promise<BackupManifest> {
	let value: unknown;
	try {
		value = JSON.parse(await readFile(manifestFile(folder), "utf8"));
	} catch (cause) {
		throw new BackupError("BACKUP_INVALID", `${folder} holds no whole backup: its ${MANIFEST_FILE} cannot be read.`, { cause });
	}
	const format: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "format") : undefined;
	if (typeof format === "number" && format > BACKUP_FORMAT) {
		throw new BackupError("BACKUP_NEWER", `${folder} was written by a newer Holdfast (format ${format}). Use that one.`);
	}
	if (Check(BackupManifest, value)) return value;
	throw new BackupError("BACKUP_INVALID", `${manifestFile(folder)} is not the manifest of a backup.`);
}

/**
 * Reads every byte of a backup and holds it against its manifest.
 *
 * @throws {BackupError} BACKUP_DAMAGED, naming the file.
 */
export async function verifyBackup(folder: string, manifest: BackupManifest, signal?: AbortSignal): Promise<void> {
	for (const { name, sha256, bytes } of manifest.tables) {
		const hash = createHash("sha256");
		let length = 0;
		try {
			await pipeline(
				createReadStream(tableFile(folder, name)),
				async (chunks: AsyncIterable<Buffer>) => {
					for await (const chunk of chunks) {
						hash.update(chunk);
						length += chunk.length;
					}
				},
				signal === undefined ? {} : { signal },
			);
		} catch (cause) {
			if (signal?.aborted) throw cause;
			throw new BackupError("BACKUP_DAMAGED", `${tableFile(folder, name)} cannot be read. Take another backup.`, { cause });
		}
		if (length === bytes && hash.digest("hex") === sha256) continue;
		throw new BackupError("BACKUP_DAMAGED", `${tableFile(folder, name)} is not what was written. Take another backup.`);
	}
}
