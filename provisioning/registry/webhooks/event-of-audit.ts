import type { AuditEntry } from "../audit-log.ts";
import type { WebhookEventType } from "./webhook-event.ts";

/** Entries of the audit log that other systems are told of. What is told of a contract is told by what is written down of it. */
const TOLD: Readonly<Record<string, WebhookEventType>> = {
	"contract.created": "contract.created",
	"contract.paid_off": "contract.paid_off",
	"contract.returned": "contract.returned",
	"payment.recorded": "payment.recorded",
	"enrollment.confirmed": "phone.enrolled",
	"enrollment.rekeyed": "phone.rekeyed",
	"enrollment.sealed": "phone.sealed",
	"enrollment.released": "phone.released",
	"order.issued": "order.issued",
	"dispute.opened": "dispute.opened",
	"appeal.opened": "appeal.opened",
};

/** The event that an audit entry of a contract is; `undefined` for most. */
export function eventTypeOf({ action }: Pick<AuditEntry, "action">): WebhookEventType | undefined {
	return Object.hasOwn(TOLD, action) ? TOLD[action] : undefined;
}
