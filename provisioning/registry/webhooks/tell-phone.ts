import type { Transaction } from "kysely";

import type { OrderRow, Tables } from "../database/schema.ts";
import { STANDINGS } from "../enrollment/enrollment-status.ts";
import { lockSubject, putEvent } from "./put-event.ts";

/** Tells that a phone reported another standing. The caller holds its contract's row. */
export async function tellStanding(
	transaction: Transaction<Tables>,
	change: { readonly contractId: string; readonly at: number; readonly before: number; readonly after: number },
): Promise<void> {
	const { contractId, at } = change;
	const data = { contractId, before: STANDINGS[change.before] ?? "unknown", after: STANDINGS[change.after] ?? "unknown" };
	await lockSubject(transaction, contractId);
	await putEvent(transaction, { subject: contractId, type: "phone.standing_changed", at, data });
}

/** Tells that a phone did not take an order; one that it took is told of by what it changed. The caller holds its contract's row. */
export async function tellOutcome(
	transaction: Transaction<Tables>,
	outcome: {
		readonly contractId: string;
		readonly at: number;
		readonly order: Pick<OrderRow, "action" | "epoch" | "sequence" | "state" | "rule">;
	},
): Promise<void> {
	const { contractId, at, order } = outcome;
	if (order.state !== "refused" && order.state !== "below_floor") return;
	const { epoch, sequence, rule } = order;
	const action = order.action.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
	await lockSubject(transaction, contractId);
	await putEvent(transaction, {
		subject: contractId,
		type: "order.refused",
		at,
		data: { contractId, action, epoch, sequence, result: order.state, rule },
	});
}
