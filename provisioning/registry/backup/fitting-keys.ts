import type { ClientBase } from "pg";
import { openReleaseSecret } from "../codes/release-secrets.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import { BackupError } from "./backup-error.ts";

/**
 * Holds a key folder against a database that is about to be used with it.
 *
 * @throws {BackupError} KEYS_DO_NOT_FIT: phones trust a key set that the folder does not know, or the vault opens no code.
 */
export async function requireFittingKeys(client: ClientBase, keys: Pick<LenderKeys, "current" | "codeVault">): Promise<void> {
	const { rows } = await client.query<{ version: number | null }>("SELECT max(key_set_version) AS version FROM devices");
	const version = rows[0]?.version ?? 0;
	if (version > keys.current.version) {
		throw new BackupError(
			"KEYS_DO_NOT_FIT",
			`Phones trust key set ${version}, and the key folder ends at ${keys.current.version}. Put back the copy that was made after the last rotation.`,
		);
	}
	const sealed = await client.query<{ device_id: string; release_secret: Uint8Array }>(
		// By way of JSON: a database of the first version has no such column.
		`SELECT device_id, decode(substr(to_jsonb(c) ->> 'release_secret', 3), 'hex') AS release_secret FROM contracts c
		WHERE to_jsonb(c) ->> 'release_secret' IS NOT NULL LIMIT 1`,
	);
	const [row] = sealed.rows;
	if (!row) return;
	try {
		openReleaseSecret({ keys }, row);
	} catch (cause) {
		throw new BackupError(
			"KEYS_DO_NOT_FIT",
			"The code vault (online/codes.pem of the key folder) does not open this database's codes. Put back the copy that belongs to it.",
			{ cause },
		);
	}
}
