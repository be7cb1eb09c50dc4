import { createHash } from "node:crypto";

import type { FastifyRequest } from "fastify";

import type { Caller } from "../access/role.ts";
import { refusal } from "../refusal.ts";
import { createRateLimit, putLast } from "./rate-limit.ts";

/** Questions a second. A loan system that books its night's payments one by one asks about half as many. */
export const USUAL_CALLER_RATE = 200;
/** So much of it may come at once after a silence. */
const BURST_SECONDS = 2;
type Identify = (request: FastifyRequest) => Promise<Caller | undefined>;

export interface CallerLimitOptions {
	/** Questions a second that one caller may ask of this process. */
	readonly perSecond: number;
	/** A clock that never goes back. */
	readonly nowMs: () => number;
}

/**
 * Holds each program, by all its tokens together, and each person who is signed in to a rate, in this process only.
 *
 * Only who is proven counts: nobody spends another's questions by their name or by a wrong secret. A program that was seen before is
 * counted before the database is asked for its token again, so that what is refused costs no query. The admin token has no limit: who
 * reads the server's files needs none of this, and revoking a stolen token must not wait for its thief.
 *
 * What it returns throws {Refusal} RATE_LIMITED, with the request's caller set.
 */
export function limitCallers(identify: Identify, { perSecond, nowMs }: CallerLimitOptions): Identify {
	const mayAsk = createRateLimit({ burst: perSecond * BURST_SECONDS, perMinute: perSecond * 60, nowMs });
	/** Whose token it was when last asked, by the token's hash: good for refusing alone. */
	const known = new Map<string, Caller>();
	const count = (request: FastifyRequest, caller: Caller) => {
		if (mayAsk(caller.actor)) return;
		request.caller = caller; // for the log
		const seconds = mayAsk.secondsToWait(caller.actor);
		throw refusal(
			"RATE_LIMITED",
			`This caller asks more than ${perSecond} times a second.`,
			"Wait as long as Retry-After says, then ask more slowly.",
			{ retryAfterSeconds: String(seconds) },
		);
	};
	return async (request) => {
		const { authorization } = request.headers;
		const token = authorization === undefined ? undefined : createHash("sha256").update(authorization).digest("base64");
		const before = token === undefined ? undefined : known.get(token);
		if (before) count(request, before);
		const caller = await identify(request);
		if (token !== undefined) known.delete(token);
		if (caller === undefined || caller.kind === "token") return caller;
		if (!before) count(request, caller);
		if (token !== undefined) putLast(known, token, caller);
		return caller;
	};
}
