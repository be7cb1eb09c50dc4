/**
 * Deletes what is over: `retention-settings.ts` says when, RULES.md what for. Nothing of a contract that is open, paid off or returned
 * is touched; of one whose phone is free stay contract, terms, payments, orders, disputes, certificate and IMEIs, which are what its
 * borrower's page and a buyer's question are answered from. The audit log stays whole.
 */
import { sql, type Transaction } from "kysely";

import { appendAudit } from "../audit-log.ts";
import { dropWeeks, eventTables, makeWeeks } from "../database/event-partitions.ts";
import type { Tables } from "../database/schema.ts";
import { IDEMPOTENCY_DAYS } from "../http/idempotency.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { RetentionSettings } from "./retention-settings.ts";

const DAY = 24 * 3600;
/** Contracts in one transaction: what is deleted holds nobody up. */
const AT_ONCE = 200;
/** What had an end of its own is kept this much longer, so that somebody can still ask why it does not work. */
const LEFTOVER_SECONDS = 30 * DAY;
const FIRST_AFTER_MS = 60_000;
const EVERY_MS = DAY * 1000;

/** How much was deleted. */
export interface Retained {
	readonly contracts: number;
	readonly people: number;
	readonly leftovers: number;
	/** Tables of a week's check-ins. */
	readonly weeks: number;
}

type Where = Pick<RegistryContext, "database" | "clock">;

/** Deletes all that is over now, and makes room for the check-ins of the next weeks. Several registries may do it at once: each thing is done by one of them. */
export async function deleteWhatIsOver(context: Where, settings: RetentionSettings): Promise<Retained> {
	const { closedContractDays, checkInDays, formerStaffDays } = settings;
	await makeWeeks(context.database.kysely, nowSeconds(context));
	let contracts = 0;
	if (closedContractDays !== "for ever") {
		const before = nowSeconds(context) - closedContractDays * DAY;
		for (let more = AT_ONCE; more === AT_ONCE; contracts += more)
			more = await inOne(context, (transaction) => pruneContracts(transaction, before, nowSeconds(context)));
	}
	const people =
		formerStaffDays === "for ever"
			? 0
			: await inOne(context, (transaction) => forgetPeople(context, transaction, nowSeconds(context) - formerStaffDays * DAY));
	const leftovers = await inOne(context, (transaction) => deleteLeftovers(transaction, nowSeconds(context)));
	if (contracts > 0) {
		await inOne(context, (transaction) =>
			appendAudit(transaction, {
				subject: "registry",
				at: nowSeconds(context),
				actor: "registry",
				action: "retention.contracts_pruned",
				details: { contracts, afterDays: closedContractDays },
			}),
		);
	}
	const { kysely } = context.database;
	const weeks = checkInDays === "for ever" ? 0 : await dropWeeks(kysely, nowSeconds(context) - checkInDays * DAY);
	return { contracts, people, leftovers, weeks };
}

/**
 * Does it a minute after the start, and once a day from then on.
 *
 * @param onFailure is told of what went wrong; the next day tries again.
 * @returns stops it.
 */
export function keepRetention(context: Where, settings: RetentionSettings, onFailure: (error: unknown) => void): () => void {
	const run = () => void deleteWhatIsOver(context, settings).catch(onFailure);
	const first = setTimeout(run, FIRST_AFTER_MS).unref();
	const daily = setInterval(run, EVERY_MS).unref();
	return () => {
		clearTimeout(first);
		clearInterval(daily);
	};
}

function inOne<Value>({ database }: Where, work: (transaction: Transaction<Tables>) => Promise<Value>): Promise<Value> {
	return database.kysely.transaction().execute(work);
}

