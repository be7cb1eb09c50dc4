/** What other systems are told: event types and their data, as JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, type TObject, Type } from "typebox";

import { ContractId, closed, Reference, Seconds } from "../api-types.ts";

const Certificate = Type.String({ description: "The payoff certificate." });
const Standing = Type.Union(
	(["unknown", "unbound", "unlocked", "grace", "locked_limited", "locked_full", "released"] as const).map((name) =>
		Type.Literal(name),
	),
	{ description: "As the phone reported it." },
);
const Action = Type.String({ description: "restrict, restore, notice, hold, service_window, extend, release ..." });
const Epoch = Type.Integer({ description: "Names the order together with its sequence." });
const OrderSequence = Type.Integer({ description: "Counts the phone's orders within an epoch." });
const contract = Type.Object({ contractId: ContractId }, closed);

/** One kind of event. Its data holds ids and states, and nothing else: no name, no IMEI, no amount, no words of anybody. */
interface EventKind {
	/** When it is sent, for whoever reads the docs. */
	readonly when: string;
	readonly data: TObject;
}

/** Every event there is. Only what its schema names ever leaves, whatever else is known of what happened. */
export const WEBHOOK_EVENTS = {
	"contract.created": { when: "A contract was entered.", data: contract },
	"contract.paid_off": {
		when: "Everything is paid, or the lender said so. The release order is on its way to the phone.",
		data: Type.Object({ contractId: ContractId, reference: Reference, certificateId: Certificate }, closed),
	},
	"contract.returned": {
		when: "The phone was given back, and the contract with it.",
		data: Type.Object({ contractId: ContractId, reference: Reference, certificateId: Certificate }, closed),
	},
	"payment.recorded": {
		when: "A payment was booked.",
		data: Type.Object(
			{ contractId: ContractId, reference: Reference, source: Type.String({ description: "manual, api, import or webhook." }) },
			closed,
		),
	},
	"phone.enrolled": { when: "A phone took the contract: its receipt was verified.", data: contract },
	"phone.rekeyed": { when: "The same phone took its contract again with another key, such as after a reset.", data: contract },
	"phone.sealed": { when: "The phone reported that debugging is off: the enrolment is complete.", data: contract },
	"phone.released": { when: "The phone reported that it is free.", data: contract },
	"phone.standing_changed": {
		when: "The phone reported another standing: unlocked, in grace, or locked.",
		data: Type.Object({ contractId: ContractId, before: Standing, after: Standing }, closed),
	},
	"order.issued": {
		when: "The lender's staff or systems issued an order.",
		data: Type.Object(
			{ contractId: ContractId, action: Action, reason: Type.String(), epoch: Epoch, sequence: OrderSequence },
			closed,
		),
	},
	"order.refused": {
		when: "The phone did not take an order: the borrower's floor forbade it, or it could not be accepted.",
		data: Type.Object(
			{
				contractId: ContractId,
				action: Action,
				epoch: Epoch,
				sequence: OrderSequence,
				result: Type.Union([Type.Literal("below_floor"), Type.Literal("refused")]),
				rule: Type.Optional(Type.String({ description: "Rule of the borrower's floor." })),
			},
			closed,
		),
	},
	"dispute.opened": { when: "The borrower disputes. Nothing is tightened meanwhile.", data: contract },
	"appeal.opened": { when: "Somebody says that the wrong phone is locked. Nothing is tightened meanwhile.", data: contract },
	"fleet.breaker_tripped": {
		when: "Too many phones were to be locked in too short a time. Told once an hour at most.",
		data: Type.Object({}, closed),
	},
	"keys.expiring": {
		when: "Signing keys of the registry end soon. Told 30, 14, 7, 3 and 1 days before.",
		data: Type.Object(
			{ role: Type.String(), keySetVersion: Type.Integer(), expiresAtUnixSeconds: Seconds("When they end.") },
			closed,
		),
	},
	"webhook.disabled": {
		when: "An endpoint gets nothing any more: it is gone, or took nothing for days. The other endpoints hear of it.",
		data: Type.Object({ endpointId: Type.String(), because: Type.String({ description: "asked, gone or failing." }) }, closed),
	},
	"webhook.test": { when: "Somebody asked for a test.", data: Type.Object({ endpointId: Type.String() }, closed) },
} as const satisfies Readonly<Record<string, EventKind>>;

export type WebhookEventType = keyof typeof WEBHOOK_EVENTS;

/** All names, in the order of the table. */
export const WEBHOOK_EVENT_TYPES = Object.keys(WEBHOOK_EVENTS).filter(isEventType);

export function isEventType(text: string): text is WebhookEventType {
	return Object.hasOwn(WEBHOOK_EVENTS, text);
}

/** The body of every delivery. */
export const WebhookMessage = Type.Object(
	{
		type: Type.String({ description: "Such as payment.recorded." }),
		timestamp: Type.String({ description: "When it happened, as in ISO 8601." }),
		sequence: Type.Integer({
			description: "Grows. Of two events of one contract, the one with the greater number happened later.",
		}),
		data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer()])),
	},
	{ title: "WebhookMessage" },
);
export type WebhookMessage = Static<typeof WebhookMessage>;
