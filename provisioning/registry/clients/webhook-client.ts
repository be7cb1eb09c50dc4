/**
 * Endpoints that are told of events, over HTTP. Exports `createWebhookClient(address): WebhookClient`. Shapes are those of
 * `webhooks/webhook-request.ts`. Runs in Node and browsers.
 */

import {
	Webhook,
	WebhookAttemptList,
	WebhookDeliveryList,
	type WebhookDeliveryQuery,
	WebhookList,
	type WebhookReplay,
	WebhookReplayed,
	type WebhookRequest,
	type WebhookRotation,
	WebhookSecretOnce,
} from "../webhooks/webhook-request.ts";
import { allRows } from "./all-pages.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** Every method has a deadline. @throws {FaultError} from every method. */
export interface WebhookClient {
	/** All of them, the enabled first. */
	list(): Promise<readonly Webhook[]>;
	/** Enters an endpoint. Its secret is told once. */
	add(request: WebhookRequest): Promise<WebhookSecretOnce>;
	/** Gives an endpoint another secret; messages are signed with the one before as well for a while. */
	rotate(endpointId: string, rotation: WebhookRotation): Promise<WebhookSecretOnce>;
	disable(endpointId: string): Promise<Webhook>;
	enable(endpointId: string): Promise<Webhook>;
	/** Sends a test event. */
	test(endpointId: string): Promise<Webhook>;
	/** Sends events again. One request queues a bounded number: see `nextAfterSequence`. */
	replay(endpointId: string, replay: WebhookReplay): Promise<WebhookReplayed>;
	/** The newest first, a page at a time. */
	deliveries(endpointId: string, query?: WebhookDeliveryQuery): Promise<WebhookDeliveryList>;
	/** Every attempt, the newest first. */
	attempts(endpointId: string, eventId: string): Promise<WebhookAttemptList["attempts"]>;
}

export function createWebhookClient(address: RegistryAddress): WebhookClient {
	const reader = createRegistryCaller(address);
	// Each would make something anew: what got no answer is not sent again by itself.
	const writer = createRegistryCaller({ ...address, attempts: 1 });
	const path = (endpointId: string, rest: string) => `/v1/webhooks/${encodeURIComponent(endpointId)}${rest}`;
	return {
		list: () =>
			allRows(
				(query) => reader.json({ method: "GET", path: `/v1/webhooks?${query}`, answer: WebhookList }),
				({ webhooks }) => webhooks,
			),
		add: (request) => writer.json({ method: "POST", path: "/v1/webhooks", json: request, answer: WebhookSecretOnce }),
		rotate: (id, rotation) =>
			writer.json({ method: "POST", path: path(id, "/rotate"), json: rotation, answer: WebhookSecretOnce }),
		disable: (id) => reader.json({ method: "POST", path: path(id, "/disable"), json: {}, answer: Webhook }),
		enable: (id) => reader.json({ method: "POST", path: path(id, "/enable"), json: {}, answer: Webhook }),
		test: (id) => writer.json({ method: "POST", path: path(id, "/test"), json: {}, answer: Webhook }),
		replay: (id, request) => writer.json({ method: "POST", path: path(id, "/replay"), json: request, answer: WebhookReplayed }),
		deliveries(id, { state, limit, cursor } = {}) {
			const query = new URLSearchParams();
			if (state !== undefined) query.set("state", state);
			if (limit !== undefined) query.set("limit", String(limit));
			if (cursor !== undefined) query.set("cursor", cursor);
			return reader.json({ method: "GET", path: path(id, `/deliveries?${query}`), answer: WebhookDeliveryList });
		},
		attempts: (id, eventId) =>
			allRows(
				(query) =>
					reader.json({
						method: "GET",
						path: path(id, `/deliveries/${encodeURIComponent(eventId)}/attempts?${query}`),
						answer: WebhookAttemptList,
					}),
				({ attempts }) => attempts,
			),
	};
}
