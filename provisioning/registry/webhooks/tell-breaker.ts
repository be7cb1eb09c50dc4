import { Refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { lockSubject, putEvent } from "./put-event.ts";

const HOUR = 3600;

/**
 * Passes on what becomes of an order, and tells when the breaker stopped it: in a transaction of its own, because the order's is undone.
 * Once an hour, however many orders are stopped.
 */
export async function telling<Value>(context: RegistryContext, work: Promise<Value>): Promise<Value> {
	try {
		return await work;
	} catch (error) {
		if (error instanceof Refusal && isBreaker(error)) await tellBreaker(context).catch(() => {}); // the order's own answer counts
		throw error;
	}
}

/** The refusal itself, or that somebody was asked to agree. */
function isBreaker({ code, text }: Refusal): boolean {
	return code === "FLEET_BREAKER" || (code === "APPROVAL_REQUIRED" && text.details?.["hourAllowed"] !== undefined);
}

async function tellBreaker(context: RegistryContext): Promise<void> {
	const at = nowSeconds(context);
	await inTransaction(context, async (transaction) => {
		await lockSubject(transaction, "registry/fleet");
		await putEvent(transaction, {
			subject: "registry/fleet",
			type: "fleet.breaker_tripped",
			at,
			data: {},
			once: `breaker/${Math.floor(at / HOUR)}`,
		});
	});
}
