import type { FastifyRequest } from "fastify";

import { requireOwnPage } from "../access/own-page.ts";
import { findProgram } from "../access/program-token.ts";
import { type Caller, TOKEN_HOLDER } from "../access/role.ts";
import { findSession } from "../access/session.ts";
import { siteOf } from "../access/site.ts";
import { PAGE_HEADER } from "../clients/registry-call.ts";
import type { RegistryContext } from "../registry-context.ts";
import { ADMIN_TOKEN_FROM_AFAR, bearerCheck, bearerToken, isLoopback } from "./admin-token.ts";
import { networkOf } from "./network-of.ts";
import { createRateLimit } from "./rate-limit.ts";
import { readCookie, SESSION_COOKIE } from "./session-cookie.ts";

/** From one network, so often at most. */
const WARNED_EVERY_MINUTES = 60;

/**
 * Who asks: a program by its own token, the server's command line by the admin token, or a person by the session of their browser. A
 * request with a token is only ever a program's, right or wrong: no page of another site can make a browser send one. A cookie goes
 * along by itself, so it counts only when the request comes from our own page.
 *
 * The returned function throws {Refusal} WRONG_HOST or WRONG_ORIGIN for a good session on a request of another site.
 */
export function createIdentify(
	context: RegistryContext,
	adminToken: string,
): (request: FastifyRequest) => Promise<Caller | undefined> {
	const isAdmin = bearerCheck(adminToken);
	const mayWarn = createRateLimit({ burst: 1, perMinute: 1 / WARNED_EVERY_MINUTES, nowMs: context.monotonicMs });
	return async (request) => {
		const { authorization } = request.headers;
		if (authorization !== undefined) {
			if (!isAdmin(authorization)) return findProgram(context, bearerToken(authorization));
			if (!isLoopback(request.ip) && mayWarn(networkOf(request.ip)))
				request.log.warn({ code: "ADMIN_TOKEN_FROM_AFAR", from: networkOf(request.ip) }, ADMIN_TOKEN_FROM_AFAR);
			return TOKEN_HOLDER;
		}
		const secret = readCookie(request, SESSION_COOKIE);
		if (secret === undefined) return undefined;
		requireOwnPage(request, siteOf(context.publicUrl()));
		return findSession(context, secret, request.headers[PAGE_HEADER] === "poll");
	};
}
