import { createHash } from "node:crypto";

import type { Selectable, Transaction } from "kysely";

import type { AuditEntryJson } from "./contracts/contract-story-request.ts";
import type { Connection } from "./database/database.ts";
import type { AuditLogTable, Tables } from "./database/schema.ts";
import { eventTypeOf } from "./webhooks/event-of-audit.ts";
import { lockSubject, putEvent } from "./webhooks/put-event.ts";

/** What is written down. Never a secret, never an IMEI in full. */
export interface AuditEntry {
	/** Contract that it is about, `person/<id>`, `program/<id>`, `approval/<id>`, `webhook/<id>`, or `registry`. */
	readonly subject: string;
	/** Seconds since 1970-01-01T00:00:00Z. */
	readonly at: number;
	/** `admin` (the token), `person/<id>`, `program/<id>`, `device`, `provider` (the identity provider), `registry`, or `borrower`. */
	readonly actor: string;
	/** Such as `payment.recorded`. */
	readonly action: string;
	readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

/** Hash before the first entry. */
const GENESIS = Buffer.alloc(32);

/**
 * Appends an entry to its subject's chain: each holds the SHA-256 of itself and the one before, so that none can be changed or
 * left out without all later ones showing it. One chain for each contract, because a single one would make every
 * contract wait for every other. What other systems are told of (`webhooks/event-of-audit.ts`) goes into their outbox with it.
 */
export async function appendAudit(transaction: Transaction<Tables>, entry: AuditEntry): Promise<void> {
	await lockSubject(transaction, entry.subject);
	const last = await transaction
		.selectFrom("audit_log")
		.select(["entry", "hash"])
		.where("subject", "=", entry.subject)
		.orderBy("entry", "desc")
		.limit(1)
		.executeTakeFirst();
	const row = { ...entry, details: sortedJson(entry.details), entry: (last?.entry ?? 0) + 1, previous: last?.hash ?? GENESIS };
	await transaction
		.insertInto("audit_log")
		.values({ ...row, hash: hashOf(row) })
		.execute();
	const type = eventTypeOf(entry);
	if (type === undefined) return;
	const { subject, at, details } = entry;
	await putEvent(transaction, { subject, type, at, data: { ...details, contractId: subject } });
}

/** The first entry of a subject's chain that does not follow from the ones before; `undefined` if all do. */
export async function findAuditBreak(connection: Connection, subject: string): Promise<number | undefined> {
	const rows = await connection.selectFrom("audit_log").selectAll().where("subject", "=", subject).orderBy("entry").execute();
	let previous: Uint8Array | undefined;
	for (const [index, row] of rows.entries()) {
		const follows = row.entry === index + 1 && followsAudit(row, previous);
		if (!follows) return index + 1;
		previous = row.hash;
	}
	return undefined;
}

/** Whether a row says of itself what its hash does, after the one before it. */
export function followsAudit(row: Selectable<AuditLogTable>, previous: Uint8Array | undefined): boolean {
	return Buffer.from(row.previous).equals(previous ?? GENESIS) && hashOf(row).equals(row.hash);
}

/** An entry as it is given out. */
export function auditJson(row: Selectable<AuditLogTable>): AuditEntryJson {
	const details: AuditEntryJson["details"] = JSON.parse(row.details); // written by appendAudit alone
	const { subject, entry, at, actor, action, hash } = row;
	return { subject, entry, atUnixSeconds: at, actor, action, details, hash: Buffer.from(hash).toString("hex") };
}

function hashOf(row: Omit<Selectable<AuditLogTable>, "hash">): Buffer {
	const text = JSON.stringify([row.subject, row.entry, row.at, row.actor, row.action, row.details]);
	return createHash("sha256").update(row.previous).update(text).digest();
}

function sortedJson(details: AuditEntry["details"]): string {
	return JSON.stringify(Object.fromEntries(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1))));
}
