import { createHash, randomBytes } from "node:crypto";

import { type Selectable, type SqlBool, sql, type Transaction } from "kysely";

import { decodeCanonical } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import type { Contract, ContractList, ContractRequest } from "../api.ts";
import { appendAudit } from "../audit-log.ts";
import { makeReleaseSecret } from "../codes/release-secrets.ts";
import type { Connection } from "../database/database.ts";
import type { CheckInsTable, ContractRow, EnrollmentRow, Tables } from "../database/schema.ts";
import { enrollmentJson } from "../enrollment/enrollment-status.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { encodeTerms } from "./contract-terms.ts";
import { claimImeis, requireImeis } from "./imei-claims.ts";

/** Longest time between two check-ins. Shorter where the offline budget is: a phone should not be warned for our silence. */
const LONGEST_INTERVAL_SECONDS = 6 * 3600;
const SHORTEST_INTERVAL_SECONDS = 15 * 60;
const CHECK_INS_IN_A_BUDGET = 16;

/** Enters a contract. Idempotent: the same request again finds it; another one under the same id is refused. */
export async function createContract(context: RegistryContext, request: ContractRequest): Promise<Contract> {
	const { contractId, imeis = [], terms } = request;
	requireImeis(imeis);
	const deviceId = randomBytes(16).toString("hex");
	const { releaseDigest, sealed } = makeReleaseSecret(context, { deviceId, contractId });
	const encoded = encodeTerms(
		context.crypto,
		{ contractId, lenderId: context.keys.lenderId, publicUrl: context.publicUrl(), releaseDigest },
		terms,
		request.consent,
	);
	const { current } = context.keys;
	const now = nowSeconds(context);
	const requestSha256 = createHash("sha256")
		.update(JSON.stringify(sorted(request)))
		.digest();
	await inTransaction(context, async (transaction) => {
		const read = decodeCanonical(wire.Terms, encoded.terms);
		const inserted = await transaction
			.insertInto("contracts")
			.values({
				contract_id: contractId,
				device_id: deviceId,
				state: "open",
				request_sha256: requestSha256,
				terms_sha256: encoded.termsSha256,
				currency: read.currency,
				total_minor: read.instalments.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
				paid_until: read.initialPaidUntilUnixSeconds,
				grace_seconds: read.ladder?.graceSeconds ?? 0,
				payoff_reference: null,
				certificate_id: null,
				created_at: now,
				closed_at: null,
				release_secret: sealed,
			})
			.onConflict((conflict) => conflict.column("contract_id").doNothing())
			.returning("contract_id")
			.executeTakeFirst();
		if (!inserted) {
			const existing = await lockContract(transaction, contractId);
			if (requestSha256.equals(existing.request_sha256)) return;
			throw refusal("CONFLICT", "There is another contract with this number.", "Give the new contract its own number.");
		}
		await transaction
			.insertInto("terms")
			.values({
				contract_id: contractId,
				terms_sha256: encoded.termsSha256,
				terms: encoded.terms,
				consent_sha256: encoded.consentSha256,
				consent: encoded.consent,
			})
			.execute();
		await transaction
			.insertInto("devices")
			.values({
				device_id: deviceId,
				contract_id: contractId,
				device_public_key: null,
				key_set_version: current.version,
				order_epoch: current.epoch,
				check_in_interval_seconds: intervalFor(read.offline?.budgetSeconds ?? 0),
			})
			.execute();
		await claimImeis(transaction, contractId, imeis, true, now);
		await appendAudit(transaction, {
			subject: contractId,
			at: now,
			actor: context.actor,
			action: "contract.created",
			details: { termsSha256: Buffer.from(encoded.termsSha256).toString("hex") },
		});
	});
	return getContract(context, contractId);
}

function intervalFor(budgetSeconds: number): number {
	if (budgetSeconds === 0) return LONGEST_INTERVAL_SECONDS;
	const share = Math.floor(budgetSeconds / CHECK_INS_IN_A_BUDGET);
	return Math.min(LONGEST_INTERVAL_SECONDS, Math.max(SHORTEST_INTERVAL_SECONDS, share));
}

/** Reads a contract for a change; nobody else changes it until the transaction ends. @throws {Refusal} CONTRACT_UNKNOWN. */
export async function lockContract(transaction: Transaction<Tables>, contractId: string): Promise<ContractRow> {
	const contract = await transaction
		.selectFrom("contracts")
		.selectAll()
		.where("contract_id", "=", contractId)
		.forUpdate()
		.executeTakeFirst();
	if (!contract) throw unknownContract();
	return contract;
}

export function unknownContract(): Refusal {
	return refusal("CONTRACT_UNKNOWN", "There is no contract with this number.", "Check the contract's number.");
}

/** @throws {Refusal} CONTRACT_CLOSED. */
export function requireOpen(contract: ContractRow): void {
	if (contract.state === "open") return;
	throw refusal("CONTRACT_CLOSED", `The contract is closed (${contract.state}).`, "Check the contract's number.", {
		state: contract.state,
	});
}

/** @throws {Refusal} CONTRACT_UNKNOWN. */
export async function getContract(context: RegistryContext, contractId: string): Promise<Contract> {
	const [contract] = await readContracts(context, context.database.kysely, sql`contracts.contract_id = ${contractId}`, 1);
	if (!contract) throw unknownContract();
	return contract;
}

