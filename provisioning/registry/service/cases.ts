import { randomBytes } from "node:crypto";

import { sql, type Transaction } from "kysely";

import { appendAudit } from "../audit-log.ts";
import { lockContract, requireOpen, unknownContract } from "../contracts/contracts.ts";
import { closeContract } from "../contracts/payoff.ts";
import { pagedList } from "../cursor.ts";
import type { ContractRow, Tables } from "../database/schema.ts";
import type { PageQuery } from "../page-request.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { type CaseRequest, type CaseRow, caseJson, requestOf } from "./case-row.ts";
import { requireDualScan, requireTail } from "./dual-scan.ts";
import { enrolledUnder } from "./enrolled.ts";
import { exchange } from "./exchange.ts";
import { abandonRebind, orderRebind } from "./rebind.ts";
import type { ServiceCase, ServiceCaseList, ServiceCaseState } from "./service-request.ts";

/** How long a case may wait: for somebody to approve it, and then for the phone to take it. */
const CASE_SECONDS = 14 * 24 * 3600;

/**
 * Asks for something that changes which phone a contract is about, or ends it. Nothing happens before another person approves.
 * The same again, while it is open, is the same case.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN, CONTRACT_CLOSED, IMEI_INVALID, IMEI_MISMATCH, CONFLICT.
 */
export async function askCase(context: RegistryContext, contractId: string, request: CaseRequest): Promise<ServiceCase> {
	return inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		requireOpen(contract);
		await expireOld(context, transaction, contractId);
		const enrolled = await enrolledUnder(transaction, contract);
		if (request.kind === "return") requireTail(enrolled, request.imeiTail);
		else requireDualScan(enrolled, request);
		const { kind, ...asked } = request;
		const text = JSON.stringify(asked);
		const open = await openCase(transaction, contractId);
		if (open) {
			if (open.kind === kind && open.request === text) return caseJson(open);
			throw refusal("CONFLICT", "Something else was asked for this contract and is still open.", "Finish it, or take it back.", {
				caseId: open.case_id,
				kind: open.kind,
				state: open.state,
			});
		}
		const row = await transaction
			.insertInto("service_cases")
			.values({
				case_id: randomBytes(10).toString("hex"),
				contract_id: contractId,
				device_id: contract.device_id,
				kind,
				state: "asked",
				request: text,
				binding_sha256: null,
				asked_by: context.actor,
				asked_at: nowSeconds(context),
				decided_by: null,
				decided_at: null,
				note: null,
				rule: null,
			})
			.returningAll()
			.executeTakeFirstOrThrow();
		await noteCase(context, transaction, row, "asked");
		return caseJson(row);
	});
}

/**
 * Approves a case, and does it in the same transaction: a return ends the contract, an exchange makes it free for the new phone, a
 * rebind sends the phone its new binding and is done when the phone has said that it took it.
 *
 * @throws {Refusal} NOT_FOUND, FORBIDDEN (one's own), CONFLICT (decided already, too old), and what the act itself refuses.
 */
export async function approveCase(context: RegistryContext, caseId: string, note?: string): Promise<ServiceCase> {
	return decide(context, caseId, note, async (transaction, row, contract) => {
		// A person may not be both, and no program comes here. The admin token could make itself a second person: the log says that it was it.
		if (row.asked_by === context.actor && context.actor !== "admin")
			throw refusal("FORBIDDEN", "Nobody approves what they asked for themselves.", "Have another person look at it.");
		requireOpen(contract);
		const request = requestOf(row);
		switch (request.kind) {
			case "return":
				await closeContract(context, transaction, contract, "returned", request.reference, context.actor);
				return { state: "done" };
			case "exchange":
				await exchange(context, transaction, contract, request);
				return { state: "done" };
			case "rebind":
				return { state: "approved", binding_sha256: await orderRebind(context, transaction, contract, request) };
		}
	});
}

/** Refuses a case, or, by whoever asked, takes it back. @throws {Refusal} NOT_FOUND, CONFLICT. */
export async function refuseCase(context: RegistryContext, caseId: string, note?: string): Promise<ServiceCase> {
	return decide(context, caseId, note, async () => ({ state: "refused" }));
}

type Decision = Partial<Pick<CaseRow, "binding_sha256">> & { readonly state: ServiceCaseState };

