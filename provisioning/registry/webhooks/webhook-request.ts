/** Endpoints that are told of events: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { closed, Seconds, Text } from "../api-types.ts";
import { PageEnd, PageQuery } from "../page-request.ts";
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from "./webhook-event.ts";

/** How long the secret before the last rotation still signs, in hours. */
export const SECRET_OVERLAP_HOURS = { usual: 24, most: 168 } as const;
/** Events that one request puts in the queue again. */
export const MOST_REPLAYED = 5000;

export const WebhookId = Type.String({ pattern: "^[0-9a-f]{20}$", description: "The endpoint." });
const EventId = Type.String({ pattern: "^evt_[A-Za-z0-9_-]{20}$", description: "The event, as in webhook-id." });
const EventType = Type.Unsafe<WebhookEventType>(Type.Union(WEBHOOK_EVENT_TYPES.map((type) => Type.Literal(type))));

export const WebhookRequest = Type.Object(
	{
		url: Type.String({ minLength: 1, maxLength: 500, description: "An https address that the Internet reaches." }),
		name: Text("What it is, as colleagues know it.", 80),
		eventTypes: Type.Optional(
			Type.Array(EventType, { maxItems: 50, uniqueItems: true, description: "Only these. Default: all, also those to come." }),
		),
	},
	{ ...closed, title: "WebhookRequest", examples: [{ url: "https://loans.example/hooks/holdfast", name: "loan system" }] },
);
export type WebhookRequest = Static<typeof WebhookRequest>;

export const Webhook = Type.Object(
	{
		endpointId: WebhookId,
		url: Type.String(),
		name: Type.String(),
		eventTypes: Type.Array(Type.String(), { description: "Empty: all." }),
		state: Type.Union([Type.Literal("enabled"), Type.Literal("disabled")]),
		disabledBecause: Type.Optional(
			Type.Union([Type.Literal("asked"), Type.Literal("gone"), Type.Literal("failing")], {
				description: "gone: it answered 410. failing: it took nothing for five days.",
			}),
		),
		disabledAtUnixSeconds: Type.Optional(Seconds("Since then nothing is sent.")),
		failingSinceUnixSeconds: Type.Optional(Seconds("First failure after the last delivery.")),
		lastDeliveredAtUnixSeconds: Type.Optional(Seconds("To the minute.")),
		waiting: Type.Integer({ description: "Events that it is owed; counted to 10,000." }),
		createdBy: Type.String({ description: "As the audit log names them." }),
		createdAtUnixSeconds: Seconds("When it was entered."),
	},
	{ title: "Webhook" },
);
export type Webhook = Static<typeof Webhook>;

export const WebhookList = Type.Object({ webhooks: Type.Array(Webhook), ...PageEnd.properties }, { title: "WebhookList" });
export type WebhookList = Static<typeof WebhookList>;

export const WebhookSecretOnce = Type.Object(
	{
		webhook: Webhook,
		secret: Type.String({ pattern: "^whsec_[A-Za-z0-9+/]{43}=$", description: "Shown only now: the registry keeps it sealed." }),
	},
	{ title: "WebhookSecretOnce" },
);
export type WebhookSecretOnce = Static<typeof WebhookSecretOnce>;

export const WebhookRotation = Type.Object(
	{
		overlapHours: Type.Optional(
			Type.Integer({
				minimum: 0,
				maximum: SECRET_OVERLAP_HOURS.most,
				description: `So long messages are signed with the secret before as well. Default: ${SECRET_OVERLAP_HOURS.usual}; 0 if it was stolen.`,
			}),
		),
	},
	{ ...closed, title: "WebhookRotation" },
);
export type WebhookRotation = Static<typeof WebhookRotation>;

export const WebhookReplay = Type.Union(
	[
		Type.Object({ eventId: EventId }, closed),
		Type.Object(
			{
				sinceUnixSeconds: Seconds("Events from then on."),
				untilUnixSeconds: Type.Optional(Seconds("Events before. Default: until now.")),
				onlyUndelivered: Type.Optional(Type.Boolean({ description: "Leave out what it took before. Default: true." })),
				afterSequence: Type.Optional(Type.Integer({ minimum: 0, description: "Go on where the answer before ended." })),
			},
			closed,
		),
	],
	{ title: "WebhookReplay", description: "One event, or all of a time that the endpoint asks for by its event types." },
);
export type WebhookReplay = Static<typeof WebhookReplay>;

export const WebhookReplayed = Type.Object(
	{
		queued: Type.Integer({ description: "Events that will be sent again, under their own ids." }),
		nextAfterSequence: Type.Optional(Type.Integer({ description: "There may be more: ask again with it as afterSequence." })),
	},
	{ title: "WebhookReplayed" },
);
export type WebhookReplayed = Static<typeof WebhookReplayed>;

const DeliveryState = Type.Union([Type.Literal("waiting"), Type.Literal("delivered"), Type.Literal("given_up")]);

export const WebhookDelivery = Type.Object(
	{
		eventId: Type.String(),
		type: Type.String(),
		sequence: Type.Integer(),
		atUnixSeconds: Seconds("When it happened."),
		contractId: Type.Optional(Type.String()),
		state: DeliveryState,
		attempts: Type.Integer(),
		nextAttemptAtUnixSeconds: Type.Optional(Seconds("Not before.")),
		settledAtUnixSeconds: Type.Optional(Seconds("When it was taken, or given up.")),
		lastStatus: Type.Optional(Type.Integer({ description: "HTTP status of the last attempt." })),
		lastWhy: Type.Optional(Type.String({ description: "Why the last attempt got no answer." })),
	},
	{ title: "WebhookDelivery" },
);
export type WebhookDelivery = Static<typeof WebhookDelivery>;

export const WebhookDeliveryList = Type.Object(
	{ deliveries: Type.Array(WebhookDelivery), ...PageEnd.properties },
	{ title: "WebhookDeliveryList" },
);
export type WebhookDeliveryList = Static<typeof WebhookDeliveryList>;

export const WebhookDeliveryQuery = Type.Object(
	{
		state: Type.Optional(DeliveryState),
		...PageQuery.properties,
	},
	closed,
);
export type WebhookDeliveryQuery = Static<typeof WebhookDeliveryQuery>;

export const WebhookAttempt = Type.Object({
	atUnixSeconds: Seconds("When."),
	durationMs: Type.Integer(),
	status: Type.Optional(Type.Integer()),
	why: Type.Optional(Type.String()),
	answer: Type.Optional(Type.String({ description: "How the answer began, at most 200 printable characters." })),
});
export type WebhookAttempt = Static<typeof WebhookAttempt>;

export const WebhookAttemptList = Type.Object(
	{ attempts: Type.Array(WebhookAttempt), ...PageEnd.properties },
	{ title: "WebhookAttemptList" },
);
export type WebhookAttemptList = Static<typeof WebhookAttemptList>;

export const WebhookParams = Type.Object({ id: WebhookId });
export const WebhookEventParams = Type.Object({ id: WebhookId, eventId: EventId });
