import { createHash } from "node:crypto";

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";

import { canonicalJson } from "../access/canonical-json.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";

/** How long a key is remembered: longer than anybody goes on trying. */
export const IDEMPOTENCY_DAYS = 7;
/** A request that has taken so long was killed: no request may run longer. */
const UNDER_WAY_SECONDS = 60;
const MAX_KEPT_ANSWER = 256 * 1024;

/** What a route does with a request whose key it has answered before. */
export type RepeatMode =
	/** Gives the answer that it gave. */
	| "replay"
	/** Does it again: it is idempotent by its own ids, and its answer is not to be kept. */
	| "rerun"
	/** Refuses: it made something, and told a secret of it once. */
	| "once";

declare module "fastify" {
	interface FastifyContextConfig {
		/** Default: `once` where a passkey is asked for, and of one's own passkeys and sessions; else `replay`. */
		readonly repeat?: RepeatMode;
		/** Requests without a `requestId` get one that follows from their key: done again after a crash, they are done once. */
		readonly requestIdFromKey?: boolean;
	}
	interface FastifyRequest {
		/** The key that the request named, once its work began. */
		idempotencyKey: string | null;
	}
}

const Headers = Type.Object({
	"idempotency-key": Type.Optional(
		Type.String({
			pattern: '^(?:"[\\x21\\x23-\\x7e]{1,128}"|[\\x21\\x23-\\x7e]{1,128})$',
			description:
				"Chosen by the caller, such as a UUID. The same key with the same request gives the same answer and does nothing twice; with another request it is refused.",
		}),
	),
});

/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) for every POST of this plugin's routes: the same key with the same
 * request again gives the same answer, with another request 422, while the first is under way 409. A refusal is not kept: nothing was
 * done, and the same key may be tried again.
 *
 * After a kill in the middle, what is idempotent by its own ids is done again; of what is not, the caller hears that it is in doubt.
 */
export function honourIdempotencyKeys(app: FastifyInstance, context: RegistryContext): void {
	app.decorateRequest("idempotencyKey", null);
	app.addHook("onRoute", (route) => {
		if (route.method === "POST" && route.schema?.headers === undefined) route.schema = { ...route.schema, headers: Headers };
	});
	app.addHook("preHandler", async (request, reply) => {
		const key = keyOf(request);
		if (key === undefined || request.caller === null) return;
		const stored = await begin(context, request, key);
		if (stored !== undefined)
			return reply
				.code(stored.status)
				.header("idempotency-replayed", "true")
				.type("application/json")
				.serializer(asItIs)
				.send(stored.answer);
		request.idempotencyKey = key;
		if (request.routeOptions.config.requestIdFromKey) nameRequest(request, key);
	});
	app.addHook("onSend", async (request, reply, payload) => {
		if (request.idempotencyKey !== null) await end(context, request, reply, request.idempotencyKey, payload);
		return payload;
	});
}

/** The draft's own form is a string in quotes; most programs send it without. */
function keyOf({ method, headers }: FastifyRequest): string | undefined {
	const header = headers["idempotency-key"];
	return method === "POST" && typeof header === "string" ? header.replace(/^"|"$/g, "") : undefined;
}

function modeOf({ routeOptions: { config } }: FastifyRequest): RepeatMode {
	return config.repeat ?? (config.stepUp || config.isPersonal ? "once" : "replay");
}

/** @returns the answer that the same request was given, if it is kept; `undefined`: do it. */
async function begin(
	context: RegistryContext,
	request: FastifyRequest,
	key: string,
): Promise<{ status: number; answer: string } | undefined> {
	const { kysely } = context.database;
	const actor = actorOf(request);
	const sha256 = requestSha256(request);
	const now = nowSeconds(context);
	const { numInsertedOrUpdatedRows: begun } = await kysely
		.insertInto("idempotency_keys")
		.values({ actor, key, request_sha256: sha256, started_at: now, status: null, answer: null })
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirst();
	if (begun === 1n) return undefined;
	const known = await kysely
		.selectFrom("idempotency_keys")
		.selectAll()
		.where("actor", "=", actor)
		.where("key", "=", key)
		.executeTakeFirst();
	if (!known) throw underWay(); // refused a moment ago
	if (!Buffer.from(known.request_sha256).equals(sha256))
		throw refusal("IDEMPOTENCY_KEY_REUSED", "This key was used for another request.", "Choose another key for each request.");
	const mode = modeOf(request);
	if (known.status !== null) {
		if (mode === "once")
			throw refusal(
				"CONFLICT",
				"This was done, and its secret was shown then.",
				"Look at the list. Where the secret was lost, rotate it.",
			);
		if (mode === "replay" && known.answer !== null) return { status: known.status, answer: known.answer };
		return undefined;
	}
	if (known.started_at > now - UNDER_WAY_SECONDS) throw underWay();
	if (mode === "once")
		throw refusal(
			"CONFLICT",
			"Whether this was done is not known: the registry was stopped in the middle.",
			"Look at the list, and use another key.",
		);
	const { numUpdatedRows: taken } = await kysely
		.updateTable("idempotency_keys")
		.set({ started_at: now })
		.where("actor", "=", actor)
		.where("key", "=", key)
		.where("status", "is", null)
		.where("started_at", "=", known.started_at)
		.executeTakeFirst();
	if (taken !== 1n) throw underWay();
	return undefined;
}

function underWay(): Refusal {
	return refusal("CONFLICT", "The same request is under way.", "Ask again in some seconds.", { retryAfterSeconds: "5" });
}

async function end(
	context: RegistryContext,
	request: FastifyRequest,
	{ statusCode }: FastifyReply,
	key: string,
	payload: unknown,
): Promise<void> {
	const { kysely } = context.database;
	const actor = actorOf(request);
	// What became of it is not known: whoever asks again finds out.
	if (statusCode >= 500) return;
	try {
		if (statusCode >= 400) {
			await kysely
				.deleteFrom("idempotency_keys")
				.where("actor", "=", actor)
				.where("key", "=", key)
				.where("status", "is", null)
				.execute();
			return;
		}
		const isKept = modeOf(request) === "replay" && typeof payload === "string" && payload.length <= MAX_KEPT_ANSWER;
		await kysely
			.updateTable("idempotency_keys")
			.set({ status: statusCode, answer: isKept ? payload : null })
			.where("actor", "=", actor)
			.where("key", "=", key)
			.execute();
	} catch (error) {
		// It was done, and is answered. Asked again, it counts as one that was killed in the middle.
		request.log.error({ err: error }, "an answer was not kept under its idempotency key");
	}
}

function actorOf({ caller }: FastifyRequest): string {
	return caller?.actor ?? "";
}

function requestSha256({ method, url, body }: FastifyRequest): Buffer {
	return createHash("sha256")
		.update(`${method} ${url}\n${body === undefined || body === null ? "" : canonicalJson(body)}`)
		.digest();
}

/** One id for each actor and key, as long as ids may be. */
function nameRequest(request: FastifyRequest, key: string): void {
	const { body } = request;
	if (typeof body !== "object" || body === null || "requestId" in body) return;
	const requestId = `key-${createHash("sha256")
		.update(`${actorOf(request)}\n${key}`)
		.digest("hex")
		.slice(0, 40)}`;
	request.body = { ...body, requestId };
}

function asItIs(text: unknown): string {
	return String(text);
}
