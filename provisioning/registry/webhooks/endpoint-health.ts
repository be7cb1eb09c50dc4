import { sql, type Transaction } from "kysely";

import { appendAudit } from "../audit-log.ts";
import type { Tables } from "../database/schema.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { lockSubject, putEvent } from "./put-event.ts";

/** An endpoint that took nothing for so long gets nothing any more until a person looks at it. */
export const FAILING_DAYS = 5;
const DAY = 24 * 3600;
/** How exactly `last_delivered_at` is kept, in seconds: not every delivery writes the endpoint's row. */
const ROUGHLY = 60;

/** It took something: it is well. */
export async function endpointTook(context: RegistryContext, endpointId: string): Promise<void> {
	const now = nowSeconds(context);
	await sql`UPDATE webhook_endpoints SET failing_since = NULL, failures = 0, quiet_until = 0, last_delivered_at = ${now}::bigint
		WHERE endpoint_id = ${endpointId}
			AND (failing_since IS NOT NULL OR failures > 0 OR last_delivered_at IS NULL OR last_delivered_at < ${now - ROUGHLY}::bigint)`.execute(
		context.database.kysely,
	);
}

/**
 * It did not take something.
 *
 * @param quietUntil when to try it again, from how often in a row it could take nothing; `undefined`: only this message was refused.
 */
export async function endpointFailed(
	context: RegistryContext,
	endpointId: string,
	quietUntil: ((failures: number) => number) | undefined,
	onDisabled?: (endpointId: string, because: "gone" | "failing") => void,
): Promise<void> {
	const now = nowSeconds(context);
	const since = await inTransaction(context, async (transaction) => {
		const row = await transaction
			.selectFrom("webhook_endpoints")
			.select(["failing_since", "failures"])
			.where("endpoint_id", "=", endpointId)
			.forUpdate()
			.executeTakeFirstOrThrow();
		const failures = row.failures + 1;
		await transaction
			.updateTable("webhook_endpoints")
			.set({
				failing_since: row.failing_since ?? now,
				...(quietUntil ? { failures, quiet_until: quietUntil(failures) } : {}),
			})
			.where("endpoint_id", "=", endpointId)
			.execute();
		return row.failing_since ?? now;
	});
	if (now - since >= FAILING_DAYS * DAY) await disableEndpoint(context, endpointId, "failing", onDisabled);
}

/** Nothing more is sent to it until somebody enables it; what it is owed stays owed. The other endpoints hear of it. */
export async function disableEndpoint(
	context: RegistryContext,
	endpointId: string,
	because: "gone" | "failing",
	onDisabled?: (endpointId: string, because: "gone" | "failing") => void,
): Promise<void> {
	const disabled = await inTransaction(context, (transaction) =>
		disableIn({ ...context, actor: "registry" }, transaction, endpointId, because),
	);
	if (disabled) onDisabled?.(endpointId, because);
}

/** @returns whether it was enabled before. */
export async function disableIn(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	endpointId: string,
	because: "asked" | "gone" | "failing",
): Promise<boolean> {
	const at = nowSeconds(context);
	const changed = await transaction
		.updateTable("webhook_endpoints")
		.set({ state: "disabled", disabled_because: because, disabled_at: at })
		.where("endpoint_id", "=", endpointId)
		.where("state", "=", "enabled")
		.returning("endpoint_id")
		.executeTakeFirst();
	if (!changed) return false;
	const subject = `webhook/${endpointId}`;
	await appendAudit(transaction, { subject, at, actor: context.actor, action: "webhook.disabled", details: { because } });
	await lockSubject(transaction, subject);
	await putEvent(transaction, { subject, type: "webhook.disabled", at, data: { endpointId, because }, notTo: endpointId });
	return true;
}
