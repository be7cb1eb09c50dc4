import { createHash } from "node:crypto";

/**
 * JSON with one spelling for one value: members sorted by name, no spaces, members that are undefined left out (as RFC 8785
 * for what our schemas allow: text, whole numbers, booleans, lists and objects).
 */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
	if (typeof value === "object" && value !== null) {
		const members = Object.entries(value)
			.filter(([, inner]) => inner !== undefined)
			.sort(([a], [b]) => (a < b ? -1 : 1));
		return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner)}`).join(",")}}`;
	}
	if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError("a number that is not whole");
	return JSON.stringify(value) ?? "null";
}

/** SHA-256 of the canonical JSON. */
export function hashOfRequest(value: unknown): { text: string; sha256: Uint8Array } {
	const text = canonicalJson(value);
	return { text, sha256: createHash("sha256").update(text).digest() };
}
