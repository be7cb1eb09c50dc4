import { faultError } from "../../handset/fault.ts";
import { signatureHeaders, type WebhookSecret } from "../../registry/webhooks/webhook-signature.ts";

/** What came of one attempt. */
export type PostResult =
	| { readonly kind: "answered"; readonly status: number; readonly retryAfterMs?: number }
	/** Not connected, cut off, or too slow: it may have arrived all the same. */
	| { readonly kind: "no answer"; readonly why: string };

/** Sends one message once. Never throws. */
export type WebhookPost = (
	message: { readonly id: string; readonly body: string },
	sentAtMs: number,
	signal: AbortSignal,
) => Promise<PostResult>;

export interface WebhookEndpoint {
	/** See {@link webhookUrl}. */
	readonly url: string;
	readonly secrets: readonly WebhookSecret[];
	/** How long one attempt may take, in milliseconds. Default 10,000. */
	readonly deadlineMs?: number;
	/** Default: the platform's. */
	readonly fetch?: typeof fetch;
}

/**
 * The address of the ERP: https anywhere, or http on this computer itself. Private addresses are allowed: the address comes from the
 * station's own settings and from nowhere else, and an ERP stands in the same building as often as not; its certificate says who it is.
 *
 * @throws {FaultError} WEBHOOK_MISCONFIGURED.
 */
export function webhookUrl(text: string): URL {
	const refused = (why: string) => faultError("WEBHOOK_MISCONFIGURED", { details: { why } });
	if (!URL.canParse(text)) throw refused("the ERP's address is not a URL");
	const url = new URL(text);
	if (url.username !== "" || url.password !== "")
		throw refused("the ERP's address holds a password; messages are signed instead");
	const isHere = url.hostname === "localhost" || url.hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(url.hostname);
	if (url.protocol !== "https:" && !(url.protocol === "http:" && isHere))
		throw refused("the ERP's address is neither https nor http on this computer");
	url.hash = "";
	return url;
}

/**
 * Posts messages to the ERP. Redirects are not followed: a signed message goes where the settings say, and nowhere else. Of the answer
 * only the status and Retry-After are looked at.
 *
 * @throws {FaultError} WEBHOOK_MISCONFIGURED, at once.
 */
export function webhookPost(endpoint: WebhookEndpoint): WebhookPost {
	const { secrets, deadlineMs = 10_000, fetch: send = fetch } = endpoint;
	const url = webhookUrl(endpoint.url);
	return async (message, sentAtMs, signal) => {
		try {
			const response = await send(url, {
				method: "POST",
				headers: {
					"content-type": "application/json; charset=utf-8",
					"user-agent": "holdfast-station",
					...signatureHeaders(message, sentAtMs, secrets),
				},
				body: message.body,
				redirect: "manual",
				signal: AbortSignal.any([AbortSignal.timeout(deadlineMs), signal]),
			});
			await response.body?.cancel().catch(() => {}); // the status says all
			const retryAfterMs = retryAfter(response.headers.get("retry-after"), sentAtMs);
			return { kind: "answered", status: response.status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
		} catch (error) {
			return { kind: "no answer", why: reasonOf(error) };
		}
	};
}

/** Seconds or a date (RFC 9110 section 10.2.3), as milliseconds from now on; `undefined` if it is neither. */
function retryAfter(header: string | null, nowMs: number): number | undefined {
	if (header === null) return undefined;
	if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
	const at = Date.parse(header);
	return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return "no answer";
	if (error.name === "TimeoutError") return "no answer in time";
	// fetch hides what happened behind "fetch failed".
	return error.cause instanceof Error ? error.cause.message : error.message;
}
