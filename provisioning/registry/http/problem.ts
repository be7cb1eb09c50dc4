import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";

import type { Problem } from "../api.ts";
import { isDatabaseDown } from "../database/connection-errors.ts";
import { Refusal, type RefusalCode, type RefusalText, refusal } from "../refusal.ts";
import { networkOf } from "./network-of.ts";

/** RFC 9457. The type is a name, not an address: nobody has to serve it for ever. */
export function problemOf({ code, status, text }: { code: RefusalCode; status: number; text: RefusalText }): Problem {
	return {
		type: `urn:holdfast:problem:${code.toLowerCase().replaceAll("_", "-")}`,
		title: code.replaceAll("_", " ").toLowerCase(),
		status,
		code,
		detail: text.detail,
		next: text.next,
		...(text.details === undefined ? {} : { details: { ...text.details } }),
	};
}

/** Refusals that an attack would leave behind: no entry, no right, another site's page, another shape, too often. */
const WORTH_WATCHING: readonly RefusalCode[] = [
	...(["UNAUTHORIZED", "FORBIDDEN", "SIGN_IN_REFUSED", "INVITATION_VOID", "WRONG_HOST", "WRONG_ORIGIN"] as const),
	...(["CHECK_IN_REFUSED", "CHECK_IN_REPLAYED", "BAD_REQUEST", "TOO_LARGE", "RATE_LIMITED"] as const),
];

/** The route, never the address: an IMEI may stand in it. */
function whoAndWhere({ caller, ip, method, routeOptions }: FastifyRequest) {
	return { actor: caller?.actor ?? null, from: networkOf(ip), method, route: routeOptions.url };
}

function whoOf({ caller, ip }: FastifyRequest): string {
	return caller?.actor ?? networkOf(ip);
}

/** When to ask again while the database moves from one machine to another: that takes about as long. */
const DATABASE_RETRY_SECONDS = "5";

/**
 * Answers any error as a problem. What is our own fault is logged in full and told in one sentence.
 *
 * @param mayWarn of somebody who asks too often: a line for each time would fill the disk in their stead.
 * @returns the code that was told.
 */
export function answerError(
	error: FastifyError,
	request: FastifyRequest,
	reply: FastifyReply,
	mayWarn: (who: string) => boolean = () => true,
): RefusalCode {
	const known = asRefusal(error);
	if (known.text.isUsual) request.log.info({ code: known.code }, "request refused");
	else if (known.code === "UNAVAILABLE")
		request.log.error({ code: known.code, reason: error.message }, "something that is needed does not answer");
	else if (known.status >= 500) request.log.error({ err: error, code: known.code }, "request failed");
	else if (WORTH_WATCHING.includes(known.code) && (known.code !== "RATE_LIMITED" || mayWarn(whoOf(request))))
		request.log.warn({ code: known.code, ...whoAndWhere(request) }, "request refused");
	else request.log.info({ code: known.code }, "request refused");
	const { retryAfterSeconds } = known.text.details ?? {};
	if (known.code === "RATE_LIMITED") reply.header("retry-after", retryAfterSeconds ?? "60");
	else if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
	if (known.code === "UNAUTHORIZED") reply.header("www-authenticate", "Bearer");
	void sendProblem(reply, known);
	return known.code;
}

export function sendProblem(reply: FastifyReply, known: Refusal): FastifyReply {
	// Written here, because the reply's own serializer follows the route's schema.
	return reply.code(known.status).type("application/problem+json").serializer(JSON.stringify).send(problemOf(known));
}

function asRefusal(error: FastifyError): Refusal {
	if (error instanceof Refusal) return error;
	if (error.validation) return refusal("BAD_REQUEST", `The request has another shape: ${error.message}.`, "See /openapi.json.");
	switch (error.statusCode) {
		case 400:
			return refusal("BAD_REQUEST", "The request cannot be read.", "See /openapi.json.");
		case 413:
			return refusal("TOO_LARGE", "The request is too large.", "Send less at once.");
		case 415:
			return refusal("UNSUPPORTED_MEDIA_TYPE", "The request's content type is not taken here.", "See /openapi.json.");
		default:
			return isDatabaseDown(error)
				? refusal("UNAVAILABLE", "The registry cannot reach its database.", "Try again in some seconds.", {
						retryAfterSeconds: DATABASE_RETRY_SECONDS,
					})
				: refusal("INTERNAL", "The registry made a mistake. Nothing was changed.", "Try again; if it stays, report it.");
	}
}
