import { randomBytes } from "node:crypto";

import type { PoolClient } from "pg";

import type { Crypto } from "../../../proto/crypto.ts";
import { PayloadType, sealBytes } from "../../../proto/envelope.ts";
import { canonicalJson } from "../access/canonical-json.ts";
import type { RegistryDatabase } from "../database/database.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import { LedgerError } from "./ledger-error.ts";
import { LEDGER_FORM, type LedgerEnd, type LedgerHead, type LedgerSeal } from "./ledger-head.ts";
import { LedgerChain } from "./ledger-line.ts";
import { LEDGER_TABLES, type LedgerTable } from "./ledger-tables.ts";
import { type LedgerRow, sealSecrets, vaultDigest } from "./row-secrets.ts";
import { makeTransferKey, type TransferKey } from "./transfer-key.ts";

/** Rows that are in memory at the same time. */
const AT_ONCE = 500;
/** Of one statement: the first of a table may have to sort it. And of whoever takes the lines. */
const DEADLINE_MS = 3_600_000;

export interface ExportLedgerOptions {
	readonly database: RegistryDatabase;
	readonly keys: LenderKeys;
	readonly crypto: Crypto;
	/** Seconds since 1970-01-01T00:00:00Z. */
	readonly nowUnixSeconds: number;
	/** Who may open the secrets of codes, `age1...`. Default: they stay behind. */
	readonly sealTo?: string;
	readonly signal?: AbortSignal;
}

/** The pool's own deadline is for what somebody waits for. `pg` takes it with each query; its types do not know. */
const patient: object = { query_timeout: DEADLINE_MS };

/** What was written. */
export interface LedgerSummary {
	readonly exportId: string;
	readonly lenderId: string;
	readonly madeAtUnixSeconds: number;
	readonly lines: number;
	readonly rows: LedgerEnd["rows"];
	readonly hasSecrets: boolean;
}

/**
 * Writes the whole ledger as lines of JSON: one moment of it, whatever is booked meanwhile, in an order that depends on nothing but the
 * rows. Signed by the `enroll` role at the end, under a payload type that no phone takes.
 *
 * @throws {LedgerError} OTHER_KEYS if the keys cannot sign; WRONG_IDENTITY.
 */
export async function* exportLedger(options: ExportLedgerOptions): AsyncGenerator<string, LedgerSummary> {
	const { keys, nowUnixSeconds: madeAtUnixSeconds, sealTo } = options;
	const signer = keys.signer("enroll");
	if (!signer) throw new LedgerError("OTHER_KEYS", "the key folder has no enroll key to sign the file with");
	const vault = keys.codeVault;
	const transfer = sealTo === undefined ? undefined : await makeTransferKey(sealTo);
	const client = await options.database.pool.connect();
	let isDone = false;
	try {
		await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
		for (const timeout of ["statement_timeout", "idle_in_transaction_session_timeout"])
			await client.query(`SET LOCAL ${timeout} = ${DEADLINE_MS}`);
		const shapes: (LedgerTable & TableShape)[] = [];
		for (const table of LEDGER_TABLES) shapes.push({ ...table, ...(await shapeOf(client, table.name)) });
		const head: LedgerHead = {
			form: LEDGER_FORM,
			exportId: randomBytes(16).toString("hex"),
			lenderId: keys.lenderId,
			madeAtUnixSeconds,
			keySets: keys.keySetEnvelopes.map((envelope) => Buffer.from(envelope).toString("base64")),
			...(vault === undefined ? {} : { vault: vaultDigest(vault) }),
			...(transfer === undefined ? {} : { transferKey: transfer.sealed }),
			tables: shapes.map(({ name, columns }) => ({ name, columns: [...columns] })),
		};
		const chain = new LedgerChain();
		yield chain.write(`{"ledger":${JSON.stringify(head)}`);
		const rows: Record<string, number> = {};
		for (const { name, columns, key, secrets = [] } of shapes) {
			rows[name] = 0;
			const taken = columns.map((column) => (secrets.includes(column) && !transfer ? `NULL::bytea AS ${column}` : column));
			// In the order of the bytes, whatever the database's own collation.
			const order = key.map(({ column, isText }) => (isText ? `${column} COLLATE "C"` : column)).join(", ");
			await client.query(
				`DECLARE ledger NO SCROLL CURSOR FOR SELECT row_to_json(one)::text AS row FROM (SELECT ${taken.join(", ")} FROM ${name} ORDER BY ${order}) one`,
			);
			for (;;) {
				options.signal?.throwIfAborted();
				const fetched = await client.query<{ row: string }>({ text: `FETCH ${AT_ONCE} FROM ledger`, ...patient });
				let text = "";
				for (const { row } of fetched.rows) text += chain.write(`{"t":"${name}","r":${sealed(row, secrets, transfer?.key)}`);
				rows[name] += fetched.rows.length;
				if (text !== "") yield text;
				if (fetched.rows.length < AT_ONCE) break;
			}
			await client.query("CLOSE ledger");
		}
		yield chain.write(`{"end":${JSON.stringify({ rows } satisfies LedgerEnd)}`);
		const seal: LedgerSeal = { exportId: head.exportId, hash: chain.hash, lenderId: head.lenderId, lines: chain.lines };
		const envelope = await sealBytes(PayloadType.ledger, Buffer.from(canonicalJson(seal)), [signer]);
		yield `${JSON.stringify({ signature: Buffer.from(envelope).toString("base64") })}\n`;
		await client.query("COMMIT");
		isDone = true;
		const { exportId, lenderId } = head;
		return { exportId, lenderId, madeAtUnixSeconds, lines: chain.lines + 1, rows, hasSecrets: transfer !== undefined };
	} finally {
		client.release(!isDone); // one in the middle of something is of no use to anybody else
	}

	function sealed(text: string, secrets: readonly string[], key: TransferKey | undefined): string {
		if (secrets.length === 0 || !key || !vault) return text;
		const row: LedgerRow = JSON.parse(text); // PostgreSQL wrote it
		return JSON.stringify(sealSecrets(secrets, row, vault, key));
	}
}

interface TableShape {
	readonly columns: readonly string[];
	readonly key: readonly { readonly column: string; readonly isText: boolean }[];
}

async function shapeOf(client: PoolClient, table: string): Promise<TableShape> {
	const columns = await client.query<{ name: string }>(
		`SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
		[table],
	);
	const key = await client.query<{ column: string; isText: boolean }>(
		`SELECT a.attname AS column, a.atttypid = 'text'::regtype AS "isText" FROM pg_index i
			JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
			WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)`,
		[table],
	);
	return { columns: columns.rows.map(({ name }) => name), key: key.rows };
}
