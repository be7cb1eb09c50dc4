import { sql, type Transaction } from "kysely";

import { appendAudit } from "../audit-log.ts";
import type { Connection } from "../database/database.ts";
import type { Tables } from "../database/schema.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { LeaseRelease, LeaseRequest, Leases, ReleasedLeases } from "./station-request.ts";

/**
 * Gives a station contracts to work on alone until a time, or longer where it holds them already; never for less time than it
 * was told before. Race-free by the primary key: of two stations that reach for one contract at the same moment, one waits
 * for the other's statement and then reads who was first.
 */
export async function leaseContracts(context: RegistryContext, request: LeaseRequest): Promise<Leases> {
	const { station, ttlSeconds } = request;
	const asked = [...new Set(request.contractIds)];
	return inTransaction(context, async (transaction) => {
		const now = nowSeconds(context);
		const { rows } = await sql<{ contract_id: string; station: string; expires_at: number; is_new: boolean }>`
			INSERT INTO station_leases AS held (contract_id, station, granted_at, expires_at)
			-- In one order, so that two stations cannot wait for each other.
			SELECT contract_id, ${station}, ${now}::bigint, ${now + ttlSeconds}::bigint
				FROM contracts WHERE contract_id = ANY(${asked}) ORDER BY contract_id
			-- Written in every case, so that the holder is read as it is now and not as it was when the statement began.
			ON CONFLICT (contract_id) DO UPDATE SET
				station = CASE WHEN held.expires_at <= ${now} THEN EXCLUDED.station ELSE held.station END,
				granted_at = CASE WHEN held.expires_at <= ${now} THEN EXCLUDED.granted_at ELSE held.granted_at END,
				expires_at = CASE WHEN held.expires_at <= ${now} THEN EXCLUDED.expires_at
					WHEN held.station = EXCLUDED.station THEN GREATEST(held.expires_at, EXCLUDED.expires_at)
					ELSE held.expires_at END
			RETURNING contract_id, station, expires_at, granted_at = ${now}::bigint AS is_new`.execute(transaction);
		const granted = rows.filter((row) => row.station === station);
		const fresh = granted.filter((row) => row.is_new).map((row) => row.contract_id);
		await auditLeases(context, transaction, now, "leases.granted", station, fresh);
		const known = new Set(rows.map((row) => row.contract_id));
		return {
			granted: granted.map((row) => ({ contractId: row.contract_id, expiresAtUnixSeconds: row.expires_at })),
			refused: rows
				.filter((row) => row.station !== station)
				.map((row) => ({ contractId: row.contract_id, station: row.station, expiresAtUnixSeconds: row.expires_at })),
			unknown: asked.filter((contractId) => !known.has(contractId)),
		};
	});
}

/** Lets go of what this station holds. What it does not hold is passed over, so that the same call again is harmless. */
export async function releaseLeases(context: RegistryContext, { station, contractIds }: LeaseRelease): Promise<ReleasedLeases> {
	return inTransaction(context, async (transaction) => {
		const now = nowSeconds(context);
		const { rows } = await sql<{ contract_id: string }>`
			DELETE FROM station_leases WHERE station = ${station} AND contract_id IN (
				SELECT contract_id FROM station_leases
				WHERE contract_id = ANY(${contractIds}) AND station = ${station} ORDER BY contract_id FOR UPDATE
			) RETURNING contract_id`.execute(transaction);
		const released = rows.map((row) => row.contract_id);
		await auditLeases(context, transaction, now, "leases.released", station, released);
		return { released };
	});
}

/** One entry for each call: a renewal is none, and which station made an offer stands with the contract itself. */
async function auditLeases(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	at: number,
	action: "leases.granted" | "leases.released",
	station: string,
	contractIds: readonly string[],
): Promise<void> {
	if (contractIds.length === 0) return;
	const details = { station, count: contractIds.length, contracts: contractIds.join(" ") };
	await appendAudit(transaction, { subject: "registry", at, actor: context.actor, action, details });
}

/**
 * Stops whoever is not the station that holds a contract: another station, a desk, a command line. A contract that nobody holds
 * is open to all.
 *
 * @param station who asks; `undefined` for whoever is no station.
 * @throws {Refusal} CONTRACT_LEASED_ELSEWHERE.
 */
export async function requireLease(
	connection: Connection,
	contractId: string,
	station: string | undefined,
	now: number,
): Promise<void> {
	const held = await connection
		.selectFrom("station_leases")
		.select(["station", "expires_at"])
		.where("contract_id", "=", contractId)
		.where("expires_at", ">", now)
		.executeTakeFirst();
	if (!held || held.station === station) return;
	throw refusal(
		"CONTRACT_LEASED_ELSEWHERE",
		`Station ${held.station} is working on this contract.`,
		"Let that station finish or close its batch, or release its lease: POST /v1/leases/release.",
		{ station: held.station, until: new Date(held.expires_at * 1000).toISOString() },
	);
}
