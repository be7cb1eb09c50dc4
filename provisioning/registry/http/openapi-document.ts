import { type TSchema, Type } from "typebox";

import { PaymentEvent } from "../payments/payment-feed-request.ts";
import { Problem } from "../problem-details.ts";
import { WEBHOOK_EVENT_TYPES, WEBHOOK_EVENTS } from "../webhooks/webhook-event.ts";
import { EXAMPLES } from "./openapi-examples.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

const METHODS = ["get", "post", "patch", "delete"];
/** Bodies whose bytes are verified before anything is read of them: the routes themselves have no schema for them. */
const READ_AS_BYTES: Readonly<Record<string, Json>> = {
	checkIn: {
		required: true,
		content: { "application/x-protobuf": { schema: { type: "string", format: "binary", description: "CheckIn envelope." } } },
	},
	paymentWebhook: { required: true, content: { "application/json": { schema: plain(PaymentEvent) } } },
};
const PROBLEM_EXAMPLE: Problem = {
	type: "urn:holdfast:problem:contract-unknown",
	title: "contract unknown",
	status: 404,
	code: "CONTRACT_UNKNOWN",
	detail: "There is no such contract.",
	next: "Check the contract's number.",
};

/**
 * What `@fastify/swagger` made of the routes, as programs want it: schemas that have a name stand once, under it; whatever goes wrong is
 * `application/problem+json`; routes without a caller say so; examples; and what is sent to webhooks (OpenAPI 3.1 `webhooks`).
 */
export function finishedDocument(described: object): JsonObject {
	const document = objectOf(plain(described));
	const named = new Map<string, Json>();
	const paths = Object.fromEntries(
		Object.entries(objectOf(document["paths"])).map(([path, operations]) => [
			path,
			Object.fromEntries(
				Object.entries(objectOf(operations)).map(([method, operation]) => [
					method,
					METHODS.includes(method) ? finishedOperation(path, objectOf(operation), named) : operation,
				]),
			),
		]),
	);
	const problem = hoisted(plain(Problem), named);
	const webhooks = Object.fromEntries(WEBHOOK_EVENT_TYPES.map((type) => [type, webhookOf(type, named)]));
	const { components, ...rest } = document;
	return {
		...rest,
		servers: [{ url: "/" }],
		components: {
			...objectOf(components ?? {}),
			schemas: Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))),
			responses: {
				Problem: {
					description: "Refused, or failed. `code` is stable; `next` says what to do.",
					content: { "application/problem+json": { schema: problem, example: plain(PROBLEM_EXAMPLE) } },
				},
			},
		},
		paths,
		webhooks,
	};
}

function finishedOperation(path: string, operation: JsonObject, named: Map<string, Json>): JsonObject {
	const { operationId, summary = "", security = [], responses, ...rest } = operation;
	const requestBody = operation["requestBody"] ?? READ_AS_BYTES[String(operationId)];
	const example = EXAMPLES[String(operationId)];
	return {
		...objectOf(hoisted(withoutBody(rest), named)),
		operationId: operationId ?? "",
		summary,
		tags: [/^\/(?:v1\/)?([a-z-]+)/.exec(path)?.[1] ?? "other"],
		security,
		...(requestBody === undefined ? {} : { requestBody: withExample(hoisted(requestBody, named), example?.body) }),
		responses: Object.fromEntries(
			Object.entries(objectOf(responses)).map(([status, response]) => [
				status,
				status === "default"
					? { $ref: "#/components/responses/Problem" }
					: { ...objectOf(withExample(hoisted(response, named), example?.answer)), description: summary },
			]),
		),
	};
}

function withoutBody({ requestBody: _, ...rest }: JsonObject): JsonObject {
	return rest;
}

/** One example for each content type that there is. */
function withExample(part: Json, example: unknown): Json {
	if (example === undefined) return part;
	const { content = {}, ...rest } = objectOf(part);
	return {
		...rest,
		content: Object.fromEntries(
			Object.entries(objectOf(content)).map(([type, media]) => [type, { ...objectOf(media), example: plain(example) }]),
		),
	};
}

/** Puts every schema that has a title under it, and a reference in its place. Two of one title that differ stay where they are. */
function hoisted(value: Json, named: Map<string, Json>): Json {
	if (Array.isArray(value)) return value.map((each: Json) => hoisted(each, named));
	if (typeof value !== "object" || value === null) return value;
	const inner = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, hoisted(each, named)]));
	const title = inner["title"];
	if (typeof title !== "string" || !/^[A-Z][A-Za-z]+$/.test(title)) return inner;
	const known = named.get(title);
	if (known !== undefined && JSON.stringify(known) !== JSON.stringify(inner)) return inner;
	named.set(title, inner);
	return { $ref: `#/components/schemas/${title}` };
}

function webhookOf(type: (typeof WEBHOOK_EVENT_TYPES)[number], named: Map<string, Json>): JsonObject {
	const { when, data } = WEBHOOK_EVENTS[type];
	const schema: TSchema = Type.Object({
		type: Type.Literal(type),
		timestamp: Type.String({ format: "date-time", description: "When it happened." }),
		sequence: Type.Integer({ description: "Grows. Of two events of one contract, the greater happened later." }),
		data,
	});
	const header = (name: string, description: string) => ({
		...{ in: "header", name, required: true, description },
		schema: { type: "string" },
	});
	return {
		post: {
			operationId: `on.${type}`,
			summary: when,
			tags: ["webhooks"],
			security: [],
			parameters: [
				header("webhook-id", "Of the event: the same at every attempt."),
				header("webhook-timestamp", "Of this attempt, seconds since 1970-01-01T00:00:00Z."),
				header("webhook-signature", "v1, and the base64 of HMAC-SHA-256 over id.timestamp.body; several with a blank between."),
			],
			requestBody: { required: true, content: { "application/json": { schema: hoisted(plain(schema), named) } } },
			responses: {
				"2XX": { description: "Taken." },
				"410": { description: "Nothing more is to be sent here." },
				default: { description: "Not taken: it is sent again." },
			},
		},
	};
}

function objectOf(value: Json | undefined): JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

/** As JSON, without what TypeBox keeps beside it. */
function plain(value: unknown): Json {
	return JSON.parse(JSON.stringify(value));
}
