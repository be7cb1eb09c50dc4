/** Of a socket that is not there, is going, or is gone. */
const LOST_CONNECTION = [
	...["EAGAIN", "ECONNABORTED", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ENOENT", "ENOTCONN", "EPIPE"],
	...["ETIMEDOUT", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"],
];

/** What `pg` says without a code: the connection, or a deadline on this side of it. */
const SAID_BY_PG =
	/^(Connection terminated|timeout exceeded|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed)/;

/** read_only_sql_transaction: a standby, or a server that was primary a moment ago. */
const READ_ONLY = "25006";

/** SQLSTATE of an error that PostgreSQL gave. */
export function sqlState(error: unknown): string | undefined {
	const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
	// EPIPE has five capitals, as a SQLSTATE has.
	return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !LOST_CONNECTION.includes(code) ? code : undefined;
}

/** Whether an error says that nothing more is to be had of this connection: it is gone, silent, or to a server that takes no writes. */
export function isUnusable(error: Error): boolean {
	const code: unknown = Reflect.get(error, "code");
	if (typeof code === "string" && LOST_CONNECTION.includes(code)) return true;
	const state = sqlState(error);
	if (state !== undefined) return state.startsWith("08") || state.startsWith("57P") || state === READ_ONLY;
	return SAID_BY_PG.test(error.message);
}

/**
 * Whether an error says that the database cannot be worked with at present, rather than that something is wrong with what it was asked:
 * lost connections, servers that start, stop or are no longer primary, deadlines, no room. The same will do later.
 */
export function isDatabaseDown(error: Error): boolean {
	if (isUnusable(error)) return true;
	const state = sqlState(error);
	// 53 resources, 57 operator, 55P03 lock_not_available; 40001 and 40P01 that stayed after every attempt
	return state !== undefined && (/^(53|57)/.test(state) || ["55P03", "40001", "40P01"].includes(state));
}
