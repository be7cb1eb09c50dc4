import type { TSchema } from "typebox";

import { Problem } from "../api.ts";

/** A route's schema: what it takes, what it gives, and that it may give a problem instead. */
export function described<Success extends TSchema, Parts extends Readonly<Record<string, TSchema>>>(
	operationId: string,
	summary: string,
	success: Success,
	parts: Parts,
): Parts & { operationId: string; summary: string; response: { 200: Success; default: typeof Problem } } {
	return { operationId, summary, ...parts, response: { 200: success, default: Problem } };
}
