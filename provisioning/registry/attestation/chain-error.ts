import type { FindingCode } from "./finding-codes.ts";

/** Why a chain could not even be read: a finding's code, and what was seen. */
export class ChainError extends Error {
	override readonly name = "ChainError";

	constructor(
		readonly code: FindingCode,
		message: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
	}
}
