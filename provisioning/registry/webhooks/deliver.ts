import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { quietPause, retryPause } from "./backoff.ts";
import { type ClaimedDelivery, claimDue, settle } from "./claim.ts";
import { disableEndpoint, endpointFailed, endpointTook } from "./endpoint-health.ts";
import type { PostPorts, PostResult } from "./post.ts";
import { post } from "./post.ts";
import { readSecrets } from "./secrets.ts";
import { signatureHeaders } from "./webhook-signature.ts";

/** Answers that say nothing about the message: the endpoint, or what stands before it, cannot take any now. */
const NOT_NOW = new Set([408, 425, 429, 502, 503, 504]);
const GONE = 410;

export interface DeliveryPorts extends PostPorts {
	/** 0 to 1. Default: `Math.random`. */
	readonly random?: () => number;
	/** Is told of an endpoint that gets nothing any more. */
	readonly onDisabled?: (endpointId: string, because: "gone" | "failing") => void;
	/** Is told of what went wrong on our side. */
	readonly onFailure?: (error: unknown) => void;
}

/** Attempts under way, by endpoint: none keeps another one waiting. */
export type UnderWay = Map<string, Promise<void>>;

/**
 * Starts to send what is due now.
 *
 * @param underWay what was started before and is not done: those endpoints are passed over. What is started now is entered here, until
 *   it is done. Its promises never reject: what could not be written down stays leased, and is tried again when the lease is over.
 * @returns how many attempts were started.
 */
export async function startDue(
	context: RegistryContext,
	ports: DeliveryPorts,
	signal: AbortSignal,
	underWay: UnderWay,
): Promise<number> {
	const claimed = await claimDue(context, [...underWay.keys()]);
	for (const endpointId of new Set(claimed.map(({ endpoint_id }) => endpoint_id))) {
		const batch = claimed.filter(({ endpoint_id }) => endpoint_id === endpointId);
		const tries = batch.map((each) => attempt(context, ports, each, signal).catch((error: unknown) => ports.onFailure?.(error)));
		underWay.set(
			endpointId,
			Promise.all(tries).then(() => {
				underWay.delete(endpointId);
			}),
		);
	}
	return claimed.length;
}

async function attempt(
	context: RegistryContext,
	ports: DeliveryPorts,
	claimed: ClaimedDelivery,
	signal: AbortSignal,
): Promise<void> {
	const { random = Math.random } = ports;
	const secrets = await readSecrets(context, context.database.kysely, claimed.endpoint_id);
	if (secrets.length === 0) throw new Error(`endpoint ${claimed.endpoint_id} has no secret: nothing is sent unsigned`);
	const message = { id: claimed.event_id, body: bodyOf(claimed) };
	const startedMs = performance.now();
	const headers = signatureHeaders(message, context.clock.nowMs(), secrets);
	const result = await post({ url: claimed.url, body: message.body, headers }, ports, signal);
	await keepAttempt(context, claimed, result, Math.round(performance.now() - startedMs));
	const now = nowSeconds(context);
	const { status } = result;
	if (signal.aborted && status === undefined) return settle(context, claimed, { state: "waiting", nextAt: now, spared: true });
	if (status !== undefined && status >= 200 && status < 300) {
		await settle(context, claimed, { state: "delivered" });
		return endpointTook(context, claimed.endpoint_id);
	}
	if (status === GONE) {
		await settle(context, claimed, { state: "waiting", nextAt: now, spared: true });
		return disableEndpoint(context, claimed.endpoint_id, "gone", ports.onDisabled);
	}
	const isOutage = status === undefined || NOT_NOW.has(status);
	const pause = retryPause(claimed.attempts, random());
	const asked = Math.min(result.retryAfterSeconds ?? 0, 24 * 3600);
	await settle(
		context,
		claimed,
		pause === undefined ? { state: "given_up" } : { state: "waiting", nextAt: now + Math.max(pause, asked) },
	);
	const quiet = isOutage ? (failures: number) => now + quietPause(failures, random(), asked) : undefined;
	await endpointFailed(context, claimed.endpoint_id, quiet, ports.onDisabled);
}

/** The same bytes each time: made of nothing but the event's row. */
export function bodyOf({ type, at, number, data }: Pick<ClaimedDelivery, "type" | "at" | "number" | "data">): string {
	return `{"type":${JSON.stringify(type)},"timestamp":"${new Date(at * 1000).toISOString()}","sequence":${number},"data":${data}}`;
}

async function keepAttempt(
	context: RegistryContext,
	{ subject, number, endpoint_id, lease }: ClaimedDelivery,
	{ status, why, answer }: PostResult,
	durationMs: number,
): Promise<void> {
	await context.database.kysely
		.insertInto("webhook_attempts")
		.values({
			subject,
			number,
			endpoint_id,
			at: nowSeconds(context),
			attempt: lease,
			duration_ms: durationMs,
			status: status ?? null,
			why: why ?? null,
			answer: answer ?? null,
		})
		.execute();
}
