import { sql, type Transaction } from "kysely";

import type { Crypto } from "../../../proto/crypto.ts";
import { appendAudit, followsAudit } from "../audit-log.ts";
import { sqlState } from "../database/connection-errors.ts";
import type { RegistryDatabase } from "../database/database.ts";
import type { AuditLogTable, Tables } from "../database/schema.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import type { LedgerSummary } from "./export-ledger.ts";
import { LedgerError } from "./ledger-error.ts";
import type { LedgerHead } from "./ledger-head.ts";
import { LEDGER_TABLES } from "./ledger-tables.ts";
import { type LedgerPart, readLedger } from "./read-ledger.ts";
import { bytesOf, type LedgerRow, takeSecrets, vaultDigest } from "./row-secrets.ts";
import { openTransferKey, type TransferKey } from "./transfer-key.ts";

/** Rows in one statement at most, and their size in characters. */
const [MOST_ROWS, MOST_CHARACTERS] = [500, 2 * 1024 * 1024];

export interface ImportLedgerOptions {
	readonly path: string;
	/** Empty, and brought to this version. */
	readonly database: RegistryDatabase;
	readonly keys: LenderKeys;
	readonly crypto: Crypto;
	readonly nowUnixSeconds: number;
	/** `AGE-SECRET-KEY-1...`, where the file's secrets are to come along. */
	readonly identity?: string;
	readonly signal?: AbortSignal;
}

/** What came of it. */
export interface ImportedLedger extends LedgerSummary {
	/** Secrets of codes came along. */
	readonly hasSecrets: boolean;
	/** It is another vault than where the file was made: borrowers' own codes are others here. */
	readonly isOtherVault: boolean;
}

/**
 * Takes a ledger's file into an empty registry: all of it, or nothing. One transaction, which is committed once the signature at the
 * file's end was checked.
 *
 * @throws {LedgerError} and nothing was changed.
 */
export async function importLedger(options: ImportLedgerOptions): Promise<ImportedLedger> {
	const { database, keys, crypto, signal } = options;
	return database.kysely.transaction().execute(async (transaction) => {
		await sql`SET LOCAL idle_in_transaction_session_timeout = '10min'`.execute(transaction);
		await requireEmpty(transaction);
		let taker: Taker | undefined;
		let found: { head: LedgerHead; end: Extract<LedgerPart, { kind: "end" }> } | undefined;
		for await (const part of readLedger(options.path, keys, crypto)) {
			signal?.throwIfAborted();
			if (part.kind === "head") taker = await startTaking(options, transaction, part.head);
			else if (part.kind === "row") await taker?.take(part);
			else if (taker) found = { head: taker.head, end: part };
		}
		if (!taker || !found) throw new LedgerError("CUT_OFF", "the file has no end");
		await taker.flush();
		const { head, end } = found;
		const summary: ImportedLedger = {
			exportId: head.exportId,
			lenderId: head.lenderId,
			madeAtUnixSeconds: head.madeAtUnixSeconds,
			lines: end.lines,
			rows: end.end.rows,
			hasSecrets: taker.key !== undefined,
			isOtherVault: keys.codeVault === undefined || head.vault !== vaultDigest(keys.codeVault),
		};
		await settle(transaction, summary, options.nowUnixSeconds);
		return summary;
	});
}

/** What cannot be here as it was there. */
async function settle(transaction: Transaction<Tables>, { exportId, lines }: LedgerSummary, at: number): Promise<void> {
	// An endpoint without a secret cannot be told of anything.
	await transaction
		.updateTable("webhook_endpoints")
		.set({ state: "disabled", disabled_because: "asked", disabled_at: at })
		.where("state", "=", "enabled")
		.execute();
	await appendAudit(transaction, {
		subject: "registry",
		at,
		actor: "admin",
		action: "ledger.imported",
		details: { exportId, lines },
	});
}

async function requireEmpty(transaction: Transaction<Tables>): Promise<void> {
	for (const { name, seeded } of LEDGER_TABLES) {
		if (seeded) continue;
		const { rows } = await sql<{ found: boolean }>`SELECT EXISTS (SELECT FROM ${sql.table(name)}) AS found`.execute(transaction);
		if (rows[0]?.found)
			throw new LedgerError("NOT_EMPTY", `this registry has rows in ${name} already: a ledger is imported into an empty one`);
	}
}

/** Takes rows as they come and writes them many at a time. */
interface Taker {
	readonly head: LedgerHead;
	readonly key: TransferKey | undefined;
	take(part: Extract<LedgerPart, { kind: "row" }>): Promise<void>;
	flush(): Promise<void>;
}

