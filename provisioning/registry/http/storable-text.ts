import type { FastifyInstance } from "fastify";

import { isWellFormed } from "../../../proto/utf8.ts";
import { refusal } from "../refusal.ts";

/**
 * Refuses requests whose texts hold U+0000, which PostgreSQL keeps in no text, or half of a surrogate pair, which no message on the wire
 * can carry. JSON and percent-encoding can say both. Asked here once for every route, so that no free text's schema can forget it.
 */
export function refuseUnstorableText(app: FastifyInstance): void {
	app.addHook("preValidation", async ({ params, query, body }) => {
		if ([params, query, body].every(isStorable)) return;
		throw refusal("BAD_REQUEST", "A text holds a character that cannot be stored, such as U+0000.", "Take it out.");
	});
}

/** JSON of a request: the body's size bounds it, and the JSON reader's own depth. */
function isStorable(value: unknown): boolean {
	const waiting: unknown[] = [value];
	for (let next = waiting.pop(); next !== undefined || waiting.length > 0; next = waiting.pop()) {
		if (typeof next === "string" && (next.includes("\0") || !isWellFormed(next))) return false;
		if (typeof next !== "object" || next === null || next instanceof Uint8Array) continue;
		for (const [name, member] of Object.entries(next)) waiting.push(name, member);
	}
	return true;
}
