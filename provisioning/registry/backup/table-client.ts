import { Client, type ClientConfig } from "pg";

import { KEEP_ALIVE } from "../database/keep-alive.ts";

const CONNECT_DEADLINE_MS = 5000;
/** How long the whole of one table may take. */
const TABLE_DEADLINE_MS = 6 * 3600 * 1000;

/** For moving whole tables; not connected yet. What breaks its connection is said by the statement that is under way. */
export function tableClient(connection: ClientConfig, name: "holdfast-backup" | "holdfast-restore"): Client {
	const client = new Client({
		...connection,
		...KEEP_ALIVE,
		connectionTimeoutMillis: CONNECT_DEADLINE_MS,
		statement_timeout: TABLE_DEADLINE_MS,
		application_name: name,
	});
	client.on("error", () => undefined);
	return client;
}
