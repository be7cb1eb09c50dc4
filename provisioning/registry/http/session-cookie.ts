import type { FastifyReply, FastifyRequest } from "fastify";

import { SESSION_SECONDS } from "../access/session.ts";

/** `__Host-`: browsers take it only over https (or from this very machine), for this host alone, and for all its paths. */
export const SESSION_COOKIE = "__Host-holdfast";
/** Lax, because the identity provider's page leads back here: a Strict one is not sent then. It names an attempt, no session. */
export const PROVIDER_COOKIE = "__Host-holdfast-provider";
const PROVIDER_SECONDS = 600;

/** The value of a cookie that holds one of our secret ids; anything else counts as none. */
export function readCookie(request: FastifyRequest, name: string): string | undefined {
	const cookies = (request.headers.cookie ?? "").split(";").map((each) => each.trim());
	const value = cookies.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
	return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

export function setSessionCookie(reply: FastifyReply, secret: string): void {
	set(reply, SESSION_COOKIE, secret, SESSION_SECONDS, "Strict");
}

export function clearSessionCookie(reply: FastifyReply): void {
	set(reply, SESSION_COOKIE, "", 0, "Strict");
}

export function setProviderCookie(reply: FastifyReply, secret: string): void {
	set(reply, PROVIDER_COOKIE, secret, PROVIDER_SECONDS, "Lax");
}

export function clearProviderCookie(reply: FastifyReply): void {
	set(reply, PROVIDER_COOKIE, "", 0, "Lax");
}

function set(reply: FastifyReply, name: string, value: string, seconds: number, sameSite: "Strict" | "Lax"): void {
	// Fastify keeps several: each call adds one.
	reply.header("set-cookie", `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=${sameSite}`);
}
