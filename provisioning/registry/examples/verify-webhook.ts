import { createHmac, timingSafeEqual } from "node:crypto";

const WINDOW_SECONDS = 300;

/**
 * Whether a message is the registry's, whole and new: all that a receiver needs, in any language. Before it, read the body as bytes;
 * after it, parse them. The `standardwebhooks` packages do the same.
 *
 * @param secrets `whsec_...`; two while one is changed for another.
 * @param nowUnixSeconds by the receiver's own clock.
 */
export function isFromRegistry(
	headers: Readonly<Record<string, string | readonly string[] | undefined>>,
	body: Uint8Array,
	secrets: readonly string[],
	nowUnixSeconds: number,
): boolean {
	const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
	if (typeof id !== "string" || typeof timestamp !== "string" || typeof signatures !== "string") return false;
	// What was overheard is of no use after five minutes.
	if (!/^\d+$/.test(timestamp) || Math.abs(Number(timestamp) - nowUnixSeconds) > WINDOW_SECONDS) return false;
	const offered = signatures.split(" ").flatMap((each) => (each.startsWith("v1,") ? [Buffer.from(each.slice(3), "base64")] : []));
	return secrets.some((secret) => {
		const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
		const right = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
		return offered.some((signature) => signature.length === right.length && timingSafeEqual(signature, right));
	});
}
