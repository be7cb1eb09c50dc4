import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { PageQuery } from "../page-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import { listAttempts, listDeliveries } from "../webhooks/deliveries.ts";
import {
	addEndpoint,
	disableByHand,
	enableEndpoint,
	listEndpoints,
	rotateEndpoint,
	testEndpoint,
} from "../webhooks/endpoints.ts";
import { replay } from "../webhooks/replay.ts";
import {
	Webhook,
	WebhookAttemptList,
	WebhookDeliveryList,
	WebhookDeliveryQuery,
	WebhookEventParams,
	WebhookList,
	WebhookParams,
	WebhookReplay,
	WebhookReplayed,
	WebhookRequest,
	WebhookRotation,
	WebhookSecretOnce,
} from "../webhooks/webhook-request.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

const params = WebhookParams;
const body = Type.Object({}, { additionalProperties: false });

/**
 * Endpoints of other systems, which are told of what happens. Admin only; a person shows their passkey again for what decides where
 * events go and who can sign them. Auditors read.
 */
export function webhookRoutes(context: RegistryContext, allowLoopback: boolean): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.get(
			"/v1/webhooks",
			{
				config: { allow: ["auditor"] },
				schema: described("listWebhooks", "Endpoints that are told of events, a page at a time", WebhookList, {
					querystring: PageQuery,
				}),
			},
			async (request) => listEndpoints(asCaller(context, request), request.query),
		);
		app.post(
			"/v1/webhooks",
			{
				config: { allow: [], stepUp: true },
				schema: described("addWebhook", "Enter an endpoint; its secret is shown once", WebhookSecretOnce, {
					body: WebhookRequest,
				}),
			},
			async (request) => addEndpoint(asCaller(context, request), request.body, allowLoopback),
		);
		app.post(
			"/v1/webhooks/:id/rotate",
			{
				config: { allow: [], stepUp: true },
				schema: described("rotateWebhook", "Another secret; the one before signs as well for a while", WebhookSecretOnce, {
					params,
					body: WebhookRotation,
				}),
			},
			async (request) => rotateEndpoint(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/webhooks/:id/disable",
			{
				config: { allow: [], repeat: "rerun" },
				schema: described("disableWebhook", "Send an endpoint nothing more", Webhook, { params, body }),
			},
			async (request) => disableByHand(asCaller(context, request), request.params.id),
		);
		app.post(
			"/v1/webhooks/:id/enable",
			{
				config: { allow: [], stepUp: true, repeat: "rerun" },
				schema: described("enableWebhook", "Send an endpoint events again, first what it is owed", Webhook, { params, body }),
			},
			async (request) => enableEndpoint(asCaller(context, request), request.params.id),
		);
		app.post(
			"/v1/webhooks/:id/test",
			{ config: { allow: [] }, schema: described("testWebhook", "Send an endpoint a test event", Webhook, { params, body }) },
			async (request) => testEndpoint(asCaller(context, request), request.params.id),
		);
		app.post(
			"/v1/webhooks/:id/replay",
			{
				config: { allow: [] },
				schema: described("replayWebhook", "Send one event, or those of a time, again", WebhookReplayed, {
					params,
					body: WebhookReplay,
				}),
			},
			async (request) => replay(asCaller(context, request), request.params.id, request.body),
		);
		app.get(
			"/v1/webhooks/:id/deliveries",
			{
				config: { allow: ["auditor"] },
				schema: described(
					"listWebhookDeliveries",
					"What an endpoint was told or is owed, newest first, a page at a time",
					WebhookDeliveryList,
					{
						params,
						querystring: WebhookDeliveryQuery,
					},
				),
			},
			async (request) => listDeliveries(asCaller(context, request), request.params.id, request.query),
		);
		app.get(
			"/v1/webhooks/:id/deliveries/:eventId/attempts",
			{
				config: { allow: ["auditor"] },
				schema: described(
					"listWebhookAttempts",
					"Every attempt to tell an endpoint of one event, newest first, a page at a time",
					WebhookAttemptList,
					{
						params: WebhookEventParams,
						querystring: PageQuery,
					},
				),
			},
			async (request) => listAttempts(asCaller(context, request), request.params.id, request.params.eventId, request.query),
		);
	};
}
