import { createHash } from "node:crypto";

import { type RawBuilder, type Selectable, type SqlBool, sql, type Transaction } from "kysely";

import { appendAudit } from "../audit-log.ts";
import { filterConditions, waysToFind } from "../contracts/contract-search.ts";
import type { Connection } from "../database/database.ts";
import type { FleetExtensionsTable, Tables } from "../database/schema.ts";
import { issueOrder } from "../orders/orders.ts";
import { Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { FleetExtendRequest, FleetExtension, FleetList, FleetListRequest } from "./fleet-request.ts";

const HOUR = 3600;
const SAMPLE = 20;
/** Holds that one call issues: it answers within seconds. */
const AT_ONCE = 200;
const TOGETHER = 4;
const SHOWN = 10;
/** Contracts that one statement writes down. */
const LIST_PART = 100_000;

/** Which open contracts there are now. */
export async function fleetList(context: RegistryContext, request: FleetListRequest): Promise<FleetList> {
	const { kysely } = context.database;
	const chosen = chosenContracts(request, nowSeconds(context));
	const [hash, { rows }] = await Promise.all([
		listHash(kysely, chosen),
		sql<{ contract_id: string }>`${chosen} ORDER BY contract_id COLLATE "C" LIMIT ${SAMPLE}`.execute(kysely),
	]);
	return { ...hash, sample: rows.map(({ contract_id }) => contract_id) };
}

function chosenContracts({ filter = {}, contractIds }: FleetListRequest, now: number): RawBuilder<{ contract_id: string }> {
	const [all, ...others] = waysToFind(filter).map((way) => sql<SqlBool>`(${sql.join([sql`true`, ...way], sql` AND `)})`);
	const text = all === undefined ? sql<SqlBool>`false` : sql<SqlBool>`(${sql.join([all, ...others], sql` OR `)})`;
	const conditions = [
		sql<SqlBool>`state = 'open'`,
		text,
		...filterConditions(filter, now),
		...(contractIds === undefined ? [] : [sql<SqlBool>`contract_id = ANY(${contractIds}::text[])`]),
	];
	return sql`SELECT contract_id FROM contracts WHERE ${sql.join(conditions, sql` AND `)}`;
}

/** Counted and hashed where the numbers are: a million of them never come here. */
async function listHash(
	connection: Connection,
	chosen: RawBuilder<{ contract_id: string }>,
): Promise<{ count: number; listSha256: string }> {
	const { rows } = await sql<{ count: number; hash: Uint8Array }>`SELECT count(*) AS count,
		sha256(convert_to(coalesce(string_agg(contract_id || E'\n', '' ORDER BY contract_id COLLATE "C"), ''), 'UTF8')) AS hash
		FROM (${chosen}) AS chosen`.execute(connection);
	return { count: rows[0]?.count ?? 0, listSha256: Buffer.from(rows[0]?.hash ?? []).toString("hex") };
}

/**
 * Begins a hold for many contracts, such as after a flood or when a bank's system is down. The list is kept as it is now, and it must be
 * the one that was looked at. An extension of the whole fleet pauses new locks at once for every phone that checks in (F5); the holds
 * follow, one signed order for each phone, with {@link continueExtension}. Idempotent by request id.
 *
 * @throws {Refusal} CONFLICT: the list is another one by now, or the request id was used for another extension.
 */
export async function extendFleet(context: RegistryContext, request: FleetExtendRequest): Promise<FleetExtension> {
	const { requestId, kind, hours, count, listSha256, note, filter, contractIds } = request;
	const requestSha256 = createHash("sha256")
		.update(JSON.stringify([kind, hours, count, listSha256, note]))
		.digest();
	const extension = await inTransaction(context, async (transaction) => {
		await sql`SELECT pg_advisory_xact_lock(hashtextextended('fleet/extend', 0))`.execute(transaction);
		const known = await transaction
			.selectFrom("fleet_extensions")
			.selectAll()
			.where("extension_id", "=", requestId)
			.executeTakeFirst();
		if (known) {
			if (requestSha256.equals(known.request_sha256)) return known;
			throw refusal("CONFLICT", "This request id was used for another extension.", "Choose another request id.");
		}
		const now = nowSeconds(context);
		await keepList(transaction, requestId, chosenContracts(request, now));
		const listed = await listHash(
			transaction,
			sql`SELECT contract_id FROM fleet_extension_items WHERE extension_id = ${requestId}`,
		);
		if (listed.count !== count || listed.listSha256 !== listSha256) {
			throw refusal(
				"CONFLICT",
				"The list is not the one that was looked at: contracts came or went, or the number was mistyped.",
				"Look at the list again, then type how many contracts it has.",
				{ count: String(listed.count) },
			);
		}
		const row = {
			extension_id: requestId,
			request_sha256: requestSha256,
			kind,
			until: now + hours * HOUR,
			count,
			note,
			actor: context.actor,
			created_at: now,
		};
		await transaction.insertInto("fleet_extensions").values(row).execute();
		if (filter === undefined && contractIds === undefined) await pauseLocks(transaction, row.until);
		await appendAudit(transaction, {
			subject: "fleet",
			at: now,
			actor: context.actor,
			action: "fleet.extended",
			details: { extensionId: requestId, kind, untilUnixSeconds: row.until, count, listSha256, note },
		});
		return row;
	});
	context.fleet.forget();
	return extensionJson(context, extension);
}

/** A part at a time: a statement that is too long is broken off. */
async function keepList(
	transaction: Transaction<Tables>,
	extensionId: string,
	chosen: RawBuilder<{ contract_id: string }>,
): Promise<void> {
	for (let after: string | null = ""; after !== null; ) {
		const { rows }: { rows: { last: string | null }[] } = await sql<{ last: string | null }>`WITH kept AS (
			INSERT INTO fleet_extension_items (extension_id, contract_id) SELECT ${extensionId}, contract_id FROM (
				${chosen} AND contract_id COLLATE "C" > ${after} ORDER BY contract_id COLLATE "C" LIMIT ${LIST_PART}
			) AS chosen RETURNING contract_id
		) SELECT max(contract_id COLLATE "C") AS last FROM kept`.execute(transaction);
		after = rows[0]?.last ?? null;
	}
}

async function pauseLocks(transaction: Transaction<Tables>, until: number): Promise<void> {
	await transaction
		.updateTable("fleet_settings")
		.set({ paused_until: sql`greatest(paused_until, ${until}::bigint)` })
		.where("id", "=", 1)
		.execute();
}

/** Issues the next holds of an extension. Two at once do no harm: each hold has the extension's own request id. */
export async function continueExtension(context: RegistryContext, extensionId: string): Promise<FleetExtension> {
	const { kysely } = context.database;
	const extension = await kysely
		.selectFrom("fleet_extensions")
		.selectAll()
		.where("extension_id", "=", extensionId)
		.executeTakeFirst();
	if (!extension) throw refusal("NOT_FOUND", "There is no such extension.", "Look at the fleet: it lists them.");
	const left = await kysely
		.selectFrom("fleet_extension_items")
		.select("contract_id")
		.where("extension_id", "=", extensionId)
		.where("done", "=", false)
		.orderBy("contract_id")
		.limit(AT_ONCE)
		.execute();
	const waiting = left.values();
	await Promise.all(
		Array.from({ length: TOGETHER }, async () => {
			for (const { contract_id } of waiting) await holdOne(context, extension, contract_id);
		}),
	);
	return extensionJson(context, extension);
}

async function holdOne(
	context: RegistryContext,
	{ extension_id, kind, until }: Selectable<FleetExtensionsTable>,
	contractId: string,
): Promise<void> {
	try {
		if (until > nowSeconds(context))
			await issueOrder(context, contractId, {
				action: "hold",
				kind,
				untilUnixSeconds: until,
				reason: kind === "disaster" ? "disaster" : "payment",
				requestId: `fleet.${extension_id}`.slice(0, 64),
			});
	} catch (error) {
		// Its contract has ended meanwhile: it needs no hold.
		if (!(error instanceof Refusal) || error.code !== "CONTRACT_CLOSED") throw error;
	}
	await context.database.kysely
		.updateTable("fleet_extension_items")
		.set({ done: true })
		.where("extension_id", "=", extension_id)
		.where("contract_id", "=", contractId)
		.execute();
}

/** The latest first. */
export async function latestExtensions(context: RegistryContext): Promise<FleetExtension[]> {
	const rows = await context.database.kysely
		.selectFrom("fleet_extensions")
		.selectAll()
		.orderBy("created_at", "desc")
		.limit(SHOWN)
		.execute();
	return Promise.all(rows.map((row) => extensionJson(context, row)));
}

async function extensionJson({ database }: RegistryContext, row: Selectable<FleetExtensionsTable>): Promise<FleetExtension> {
	const { left } = await database.kysely
		.selectFrom("fleet_extension_items")
		.select(({ fn }) => fn.countAll<number>().as("left"))
		.where("extension_id", "=", row.extension_id)
		.where("done", "=", false)
		.executeTakeFirstOrThrow();
	return {
		extensionId: row.extension_id,
		kind: row.kind,
		untilUnixSeconds: row.until,
		count: row.count,
		done: row.count - left,
		state: left === 0 ? "done" : "running",
		createdAtUnixSeconds: row.created_at,
		actor: row.actor,
		note: row.note,
	};
}
