import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Check } from "typebox/value";
import { takePaymentEvent } from "../payments/payment-event.ts";
import { PaymentEvent, PaymentEventResult } from "../payments/payment-feed-request.ts";
import { refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { isSignedWebhook, type WebhookSecret } from "../webhooks/webhook-signature.ts";
import { described } from "./described.ts";

const MAX_EVENT_BYTES = 16 * 1024;

/** Payments from the lender's payment system. Whoever has the secret may book payments, and nothing else. */
export function paymentWebhookRoutes(context: RegistryContext, secrets: readonly WebhookSecret[]): FastifyPluginAsyncTypebox {
	const asFeed: RegistryContext = { ...context, actor: "payment-feed" };
	return async (app) => {
		// The bytes are signed, not their meaning: they are kept as they came.
		app.removeContentTypeParser("application/json");
		app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
		app.post(
			"/v1/payments/webhook",
			{
				bodyLimit: MAX_EVENT_BYTES,
				schema: described("paymentWebhook", "A payment, as the lender's payment system tells it", PaymentEventResult, {}),
			},
			async ({ headers, body }) => {
				if (!Buffer.isBuffer(body) || !isSignedWebhook(headers, body, nowSeconds(context), secrets))
					throw refusal(
						"UNAUTHORIZED",
						"The message is not signed with this registry's secret, or it is more than five minutes old.",
						"Sign it as Standard Webhooks 1.0 asks, with the secret that serve was given, and check both clocks.",
					);
				const event = parse(body);
				if (!Check(PaymentEvent, event))
					throw refusal("BAD_REQUEST", "This is no event that the registry knows.", "Send payment.received or feed.alive.");
				return takePaymentEvent(asFeed, event);
			},
		);
	};
}

function parse(body: Buffer): unknown {
	try {
		return JSON.parse(body.toString("utf8"));
	} catch {
		return undefined;
	}
}
