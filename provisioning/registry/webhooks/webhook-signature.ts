import { createHmac, timingSafeEqual } from "node:crypto";
import { readFile, stat } from "node:fs/promises";

import { faultError } from "../../handset/fault.ts";

/** A key that both sides of a webhook share. Never logged. */
export type WebhookSecret = Uint8Array;

const PREFIX = "whsec_";
/** As Standard Webhooks asks: 24 to 64 bytes. */
const [LEAST_BYTES, MOST_BYTES] = [24, 64];
const MOST_SECRETS = 2;
const MOST_SIGNATURES = 8;

/**
 * Reads the secrets of a file: one line `whsec_` + base64, or two while the ERP changes from the old one to the new one.
 *
 * @throws {FaultError} WEBHOOK_MISCONFIGURED: no such file, another form, or a file that others on this computer can read.
 */
export async function readWebhookSecrets(path: string): Promise<readonly WebhookSecret[]> {
	const text = await readFile(path, "utf8").catch(() => {
		throw misconfigured(`there is no secret file ${path}`);
	});
	if (process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0)
		throw misconfigured(`others can read ${path}; run: chmod 600 '${path}', and change the secret`);
	const lines = text.split("\n").filter((line) => line.trim() !== "");
	const secrets = lines.map((line) => parseWebhookSecret(line));
	if (secrets.length === 0 || secrets.length > MOST_SECRETS || secrets.includes(undefined))
		throw misconfigured(`${path} does not hold one or two lines of ${PREFIX} and 24 to 64 bytes in base64`);
	return secrets.filter((secret) => secret !== undefined);
}

/** `undefined` for anything but `whsec_` and the base64 of 24 to 64 bytes. */
export function parseWebhookSecret(line: string): WebhookSecret | undefined {
	const text = line.trim();
	// Looked at no further: the patterns below take quadratic time for a line of nothing but padding.
	if (!text.startsWith(PREFIX) || text.length > PREFIX.length + 2 * MOST_BYTES) return undefined;
	const base64 = text.slice(PREFIX.length);
	const bytes = Buffer.from(base64, "base64");
	// Buffer passes over what is not base64; another text would give another key on the other side.
	if (bytes.toString("base64").replaceAll("=", "") !== base64.replace(/=+$/, "")) return undefined;
	return bytes.length < LEAST_BYTES || bytes.length > MOST_BYTES ? undefined : new Uint8Array(bytes);
}

/**
 * The headers that let the ERP know that a message is the station's, new and whole (Standard Webhooks 1.0: HMAC-SHA-256 over
 * `id.timestamp.body`). One signature for each secret.
 *
 * @param sentAtMs time of this attempt: the ERP refuses one that is more than some minutes old.
 */
export function signatureHeaders(
	message: { readonly id: string; readonly body: string },
	sentAtMs: number,
	secrets: readonly WebhookSecret[],
): Record<string, string> {
	const timestamp = String(Math.floor(sentAtMs / 1000));
	const signed = `${message.id}.${timestamp}.${message.body}`;
	const signatures = secrets.map((secret) => `v1,${createHmac("sha256", secret).update(signed, "utf8").digest("base64")}`);
	return { "webhook-id": message.id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

/** How old, or how far ahead, a message may be: what was overheard is of no use after it. In seconds. */
export const WEBHOOK_WINDOW_SECONDS = 300;

/**
 * Whether a message is from somebody who has one of the secrets, whole and new (Standard Webhooks 1.0). The id is signed with it, and
 * so is the time, so that neither can be given to an old message.
 */
export function isSignedWebhook(
	headers: Readonly<Record<string, string | readonly string[] | undefined>>,
	body: Uint8Array,
	nowUnixSeconds: number,
	secrets: readonly WebhookSecret[],
): boolean {
	const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": given } = headers;
	if (typeof id !== "string" || typeof timestamp !== "string" || typeof given !== "string") return false;
	if (!/^[\x21-\x7e]{1,128}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return false;
	if (Math.abs(Number(timestamp) - nowUnixSeconds) > WEBHOOK_WINDOW_SECONDS) return false;
	const offered = given
		.split(" ")
		.slice(0, MOST_SIGNATURES)
		.flatMap((each) => (each.startsWith("v1,") ? [Buffer.from(each.slice(3), "base64")] : []));
	return secrets.some((secret) => {
		const right = createHmac("sha256", secret).update(`${id}.${timestamp}.`, "utf8").update(body).digest();
		return offered.some((signature) => signature.length === right.length && timingSafeEqual(signature, right));
	});
}

function misconfigured(why: string): Error {
	return faultError("WEBHOOK_MISCONFIGURED", { details: { why } });
}
