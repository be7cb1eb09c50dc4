import { expect } from "vitest";

import { ProtocolError, type ProtocolErrorCode } from "../../proto/error.ts";

/** Expects a call to refuse with exactly this code. */
export function expectRefusal(code: ProtocolErrorCode, call: () => unknown): void {
	expect(codeOf(call)).toBe(code);
}

/** The same for a promise. */
export async function expectRejection(code: ProtocolErrorCode, promise: Promise<unknown>): Promise<void> {
	await expect(promise).rejects.toMatchObject({ name: "ProtocolError", code });
}

/** The code with which a call refuses, or `"accepted"`. Anything but a ProtocolError is a bug, and goes through. */
export function codeOf(call: () => unknown): ProtocolErrorCode | "accepted" {
	try {
		call();
	} catch (error) {
		if (error instanceof ProtocolError) return error.code;
		throw error;
	}
	return "accepted";
}
