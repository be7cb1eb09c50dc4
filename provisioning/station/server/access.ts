import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

import { ServerRefusal } from "./problem.ts";

const COOKIE = "holdfast-station";
/** A shift and its overtime. */
const SESSION_SECONDS = 12 * 3600;
const ENTRY_MS = 15 * 60_000;
const MIN_TOKEN_LENGTH = 32;

export interface AccessOptions {
	/** Address that is listened on. */
	readonly host: string;
	/** Names that the page may be opened under, besides IP addresses and localhost. */
	readonly hostNames: readonly string[];
	/** Secret of at least 32 characters. With it nobody enters without a cookie or this token as Bearer. */
	readonly token: string | undefined;
	readonly nowMs: () => number;
}

/** Who may talk to the station's server. */
export interface Access {
	/** @throws {ServerRefusal} WRONG_HOST: a page of another site found this machine under a name of its own (DNS rebinding). */
	requireHost(headers: IncomingHttpHeaders): void;
	/** @throws {ServerRefusal} WRONG_ORIGIN: another site's page is asking. */
	requireOwnPage(headers: IncomingHttpHeaders): void;
	/** @throws {ServerRefusal} ENTRY_REQUIRED. */
	requireEntry(headers: IncomingHttpHeaders): void;
	/** Whether {@link requireEntry} would let them in now. */
	isLetIn(headers: IncomingHttpHeaders): boolean;
	/** A code that opens the page once, within 15 minutes. */
	newEntryCode(): string;
	/**
	 * The `Set-Cookie` for whoever has the code. The cookie outlives a restart with the same token.
	 *
	 * @throws {ServerRefusal} ENTRY_USED.
	 */
	enter(code: string): string;
	/** How a request is let in: by a cookie that can be given back, or without one. */
	entryOf(headers: IncomingHttpHeaders): "cookie" | "free";
	/**
	 * Ends the session of the browser that asks: its cookie opens nothing any more, whoever kept a copy of it. Remembered until the cookie
	 * is over by itself, in this process: one that starts with the same token knows nothing of it, and the command line makes another
	 * token each time.
	 *
	 * @returns the `Set-Cookie` that takes the cookie away.
	 */
	leave(headers: IncomingHttpHeaders): string;
}

export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** @throws {Error} when other machines could reach the page and nothing would keep them out. */
export function createAccess({ host, hostNames, token, nowMs }: AccessOptions): Access {
	if (token === undefined && !isLoopback(host)) {
		throw new Error(`The station's page listens on ${host}, where other machines reach it, only with a token.`);
	}
	if (token !== undefined && token.length < MIN_TOKEN_LENGTH)
		throw new Error(`A station token has at least ${MIN_TOKEN_LENGTH} characters.`);
	const names = new Set(["localhost", ...hostNames.map((name) => name.toLowerCase())]);
	const codes = new Map<string, number>();
	const digest = (text: string) => createHash("sha256").update(text).digest();
	const isEqual = (one: string, other: string) => timingSafeEqual(digest(one), digest(other));
	const sign = (secret: string, text: string) =>
		createHmac("sha256", secret).update(`station cookie ${text}`).digest("base64url");
	const isSession = (secret: string, cookie: string) => {
		const [, body = "", expires = "", signature = ""] = /^((\d{1,12})\.[\w-]{22})\.([\w-]{43})$/.exec(cookie) ?? [];
		return body !== "" && isEqual(sign(secret, body), signature) && Number(expires) * 1000 > nowMs() && !left.has(body);
	};
	/** Sessions that were ended before their time, by the body of their cookie, and when they would be over in seconds. */
	const left = new Map<string, number>();
	const cookiesOf = (headers: IncomingHttpHeaders) =>
		(headers.cookie ?? "")
			.split(";")
			.map((each) => each.trim())
			.filter((each) => each.startsWith(`${COOKIE}=`))
			.map((each) => each.slice(COOKIE.length + 1));
	const isLetIn = (headers: IncomingHttpHeaders) => {
		if (token === undefined) return true;
		const [, bearer] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(headers.authorization ?? "") ?? [];
		if (bearer !== undefined && isEqual(bearer, token)) return true;
		return cookiesOf(headers).some((cookie) => isSession(token, cookie));
	};
	return {
		isLetIn,
		requireHost(headers) {
			const name = hostName(headers.host);
			if (name !== undefined && (isIP(name) > 0 || names.has(name))) return;
			throw new ServerRefusal(
				"WRONG_HOST",
				"The station is not known under this name.",
				"Open the address that the station printed.",
			);
		},
		requireOwnPage(headers) {
			const { origin, host: ownHost } = headers;
			const site = headers["sec-fetch-site"];
			const isOwn =
				origin === undefined || (ownHost !== undefined && [`http://${ownHost}`, `https://${ownHost}`].includes(origin));
			if (isOwn && (site === undefined || site === "same-origin" || site === "none")) return;
			throw new ServerRefusal(
				"WRONG_ORIGIN",
				"Another site's page may not use the station.",
				"Open the address that the station printed.",
			);
		},
		requireEntry(headers) {
			if (isLetIn(headers)) return;
			throw new ServerRefusal(
				"ENTRY_REQUIRED",
				"This browser has not been let in.",
				"Open the one-time address that the station prints.",
			);
		},
		newEntryCode() {
			for (const [old, expires] of codes) if (expires <= nowMs() || codes.size > 100) codes.delete(old);
			const code = randomBytes(24).toString("base64url");
			codes.set(digest(code).toString("hex"), nowMs() + ENTRY_MS);
			return code;
		},
		enter(code) {
			const key = digest(code).toString("hex");
			const expires = codes.get(key) ?? 0;
			codes.delete(key);
			if (token === undefined || expires <= nowMs()) {
				throw new ServerRefusal(
					"ENTRY_USED",
					"This address was used before, or is too old.",
					"Have the station print a new one.",
				);
			}
			const body = `${Math.floor(nowMs() / 1000) + SESSION_SECONDS}.${randomBytes(16).toString("base64url")}`;
			return `${COOKIE}=${body}.${sign(token, body)}; Path=/; Max-Age=${SESSION_SECONDS}; HttpOnly; SameSite=Strict`;
		},
		entryOf: (headers) =>
			token !== undefined && cookiesOf(headers).some((cookie) => isSession(token, cookie)) ? "cookie" : "free",
		leave(headers) {
			for (const [body, expires] of left) if (expires * 1000 <= nowMs()) left.delete(body);
			// Only what this server has signed is remembered: nobody fills its memory with made-up cookies.
			for (const cookie of cookiesOf(headers)) {
				if (token === undefined || !isSession(token, cookie)) continue;
				left.set(cookie.slice(0, cookie.lastIndexOf(".")), Number(cookie.split(".")[0]));
			}
			return `${COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`;
		},
	};
}

/** The name of a Host header without port and brackets, in lower case; `undefined` where there is none. */
function hostName(header: string | undefined): string | undefined {
	const [, v6, name] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(header ?? "") ?? [];
	return (v6 ?? name)?.toLowerCase();
}
