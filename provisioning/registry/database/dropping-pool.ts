import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type { Pool, PoolClient } from "pg";

import { isUnusable } from "./connection-errors.ts";

/**
 * The pool as Kysely uses it, but for one thing: a connection that proved unusable is closed, not put back.
 *
 * Kysely gives every connection back as good. One whose server went away without a word (its machine lost power, its network was cut)
 * would be lent again and again, each time for as long as a statement may take; one to a server that is primary no more would refuse
 * every write. And after its first failure nobody waits for its ROLLBACK: with the connection the transaction ends.
 */
export function droppingPool(pool: Pool): PostgresPool {
	const guards = new WeakMap<PoolClient, PostgresPoolClient>();
	return {
		async connect() {
			const client = await pool.connect();
			// The same object each time: Kysely knows its connections by it.
			const known = guards.get(client);
			if (known) return known;
			const made = guarded(client);
			guards.set(client, made);
			return made;
		},
		end: () => pool.end(),
	};
}

function guarded(client: PoolClient): PostgresPoolClient {
	let broken: Error | undefined;
	function query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
	function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
	function query(asked: unknown, parameters: readonly unknown[] = []): unknown {
		if (typeof asked !== "string") throw new TypeError("cursors are not used here");
		return ask(asked, parameters);
	}
	async function ask(text: string, parameters: readonly unknown[]): Promise<unknown> {
		if (broken) throw broken;
		try {
			return await client.query(text, [...parameters]);
		} catch (error) {
			if (error instanceof Error && isUnusable(error)) broken = error;
			throw error;
		}
	}
	return { query, release: () => client.release(broken) };
}
