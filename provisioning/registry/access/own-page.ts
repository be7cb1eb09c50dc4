/**
 * Whether a request comes from our own page. Three statements that no other site's page can make a browser give: `Origin` and
 * `Sec-Fetch-Site` are the browser's own words, and a header that is not on the CORS safelist is only sent across sites after a
 * preflight, which this server never answers with yes. The last is OWASP's "custom request header" defence: it needs no
 * state, works before anybody is signed in, and also stops what an old browser without fetch metadata would let through. A
 * token in the page, the other standard way, would need a place to come from and a session to belong to.
 */
import type { FastifyRequest } from "fastify";
import { PAGE_HEADER } from "../clients/registry-call.ts";
import { refusal } from "../refusal.ts";
import type { Site } from "./site.ts";

type Asked = Pick<FastifyRequest, "headers" | "host" | "method">;

const SAFE_METHODS = ["GET", "HEAD"];

/**
 * Holds a request that a browser's cookie speaks for, or that signs somebody in, to our own pages.
 *
 * @throws {Refusal} WRONG_HOST: another name was made to lead here (DNS rebinding). WRONG_ORIGIN: another site's page asks.
 */
export function requireOwnPage(request: Asked, site: Site): void {
	requireOwnHost(request, site);
	const { origin, "sec-fetch-site": from } = request.headers;
	const isOwnSite = from === undefined || from === "same-origin" || from === "none";
	const isOwnOrigin = origin === undefined || site.isOwnOrigin(origin);
	if (isOwnSite && isOwnOrigin) {
		if (SAFE_METHODS.includes(request.method)) return;
		if (origin !== undefined && request.headers[PAGE_HEADER] !== undefined) return;
	}
	throw refusal(
		"WRONG_ORIGIN",
		"The request does not come from a page of this registry.",
		`Open ${site.origin}/sign-in/. Programs send their token instead of a cookie.`,
	);
}

/** @throws {Refusal} WRONG_HOST. */
export function requireOwnHost({ host }: Pick<Asked, "host">, site: Site): void {
	if (site.isOwnHost(host)) return;
	throw refusal(
		"WRONG_HOST",
		"The registry's pages are not known under this name.",
		`Open ${site.origin}. If that is the wrong name, start the registry with --public-url.`,
	);
}
