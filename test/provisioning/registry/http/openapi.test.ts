import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Validator } from "@seriousme/openapi-schema-validator";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { ProgramRequest } from "../../../../provisioning/registry/access/program-request.ts";
import { ContractRequest, OrderRequest, PaymentRequest, PayoffRequest } from "../../../../provisioning/registry/api.ts";
import { EXAMPLES } from "../../../../provisioning/registry/http/openapi-examples.ts";
import { PaymentEvent } from "../../../../provisioning/registry/payments/payment-feed-request.ts";
import { WEBHOOK_EVENT_TYPES } from "../../../../provisioning/registry/webhooks/webhook-event.ts";
import { WebhookReplay, WebhookReplayed, WebhookRequest } from "../../../../provisioning/registry/webhooks/webhook-request.ts";

interface Operation {
	readonly operationId: string;
	readonly summary: string;
	readonly tags: readonly string[];
	readonly security: readonly unknown[];
	readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: unknown }>> };
	readonly responses: Readonly<Record<string, unknown>>;
	readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

interface Document {
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
	readonly webhooks: Readonly<Record<string, unknown>>;
	readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

// Held to the routes by test/house/docs.test.ts.
const text = readFileSync(fileURLToPath(new URL("../../../../provisioning/registry/openapi.json", import.meta.url)), "utf8");
const document: Document = JSON.parse(text);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
	Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);

test("the document is valid OpenAPI 3.1, and every reference leads somewhere", async () => {
	const { valid, errors } = await new Validator().validate(JSON.parse(text));
	expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
	for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
		expect(document.components.schemas).toHaveProperty(name);
});

test("every operation has an id of its own, says what it does, whom it lets in, and what it answers when it refuses", () => {
	const ids = operations.map(({ operationId }) => operationId);
	expect(new Set(ids).size).toBe(ids.length);
	for (const { path, method, operationId, summary, tags, security, requestBody, responses, parameters = [] } of operations) {
		expect([operationId, summary.length > 5, tags.length, Array.isArray(security)]).toEqual([operationId, true, 1, true]);
		expect([operationId, responses["default"]]).toEqual([operationId, { $ref: "#/components/responses/Problem" }]);
		expect([operationId, Object.keys(responses).some((status) => /^[23]/.test(status))]).toEqual([operationId, true]);
		const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
		expect([operationId, named]).toEqual([operationId, parameters.filter((each) => each.in === "path").map(({ name }) => name)]);
		if (requestBody)
			expect([operationId, Object.values(requestBody.content).every(({ schema }) => schema)]).toEqual([operationId, true]);
		const isByToken = security.length > 0 && JSON.stringify(security).includes("programToken");
		const takesKey = parameters.some(({ name }) => name === "idempotency-key");
		expect([operationId, takesKey]).toEqual([operationId, isByToken && method === "post"]);
	}
});

test("every event that is sent to webhooks stands in it", () => {
	expect(Object.keys(document.webhooks)).toEqual(WEBHOOK_EVENT_TYPES);
});

test("its examples are what the registry takes and gives", () => {
	const schemas = {
		createContract: { body: ContractRequest },
		recordPayment: { body: PaymentRequest },
		issueOrder: { body: OrderRequest },
		payOff: { body: PayoffRequest },
		addProgram: { body: ProgramRequest },
		addWebhook: { body: WebhookRequest },
		replayWebhook: { body: WebhookReplay, answer: WebhookReplayed },
		paymentWebhook: { body: PaymentEvent },
	};
	expect(Object.keys(EXAMPLES)).toEqual(Object.keys(schemas));
	for (const [id, parts] of Object.entries(schemas)) {
		const { body, answer } = EXAMPLES[id] ?? {};
		expect([id, Value.Check(parts.body, body)]).toEqual([id, true]);
		expect([id, Value.Check("answer" in parts ? parts.answer : Type.Undefined(), answer)]).toEqual([id, true]);
		expect(operations.map(({ operationId }) => operationId)).toContain(id);
	}
});
