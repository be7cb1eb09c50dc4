import type { ClientBase } from "pg";

/** What Kysely itself keeps: which migrations ran. A backup names them in its manifest instead. */
const NOT_DATA = ["kysely_migration", "kysely_migration_lock"];

export interface TableColumns {
	readonly name: string;
	readonly columns: readonly string[];
}

/**
 * Every table of the registry with the columns that are written (generated ones are not), those that others refer to first. A table that
 * is split into parts stands here as one.
 */
export async function listTables(client: ClientBase): Promise<TableColumns[]> {
	const { rows: tables } = await client.query<{ name: string; columns: string[]; after: string[] }>(
		`SELECT c.relname AS name,
			(SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
				WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
			coalesce((SELECT array_agg(DISTINCT r.relname::text) FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid
				WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid), '{}') AS after
		FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
			AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
		ORDER BY c.relname`,
	);
	const left = tables.filter(({ name }) => !NOT_DATA.includes(name));
	const ordered: TableColumns[] = [];
	while (left.length > 0) {
		const index = left.findIndex(({ after }) => !left.some(({ name }) => after.includes(name)));
		const [next] = left.splice(Math.max(0, index), 1);
		if (next && index === -1) throw new Error(`the tables refer to each other in a circle at ${next.name}`);
		if (next) ordered.push({ name: next.name, columns: next.columns });
	}
	return ordered;
}

export function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}
