import { sql, type Transaction } from "kysely";

import { decodeCanonical, type Message } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { inTransactionOfTwo } from "../access/second-person.ts";
import type { Order, OrderList, OrderRequest } from "../api.ts";
import { appendAudit } from "../audit-log.ts";
import { toBase64 } from "../base64.ts";
import { wireLevel } from "../contracts/contract-terms.ts";
import { lockContract, requireOpen } from "../contracts/contracts.ts";
import { pagedList } from "../cursor.ts";
import type { Connection } from "../database/database.ts";
import type { ContractRow, OrderRow, Tables } from "../database/schema.ts";
import { type BreakerLimits, breakerLimits, passBreaker } from "../fleet/fleet-breaker.ts";
import type { PageQuery } from "../page-request.ts";
import { refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { openAppeal } from "../support/appeals.ts";
import { telling } from "../webhooks/tell-breaker.ts";
import type { OrderObjection } from "./order-check-request.ts";
import { objectionsToSending } from "./order-objections.ts";
import { actionName, type OrderAction } from "./order-signing.ts";
import { putOrder } from "./outbox.ts";

const NOTICE_KINDS = {
	due_soon: wire.NoticeKind.NOTICE_KIND_DUE_SOON,
	overdue: wire.NoticeKind.NOTICE_KIND_OVERDUE,
	lock_warning: wire.NoticeKind.NOTICE_KIND_LOCK_WARNING,
	offline_warning: wire.NoticeKind.NOTICE_KIND_OFFLINE_WARNING,
	information: wire.NoticeKind.NOTICE_KIND_INFORMATION,
} as const;

const HOLD_KINDS = {
	dispute: wire.HoldKind.HOLD_KIND_DISPUTE,
	promise_to_pay: wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY,
	disaster: wire.HoldKind.HOLD_KIND_DISASTER,
	clearing: wire.HoldKind.HOLD_KIND_CLEARING,
} as const;

/** Issues an order that the lender's staff asked for. Idempotent by request id. */
export async function issueOrder(context: RegistryContext, contractId: string, request: OrderRequest): Promise<Order> {
	const restricting = request.action === "restrict" ? await beforeRestricting(context) : undefined;
	const work = inTransactionOfTwo(context, async (transaction, agreement) => {
		const contract = await lockContract(transaction, contractId);
		const repeated =
			request.requestId === undefined
				? undefined
				: await transaction
						.selectFrom("orders")
						.selectAll()
						.where("device_id", "=", contract.device_id)
						.where("request_id", "=", request.requestId)
						.executeTakeFirst();
		const action = await actionOf(context, transaction, contract, request);
		if (repeated) {
			if (repeated.action === actionName(action) && repeated.reason === request.reason) return orderJson(repeated);
			throw refusal("CONFLICT", "This request id was used for another order.", "Choose another request id.");
		}
		if (request.action === "restrict" && restricting) {
			const appeal = await openAppeal(transaction, contractId, nowSeconds(context));
			const [objection] = objectionsToSending({ ...restricting, appealUntil: appeal?.open_until }, request);
			if (objection)
				throw refusal(
					"ORDER_REFUSED",
					objection.why,
					"Check the order again later: the check says what it waits for.",
					rulesOf(objection),
				);
			if (!agreement) await passBreaker(context, transaction, restricting.limits, contractId, request);
		}
		const row = await putOrder(context, transaction, {
			deviceId: contract.device_id,
			contractId,
			action,
			reason: request.reason,
			...(request.requestId === undefined ? {} : { requestId: request.requestId }),
		});
		await appendAudit(transaction, {
			subject: contractId,
			at: row.issued_at,
			actor: context.actor,
			action: "order.issued",
			details: {
				action: row.action,
				reason: row.reason,
				epoch: row.epoch,
				sequence: row.sequence,
				...("note" in request ? { note: request.note } : {}),
				...(agreement ? { approvedBy: agreement.approvedBy } : {}),
			},
		});
		return orderJson(row);
	});
	return telling(context, work);
}

/** What a restrict order waits for, read before its transaction begins. */
async function beforeRestricting(context: RegistryContext): Promise<{ limits: BreakerLimits; feedStale: boolean }> {
	const [limits, feedStale] = await Promise.all([breakerLimits(context), context.isPaymentFeedStale()]);
	return { limits, feedStale };
}

function rulesOf({ rule, untilUnixSeconds }: OrderObjection): Record<string, string> {
	return {
		...(rule === undefined ? {} : { rule }),
		...(untilUnixSeconds === undefined ? {} : { untilUnixSeconds: String(untilUnixSeconds) }),
	};
}

async function actionOf(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	contract: ContractRow,
	request: OrderRequest,
): Promise<OrderAction> {
	// A closed contract can only be served and set free.
	if (request.action !== "service_window" && request.action !== "restore") requireOpen(contract);
	const now = nowSeconds(context);
	switch (request.action) {
		case "restrict": {
			const level = wireLevel(request.level);
			const terms = await termsOf(transaction, contract);
			if (level > (terms.ladder?.maxLevel ?? 0)) {
				throw refusal("ORDER_REFUSED", "The terms do not allow that level.", "Ask for a lower level.");
			}
			// The phone would refuse it too; this keeps a wrong list from ever reaching it.
			if (request.reason === "overdue" && now <= contract.paid_until) {
				throw refusal(
					"ORDER_REFUSED",
					"Nothing is overdue on this contract.",
					"Check the contract: its payments are up to date.",
				);
			}
			return { restrict: { level } };
		}
		case "restore":
			return { restore: {} };
		case "notice":
			return { notice: { noticeId: request.noticeId, kind: NOTICE_KINDS[request.kind], texts: request.texts } };
		case "hold":
			if (request.untilUnixSeconds <= now)
				throw refusal("ORDER_REFUSED", "The hold would be over already.", "Give a later time.");
			return { hold: { kind: HOLD_KINDS[request.kind], untilUnixSeconds: request.untilUnixSeconds } };
		case "service_window": {
			const opensAtUnixSeconds = request.opensAtUnixSeconds ?? now;
			return { serviceWindow: { opensAtUnixSeconds, closesAtUnixSeconds: opensAtUnixSeconds + request.durationSeconds } };
		}
	}
}

async function termsOf(connection: Connection, contract: ContractRow): Promise<Message<wire.Terms.$Properties>> {
	const { terms } = await connection
		.selectFrom("terms")
		.select("terms")
		.where("contract_id", "=", contract.contract_id)
		.where("terms_sha256", "=", contract.terms_sha256)
		.executeTakeFirstOrThrow();
	return decodeCanonical(wire.Terms, terms);
}

const ORDERS = pagedList("orders", ["number", "number"]);

/** A contract's orders in sequence, a page at a time. Orders are only ever added at the end. */
export async function listOrders(context: RegistryContext, contractId: string, query: PageQuery): Promise<OrderList> {
	const { kysely } = context.database;
	const contract = await kysely
		.selectFrom("contracts")
		.select("device_id")
		.where("contract_id", "=", contractId)
		.executeTakeFirst();
	if (!contract) throw refusal("CONTRACT_UNKNOWN", "There is no such contract.", "Check the contract's number.");
	const { rows, end } = await ORDERS.read(
		query,
		([epoch, sequence] = [0, 0], count) =>
			kysely
				.selectFrom("orders")
				.selectAll()
				.where("device_id", "=", contract.device_id)
				.where(sql<boolean>`(epoch, sequence) > (${epoch}::bigint, ${sequence}::bigint)`)
				.orderBy("epoch")
				.orderBy("sequence")
				.limit(count)
				.execute(),
		({ epoch, sequence }) => [epoch, sequence],
	);
	return { orders: rows.map(orderJson), ...end };
}

/** The same, all of them: a borrower sees the whole of what was ordered. */
export async function allOrders(connection: Connection, deviceId: string): Promise<Order[]> {
	const rows = await connection
		.selectFrom("orders")
		.selectAll()
		.where("device_id", "=", deviceId)
		.orderBy("epoch")
		.orderBy("sequence")
		.execute();
	return rows.map(orderJson);
}

export function orderJson(row: OrderRow): Order {
	return {
		epoch: row.epoch,
		sequence: row.sequence,
		action: row.action.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
		reason: row.reason,
		issuedAtUnixSeconds: row.issued_at,
		...(row.expires_at === 0 ? {} : { expiresAtUnixSeconds: row.expires_at }),
		state: row.state,
		...(row.rule === null ? {} : { rule: row.rule }),
		envelope: toBase64(row.envelope),
	};
}
