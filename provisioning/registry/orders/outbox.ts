import { sql, type Transaction } from "kysely";

import { decodeCanonical } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import type { Reason } from "../api.ts";
import type { OrderRow, Tables } from "../database/schema.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { actionName, encodeOrder, expires, isAction, type OrderAction, signOrder } from "./order-signing.ts";

const DAY = 24 * 3600;
/** How long a phone may take to hear a tightening order before it is void. */
const TIGHTENING_LIFE_SECONDS = 14 * DAY;

const REASONS: Readonly<Record<Reason, wire.ReasonCode>> = {
	payment: wire.ReasonCode.REASON_CODE_PAYMENT,
	overdue: wire.ReasonCode.REASON_CODE_OVERDUE,
	lender_error: wire.ReasonCode.REASON_CODE_LENDER_ERROR,
	dispute: wire.ReasonCode.REASON_CODE_DISPUTE,
	promise_to_pay: wire.ReasonCode.REASON_CODE_PROMISE_TO_PAY,
	disaster: wire.ReasonCode.REASON_CODE_DISASTER,
	theft_reported: wire.ReasonCode.REASON_CODE_THEFT_REPORTED,
	fraud: wire.ReasonCode.REASON_CODE_FRAUD,
	paid_off: wire.ReasonCode.REASON_CODE_PAID_OFF,
	returned: wire.ReasonCode.REASON_CODE_RETURNED,
	service: wire.ReasonCode.REASON_CODE_SERVICE,
	goodwill: wire.ReasonCode.REASON_CODE_GOODWILL,
};

export interface IssuedOrder {
	readonly deviceId: string;
	readonly contractId: string;
	readonly action: OrderAction;
	readonly reason: Reason;
	readonly requestId?: string;
	/** It stands for one that the phone can no longer accept. */
	readonly reissued?: boolean;
}

/**
 * Highest sequence on the wire (uint32). A thief's order can take a phone there: then it obeys nothing more in this epoch, but takes
 * new keys from any order, and with them a new epoch. So orders go on being made, and come again under that epoch.
 */
const LAST_SEQUENCE = 0xffff_ffff;

/**
 * Signs an order and puts it in its device's outbox. The sequence comes from the device's own row, which stays locked until
 * the transaction ends: no two orders of a device can get the same one, and none is left out.
 */
export async function putOrder(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	order: IssuedOrder,
): Promise<OrderRow> {
	const { deviceId, contractId, action, reason } = order;
	const device = await transaction
		.updateTable("devices")
		.set({ last_sequence: sql`last_sequence + 1` })
		.where("device_id", "=", deviceId)
		.returning(["last_sequence", "order_epoch", "key_set_version"])
		.executeTakeFirstOrThrow();
	const now = nowSeconds(context);
	const name = actionName(action);
	const expiresAt = expires(name) ? now + TIGHTENING_LIFE_SECONDS : 0;
	const payload = encodeOrder(
		{
			deviceId,
			contractId,
			lenderId: context.keys.lenderId,
			epoch: device.order_epoch,
			sequence: Math.min(device.last_sequence, LAST_SEQUENCE),
			issuedAtUnixSeconds: now,
			expiresAtUnixSeconds: expiresAt,
			reason: REASONS[reason],
		},
		action,
	);
	return transaction
		.insertInto("orders")
		.values({
			device_id: deviceId,
			epoch: device.order_epoch,
			sequence: device.last_sequence,
			contract_id: contractId,
			action: name,
			reason,
			issued_at: now,
			expires_at: expiresAt,
			payload,
			envelope: await signOrder(context.keys, device.key_set_version, name, payload, now),
			key_set_version: device.key_set_version,
			state: "pending",
			reissued: order.reissued ?? false,
			request_id: order.requestId ?? null,
		})
		.returningAll()
		.executeTakeFirstOrThrow();
}

/** A phone can be told nothing more of these, such as after payoff. */
export async function supersedePending(
	transaction: Transaction<Tables>,
	deviceId: string,
	actions: readonly string[],
): Promise<void> {
	await transaction
		.updateTable("orders")
		.set({ state: "superseded" })
		.where("device_id", "=", deviceId)
		.where("state", "=", "pending")
		.where("action", "in", actions)
		.execute();
}

/**
 * The same order under the signature of another version of the key set: same bytes, same sequence. Nothing that a phone
 * has accepted becomes acceptable again by it.
 */
export async function signAgain(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	row: OrderRow,
	version: number,
): Promise<OrderRow> {
	if (row.key_set_version === version || !isAction(row.action)) return row;
	const envelope = await signOrder(context.keys, version, row.action, row.payload, nowSeconds(context));
	return transaction
		.updateTable("orders")
		.set({ envelope, key_set_version: version })
		.where("device_id", "=", row.device_id)
		.where("epoch", "=", row.epoch)
		.where("sequence", "=", row.sequence)
		.returningAll()
		.executeTakeFirstOrThrow();
}

/**
 * The same order under a new sequence, for a phone whose epoch or sequence went past the old one. `undefined` if its time is
 * over, or if it was issued again before: then the phone has had its chance.
 */
export async function issueAgain(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	row: OrderRow,
): Promise<OrderRow | undefined> {
	await transaction
		.updateTable("orders")
		.set({ state: "superseded" })
		.where("device_id", "=", row.device_id)
		.where("epoch", "=", row.epoch)
		.where("sequence", "=", row.sequence)
		.execute();
	if (row.reissued || (row.expires_at !== 0 && row.expires_at <= nowSeconds(context))) return undefined;
	const action = actionIn(row.payload);
	const reason = reasonIn(row.reason);
	if (!action || !reason) return undefined;
	return putOrder(context, transaction, { deviceId: row.device_id, contractId: row.contract_id, action, reason, reissued: true });
}

/** The action of an order that we signed ourselves. */
function actionIn(payload: Uint8Array): OrderAction | undefined {
	const order = decodeCanonical(wire.Order, payload);
	if (order.extend) return { extend: order.extend };
	if (order.restrict) return { restrict: order.restrict };
	if (order.restore) return { restore: order.restore };
	if (order.notice) return { notice: order.notice };
	if (order.hold) return { hold: order.hold };
	if (order.serviceWindow) return { serviceWindow: order.serviceWindow };
	if (order.rebind) return { rebind: order.rebind };
	if (order.newTerms) return { newTerms: order.newTerms };
	if (order.release) return { release: order.release };
	return undefined; // newKeys is made anew for the version that the phone is at
}

function reasonIn(text: string): Reason | undefined {
	return Object.keys(REASONS).find((reason): reason is Reason => reason === text);
}