/** A page of contracts in the order of their ids. */
export async function listContracts(context: RegistryContext, after: string, limit: number): Promise<ContractList> {
	const contracts = await readContracts(context, context.database.kysely, sql`contracts.contract_id > ${after}`, limit);
	const last = contracts.at(-1);
	return { contracts, ...(contracts.length === limit && last ? { next: last.contractId } : {}) };
}

/** Contracts by their ids, in the order of those. */
export async function readContractsOf(context: RegistryContext, ids: readonly string[]): Promise<Contract[]> {
	if (ids.length === 0) return [];
	const found = await readContracts(
		context,
		context.database.kysely,
		sql`contracts.contract_id = ANY(${[...ids]}::text[])`,
		ids.length,
	);
	const byId = new Map(found.map((contract) => [contract.contractId, contract]));
	return ids.flatMap((id) => byId.get(id) ?? []);
}

type Joined = ContractRow & {
	terms: Uint8Array;
	named: string[];
	pending: number;
	enrollment: EnrollmentRow | null;
	check_in: Selectable<CheckInsTable> | null;
};

async function readContracts(
	context: RegistryContext,
	connection: Connection,
	condition: ReturnType<typeof sql<SqlBool>>,
	limit: number,
): Promise<Contract[]> {
	const rows = await connection
		.selectFrom("contracts")
		.selectAll()
		.where(condition)
		.orderBy("contract_id")
		.limit(limit)
		.execute();
	if (rows.length === 0) return [];
	const ids = rows.map(({ contract_id }) => contract_id);
	const devices = rows.map(({ device_id }) => device_id);
	const [terms, imeis, pending, enrollments, checkIns] = await Promise.all([
		connection.selectFrom("terms").select(["contract_id", "terms_sha256", "terms"]).where("contract_id", "in", ids).execute(),
		connection
			.selectFrom("imeis")
			.select(["contract_id", "imei"])
			.where("contract_id", "in", ids)
			.where("named", "=", true)
			.orderBy("imei")
			.execute(),
		connection
			.selectFrom("orders")
			.select(["device_id", ({ fn }) => fn.countAll<number>().as("count")])
			.where("device_id", "in", devices)
			.where("state", "=", "pending")
			.groupBy("device_id")
			.execute(),
		connection
			.selectFrom("enrollments")
			.selectAll()
			.where("device_id", "in", devices)
			.where("state", "<>", "withdrawn")
			.execute(),
		connection.selectFrom("check_ins").selectAll().where("device_id", "in", devices).execute(),
	]);
	return rows.map((row) => {
		const sameTerms = (other: Uint8Array) => Buffer.from(row.terms_sha256).equals(other);
		const found = terms.find((each) => each.contract_id === row.contract_id && sameTerms(each.terms_sha256));
		if (!found) throw new Error(`contract ${row.contract_id} has no terms`);
		return contractJson(nowSeconds(context), {
			...row,
			terms: found.terms,
			named: imeis.filter((each) => each.contract_id === row.contract_id).map(({ imei }) => imei),
			pending: pending.find((each) => each.device_id === row.device_id)?.count ?? 0,
			enrollment: enrollments.find((each) => each.device_id === row.device_id) ?? null,
			check_in: checkIns.find((each) => each.device_id === row.device_id) ?? null,
		});
	});
}

function contractJson(now: number, row: Joined): Contract {
	const nextDue = row.state === "open" ? firstUnpaid(row.terms, row.paid_minor) : undefined;
	return {
		contractId: row.contract_id,
		deviceId: row.device_id,
		state: row.state,
		imeis: row.named,
		currency: row.currency,
		totalMinor: row.total_minor,
		paidMinor: row.paid_minor,
		paidUntilUnixSeconds: row.paid_until,
		paymentStanding: paymentStanding(now, row),
		...(nextDue === undefined ? {} : { nextDue }),
		termsSha256: Buffer.from(row.terms_sha256).toString("hex"),
		createdAtUnixSeconds: row.created_at,
		...(row.payoff_reference === null ? {} : { payoffReference: row.payoff_reference }),
		...(row.certificate_id === null ? {} : { certificateId: row.certificate_id }),
		pendingOrders: row.pending,
		...(row.enrollment === null ? {} : { enrollment: enrollmentJson(row.enrollment, row.check_in ?? undefined) }),
	};
}

function paymentStanding(now: number, { state, paid_until, grace_seconds }: ContractRow): Contract["paymentStanding"] {
	if (state !== "open") return "closed";
	if (now <= paid_until) return "paid";
	return now <= paid_until + grace_seconds ? "grace" : "overdue";
}

/** The first instalment that an amount paid in all does not cover, and what is missing of it. */
export function firstUnpaid(terms: Uint8Array, paidMinor: number): { dueAtUnixSeconds: number; amountMinor: number } | undefined {
	let owed = 0;
	for (const { dueAtUnixSeconds, amountMinor } of decodeCanonical(wire.Terms, terms).instalments) {
		owed += amountMinor;
		if (owed > paidMinor) return { dueAtUnixSeconds, amountMinor: Math.min(amountMinor, owed - paidMinor) };
	}
	return undefined;
}

/** The same request always has the same text, whatever the order in which its members were written. */
function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([key, member]) => [key, sorted(member)]),
	);
}