async function decide(
	context: RegistryContext,
	caseId: string,
	note: string | undefined,
	act: (transaction: Transaction<Tables>, row: CaseRow, contract: ContractRow) => Promise<Decision>,
): Promise<ServiceCase> {
	return inTransaction(context, async (transaction) => {
		const found = await caseById(transaction, caseId);
		if (!found) throw unknownCase();
		const contract = await lockContract(transaction, found.contract_id);
		await expireOld(context, transaction, found.contract_id);
		const row = (await caseById(transaction, caseId)) ?? found; // as it is now that nobody else changes it
		if (row.state !== "asked")
			throw refusal("CONFLICT", `This was decided already, or is too old (${row.state}).`, "Ask for it again.", {
				state: row.state,
			});
		const decision = await act(transaction, row, contract);
		const decided = await transaction
			.updateTable("service_cases")
			.set({ ...decision, decided_by: context.actor, decided_at: nowSeconds(context), note: note ?? null })
			.where("case_id", "=", caseId)
			.returningAll()
			.executeTakeFirstOrThrow();
		await noteCase(context, transaction, decided, decided.state === "refused" ? "refused" : "approved");
		return caseJson(decided);
	});
}

const OF_CONTRACT = pagedList("service-cases-of-contract", ["number", "string"]);

/** Cases of a contract, the latest first, a page at a time. @throws {Refusal} CONTRACT_UNKNOWN. */
export async function casesOf({ database }: RegistryContext, contractId: string, query: PageQuery): Promise<ServiceCaseList> {
	const { kysely } = database;
	const contract = await kysely
		.selectFrom("contracts")
		.select("contract_id")
		.where("contract_id", "=", contractId)
		.executeTakeFirst();
	if (!contract) throw unknownContract();
	const { rows, end } = await OF_CONTRACT.read(
		query,
		(before, count) =>
			kysely
				.selectFrom("service_cases")
				.selectAll()
				.where("contract_id", "=", contractId)
				.$if(before !== undefined, (list) =>
					list.where(sql<boolean>`(asked_at, case_id) < (${before?.[0]}::bigint, ${before?.[1]})`),
				)
				.orderBy("asked_at", "desc")
				.orderBy("case_id", "desc")
				.limit(count)
				.execute(),
		placeOf,
	);
	return { cases: rows.map(caseJson), ...end };
}

const WAITING = pagedList("service-cases", ["number", "string"]);

/** Cases that wait for somebody to decide, the oldest first, a page at a time. */
export async function waitingCases(context: RegistryContext, query: PageQuery): Promise<ServiceCaseList> {
	const { rows, end } = await WAITING.read(
		query,
		([askedAt, caseId] = [0, ""], count) =>
			context.database.kysely
				.selectFrom("service_cases")
				.selectAll()
				.where("state", "=", "asked")
				.where("asked_at", ">", nowSeconds(context) - CASE_SECONDS)
				.where(sql<boolean>`(asked_at, case_id) > (${askedAt}::bigint, ${caseId})`)
				.orderBy("asked_at")
				.orderBy("case_id")
				.limit(count)
				.execute(),
		placeOf,
	);
	return { cases: rows.map(caseJson), ...end };
}

function placeOf({ asked_at, case_id }: CaseRow): [number, string] {
	return [asked_at, case_id];
}

async function expireOld(context: RegistryContext, transaction: Transaction<Tables>, contractId: string): Promise<void> {
	const open = await openCase(transaction, contractId);
	if (!open || (open.decided_at ?? open.asked_at) > nowSeconds(context) - CASE_SECONDS) return;
	if (open.state === "approved") await abandonRebind(transaction, open);
	await transaction.updateTable("service_cases").set({ state: "expired" }).where("case_id", "=", open.case_id).execute();
	await noteCase(context, transaction, open, "expired");
}

async function openCase(transaction: Transaction<Tables>, contractId: string): Promise<CaseRow | undefined> {
	return transaction
		.selectFrom("service_cases")
		.selectAll()
		.where("contract_id", "=", contractId)
		.where("state", "in", ["asked", "approved"])
		.executeTakeFirst();
}

async function caseById(transaction: Transaction<Tables>, caseId: string): Promise<CaseRow | undefined> {
	return transaction.selectFrom("service_cases").selectAll().where("case_id", "=", caseId).executeTakeFirst();
}

async function noteCase(context: RegistryContext, transaction: Transaction<Tables>, row: CaseRow, what: string): Promise<void> {
	const request = requestOf(row);
	await appendAudit(transaction, {
		subject: row.contract_id,
		at: nowSeconds(context),
		actor: context.actor,
		action: `service.${row.kind}_${what}`,
		details: {
			caseId: row.case_id,
			askedBy: row.asked_by,
			reason: request.reason,
			...(request.kind === "return" ? { imeiTail: request.imeiTail } : { newImeiTail: request.handset.imei1.slice(-4) }),
			...(row.note === null ? {} : { note: row.note }),
		},
	});
}

function unknownCase(): Refusal {
	return refusal("NOT_FOUND", "There is no such case.", "See GET /v1/service-cases.");
}