async function startTaking(
	{ keys, identity }: ImportLedgerOptions,
	transaction: Transaction<Tables>,
	head: LedgerHead,
): Promise<Taker> {
	requireKeySets(keys, head);
	if (identity !== undefined && head.transferKey === undefined)
		throw new LedgerError("WRONG_IDENTITY", "the file holds no secrets that an identity could open");
	const key =
		identity === undefined || head.transferKey === undefined ? undefined : await openTransferKey(head.transferKey, identity);
	if (key && !keys.codeVault)
		throw new LedgerError("OTHER_KEYS", "the key folder has nothing to seal the secrets with: online/codes.pem");
	await requireColumns(transaction, head);
	for (const { name, seeded } of LEDGER_TABLES) if (seeded) await sql`DELETE FROM ${sql.table(name)}`.execute(transaction);
	let waiting: { table: string; rows: string[]; characters: number; firstLine: number } | undefined;
	let before: AuditLogTable | undefined;

	async function flush(): Promise<void> {
		if (!waiting) return;
		const { table, rows, firstLine } = waiting;
		waiting = undefined;
		const columns = sql.join((head.tables.find(({ name }) => name === table)?.columns ?? []).map((column) => sql.ref(column)));
		try {
			await sql`INSERT INTO ${sql.table(table)} (${columns})
				SELECT ${columns} FROM json_populate_recordset(NULL::${sql.table(table)}, ${`[${rows.join(",")}]`}::json)`.execute(
				transaction,
			);
		} catch (cause) {
			if (!/^2[23]/.test(sqlState(cause) ?? "")) throw cause;
			const what = `the database refuses a row of ${table}, here or in the ${rows.length - 1} lines after it`;
			throw new LedgerError("ROW_REFUSED", what, firstLine, { cause });
		}
	}

	return {
		head,
		key,
		flush,
		async take({ table, row, line }) {
			const { secrets } = LEDGER_TABLES.find(({ name }) => name === table) ?? {};
			let text = row;
			if (secrets) text = JSON.stringify(takeSecrets(secrets, JSON.parse(row), keys.codeVault, key));
			if (table === "audit_log") before = requireChained(JSON.parse(row), before, line);
			if (waiting && (waiting.table !== table || waiting.rows.length >= MOST_ROWS || waiting.characters > MOST_CHARACTERS))
				await flush();
			waiting ??= { table, rows: [], characters: 0, firstLine: line };
			waiting.rows.push(text);
			waiting.characters += text.length;
		},
	};
}

/** Phones trust key sets by their chain: whoever takes them over holds all of it, or what came after it. */
function requireKeySets({ keySetEnvelopes }: LenderKeys, { keySets }: LedgerHead): void {
	const own = keySetEnvelopes.map((envelope) => Buffer.from(envelope).toString("base64"));
	if (keySets.every((envelope, index) => envelope === own[index])) return;
	throw new LedgerError(
		"OTHER_KEYS",
		"the key folder lacks key sets that the phones of this file trust: bring the lender's own key folder",
		1,
	);
}

async function requireColumns(transaction: Transaction<Tables>, head: LedgerHead): Promise<void> {
	for (const { name, columns } of head.tables) {
		if (!LEDGER_TABLES.some((table) => table.name === name))
			throw new LedgerError(
				"NEWER_FORM",
				`table ${name} is not known here: use the program that made the file, or a newer one`,
				1,
			);
		const { rows } = await sql<{ name: string }>`SELECT attname AS name FROM pg_attribute
			WHERE attrelid = ${name}::regclass AND attnum > 0 AND NOT attisdropped`.execute(transaction);
		const missing = columns.find((column) => !rows.some((known) => known.name === column));
		if (missing !== undefined)
			throw new LedgerError(
				"NEWER_FORM",
				`column ${name}.${missing} is not known here: use the program that made the file, or a newer one`,
				1,
			);
	}
}

/** The audit log proves itself: each entry follows from the one before. */
function requireChained(row: LedgerRow, before: AuditLogTable | undefined, line: number): AuditLogTable {
	const { subject, entry, at, actor, action, details, previous, hash } = row;
	const read: AuditLogTable = {
		...{ subject: String(subject), entry: Number(entry), at: Number(at), actor: String(actor), action: String(action) },
		...{ details: String(details), previous: bytesOf(String(previous)), hash: bytesOf(String(hash)) },
	};
	const last = before?.subject === read.subject ? before : undefined;
	if (read.entry === (last?.entry ?? 0) + 1 && followsAudit(read, last?.hash)) return read;
	throw new LedgerError("DAMAGED", `entry ${read.entry} of the audit log does not follow from the one before`, line);
}
