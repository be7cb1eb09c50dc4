import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";

/** Why the server does not do what a request asks. Codes are stable; a new one is added, never changed. */
export type ProblemCode =
	| "BAD_REQUEST"
	| "BAD_COMMAND"
	| "KEY_MISSING"
	| "KEY_REUSED"
	| "NOT_FOUND"
	| "ENTRY_REQUIRED"
	| "ENTRY_USED"
	| "WRONG_HOST"
	| "WRONG_ORIGIN"
	| "TOO_LARGE"
	| "TOO_MANY"
	| "UNSUPPORTED_MEDIA_TYPE"
	| "STATION_SLOW"
	| "PAGE_MISSING"
	| "INTERNAL";

const STATUS: Readonly<Record<ProblemCode, number>> = {
	BAD_REQUEST: 400,
	BAD_COMMAND: 400,
	KEY_MISSING: 400,
	KEY_REUSED: 422,
	NOT_FOUND: 404,
	ENTRY_REQUIRED: 401,
	ENTRY_USED: 403,
	WRONG_HOST: 421,
	WRONG_ORIGIN: 403,
	TOO_LARGE: 413,
	TOO_MANY: 503,
	UNSUPPORTED_MEDIA_TYPE: 415,
	STATION_SLOW: 504,
	PAGE_MISSING: 503,
	INTERNAL: 500,
};

/** A request that is not answered as asked. `detail` says what happened, `next` what to do; neither repeats what was sent. */
export class ServerRefusal extends Error {
	override readonly name = "ServerRefusal";
	readonly statusCode: number;

	constructor(
		readonly code: ProblemCode,
		readonly detail: string,
		readonly next: string,
	) {
		super(`${code}: ${detail}`);
		this.statusCode = STATUS[code];
	}
}

/** RFC 9457 problem details. */
export function sendProblem(reply: FastifyReply, { code, statusCode, detail, next }: ServerRefusal): FastifyReply {
	if (code === "TOO_MANY") reply.header("retry-after", "5");
	const problem = {
		type: `urn:holdfast:problem:${code.toLowerCase().replaceAll("_", "-")}`,
		title: code.replaceAll("_", " ").toLowerCase(),
		status: statusCode,
		code,
		detail,
		next,
	};
	return reply.code(statusCode).type("application/problem+json").serializer(JSON.stringify).send(problem);
}

/** Refusals that an attack would leave behind: not let in, another site's page, another shape, too much. */
const WORTH_WATCHING: readonly ProblemCode[] = [
	...(["ENTRY_REQUIRED", "ENTRY_USED", "WRONG_HOST", "WRONG_ORIGIN"] as const),
	...(["BAD_REQUEST", "BAD_COMMAND", "TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const),
];

/** Who asks and for what, for the log. The route, never the address: an entry code may stand in it. */
export function whoAndWhere({ ip, method, routeOptions }: FastifyRequest) {
	return { from: ip, method, route: routeOptions.url ?? null };
}

/** Answers any error as a problem. What was sent is never repeated: a badge may stand in it. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
	const known = asRefusal(error);
	if (known.code === "INTERNAL") request.log.error({ reason: error.message, stack: error.stack }, "request failed");
	else if (WORTH_WATCHING.includes(known.code))
		request.log.warn({ code: known.code, ...whoAndWhere(request) }, "request refused");
	else request.log.info({ code: known.code }, "request refused");
	if (request.headers.accept?.includes("text/html")) void sendSheet(reply, known);
	else void sendProblem(reply, known);
}

/** The same for a person who opened an address. The words are our own: nothing of the request is in them. */
function sendSheet(reply: FastifyReply, { statusCode, detail, next }: ServerRefusal): FastifyReply {
	const sheet = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Holdfast station</title><h1>${detail}</h1><p>${next}</p></html>`;
	return reply.code(statusCode).type("text/html; charset=utf-8").send(sheet);
}

function asRefusal(error: FastifyError): ServerRefusal {
	if (error instanceof ServerRefusal) return error;
	switch (error.statusCode) {
		case 400:
			return new ServerRefusal("BAD_REQUEST", "The request cannot be read.", "Send JSON.");
		case 403: // a path out of the folder
		case 404:
			return new ServerRefusal("NOT_FOUND", "There is nothing here.", "Open the station's page at /.");
		case 413:
			return new ServerRefusal("TOO_LARGE", "The request is too large.", "Send less at once.");
		case 415:
			return new ServerRefusal(
				"UNSUPPORTED_MEDIA_TYPE",
				"The request's content type is not taken here.",
				"Send application/json.",
			);
		default:
			return new ServerRefusal("INTERNAL", "The station's server made a mistake.", "Look at the slots, then try again.");
	}
}
