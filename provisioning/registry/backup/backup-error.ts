/** Why there is no backup, or why one is not put back. Closed. */
export type BackupErrorCode =
	/** The folder is no backup, or not whole. */
	| "BACKUP_INVALID"
	/** A file of it is not what was written. */
	| "BACKUP_DAMAGED"
	/** A newer Holdfast made it. */
	| "BACKUP_NEWER"
	/** The database holds something already. */
	| "DATABASE_NOT_EMPTY"
	/** The key folder does not go with this database. */
	| "KEYS_DO_NOT_FIT"
	/** The place for the backup is taken. */
	| "FOLDER_TAKEN";

/** A backup cannot be made or put back. The message says what to do. */
export class BackupError extends Error {
	override readonly name = "BackupError";

	constructor(
		readonly code: BackupErrorCode,
		message: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
	}
}