async function pruneContracts(transaction: Transaction<Tables>, before: number, now: number): Promise<number> {
	const over = await transaction
		.selectFrom("contracts")
		.select(["contract_id", "device_id"])
		.where("state", "=", "released")
		.where("is_pruned", "=", false)
		.where("closed_at", "<", before)
		.where(({ not, exists, selectFrom }) =>
			not(
				exists(
					selectFrom("appeals")
						.select("request_id")
						.whereRef("appeals.contract_id", "=", "contracts.contract_id")
						.where("appeals.closed_at", "is", null)
						.where("open_until", ">", now),
				),
			),
		)
		.orderBy("closed_at")
		.limit(AT_ONCE)
		.forUpdate()
		.skipLocked()
		.execute();
	if (over.length === 0) return 0;
	const contracts = over.map(({ contract_id }) => contract_id);
	const devices = over.map(({ device_id }) => device_id);
	for (const table of await eventTables(transaction))
		await sql`DELETE FROM ${sql.table(table)} WHERE device_id = ANY (${devices})`.execute(transaction);
	await transaction.deleteFrom("standing_changes").where("device_id", "in", devices).execute();
	await transaction.deleteFrom("support_acts").where("contract_id", "in", contracts).execute();
	await transaction.updateTable("contracts").set({ is_pruned: true }).where("contract_id", "in", contracts).execute();
	return over.length;
}

/** Their id stays, because the audit log names it; who it was stands nowhere else any more. */
async function forgetPeople(context: Where, transaction: Transaction<Tables>, before: number): Promise<number> {
	const gone = await transaction
		.selectFrom("people")
		.select("person_id")
		.where("disabled_at", "<", before)
		.where("name", "<>", "")
		.forUpdate()
		.skipLocked()
		.execute();
	for (const { person_id: personId } of gone) {
		for (const table of ["passkeys", "provider_identities", "invitations", "sessions"] as const)
			await transaction.deleteFrom(table).where("person_id", "=", personId).execute();
		await transaction.updateTable("people").set({ name: "", email: null, roles: [] }).where("person_id", "=", personId).execute();
		await appendAudit(transaction, {
			subject: `person/${personId}`,
			at: nowSeconds(context),
			actor: "registry",
			action: "person.forgotten",
			details: {},
		});
	}
	return gone.length;
}

/** Sessions, invitations, challenges, tokens and leases that ended long ago: nobody can use them, and nothing counts them. */
async function deleteLeftovers(transaction: Transaction<Tables>, now: number): Promise<number> {
	const before = now - LEFTOVER_SECONDS;
	let deleted = 0;
	for (const table of ["sessions", "sign_in_challenges", "invitations", "borrower_sign_outs", "station_leases"] as const) {
		const { numDeletedRows } = await transaction.deleteFrom(table).where("expires_at", "<", before).executeTakeFirst();
		deleted += Number(numDeletedRows);
	}
	// The newest says when a program's token ended: it stays.
	const { numAffectedRows } = await sql`DELETE FROM program_secrets AS old WHERE expires_at < ${before} AND EXISTS (
		SELECT FROM program_secrets AS newer WHERE newer.program_id = old.program_id AND newer.entry > old.entry)`.execute(
		transaction,
	);
	const keys = await transaction
		.deleteFrom("idempotency_keys")
		.where("started_at", "<", now - IDEMPOTENCY_DAYS * DAY)
		.executeTakeFirst();
	return deleted + Number(numAffectedRows ?? 0n) + Number(keys.numDeletedRows) + (await deleteToldEvents(transaction, before));
}

/** Events long past that no endpoint is owed any more, with what was noted of telling them. */
async function deleteToldEvents(transaction: Transaction<Tables>, before: number): Promise<number> {
	const { rows } = await sql<{ count: number }>`WITH over AS MATERIALIZED (
			SELECT event.subject, event.number FROM webhook_events event
			WHERE event.at < ${before}::bigint AND NOT EXISTS (SELECT FROM webhook_deliveries owed
				WHERE owed.subject = event.subject AND owed.number = event.number AND owed.state = 'waiting')
			ORDER BY event.at LIMIT 20000
		), attempts AS (
			DELETE FROM webhook_attempts old USING over WHERE old.subject = over.subject AND old.number = over.number
		), deliveries AS (
			DELETE FROM webhook_deliveries old USING over WHERE old.subject = over.subject AND old.number = over.number
		), events AS (
			DELETE FROM webhook_events old USING over WHERE old.subject = over.subject AND old.number = over.number RETURNING 1
		)
		SELECT count(*) AS count FROM events`.execute(transaction);
	return rows[0]?.count ?? 0;
}
