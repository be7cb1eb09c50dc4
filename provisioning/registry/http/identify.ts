import type { FastifyRequest } from "fastify";

import { requireOwnPage } from "../access/own-page.ts";
import { type Caller, TOKEN_HOLDER } from "../access/role.ts";
import { findSession } from "../access/session.ts";
import { siteOf } from "../access/site.ts";
import { PAGE_HEADER } from "../registry-call.ts";
import type { RegistryContext } from "../registry-context.ts";
import { bearerCheck } from "./admin-token.ts";
import { readCookie, SESSION_COOKIE } from "./session-cookie.ts";

/**
 * Who asks: a program by the admin token, or a person by the session of their browser. A request with a token is only ever a
 * program's, right or wrong: no page of another site can make a browser send one. A cookie goes along by itself, so it counts
 * only when the request comes from our own page.
 *
 * The returned function throws {Refusal} WRONG_HOST or WRONG_ORIGIN for a good session on a request of another site.
 */
export function createIdentify(
	context: RegistryContext,
	adminToken: string,
): (request: FastifyRequest) => Promise<Caller | undefined> {
	const isAdmin = bearerCheck(adminToken);
	return async (request) => {
		const { authorization } = request.headers;
		if (authorization !== undefined) return isAdmin(authorization) ? TOKEN_HOLDER : undefined;
		const secret = readCookie(request, SESSION_COOKIE);
		if (secret === undefined) return undefined;
		requireOwnPage(request, siteOf(context.publicUrl()));
		return findSession(context, secret, request.headers[PAGE_HEADER] === "poll");
	};
}
