/** Why there is no database. Closed. */
export type DatabaseErrorCode =
	| "NO_BINARIES"
	| "NO_ACCOUNT"
	| "FOLDER_NOT_OURS"
	| "WRONG_VERSION"
	| "INIT_FAILED"
	| "START_FAILED"
	| "STOP_FAILED"
	| "UNREACHABLE"
	| "MIGRATION_FAILED";

/** The registry has no database to work with. The message says what to do. */
export class DatabaseError extends Error {
	override readonly name = "DatabaseError";

	constructor(
		readonly code: DatabaseErrorCode,
		message: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
	}
}
