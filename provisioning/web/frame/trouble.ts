import type { FaultError } from "../../handset/fault.ts";

/** A group of words for what did not work, with its values. */
export interface Trouble {
	readonly kind: "offline" | "notSignedIn" | "wait" | "misread" | "noCode" | "ended" | "notFound" | "other";
	/** Minutes to wait, for `wait`. */
	readonly minutes?: number;
}

/** What a person is told of an error. */
export function troubleOf(error: unknown): Trouble {
	const fault = isFault(error) ? error.fault : undefined;
	if (fault?.code === "REGISTRY_UNREACHABLE" && fault.details?.reason !== "RATE_LIMITED") return { kind: "offline" };
	if (fault?.code === "CONTRACT_CLOSED") return { kind: "ended" };
	switch (fault?.details?.reason) {
		case "UNAUTHORIZED":
			return { kind: "notSignedIn" };
		case "RATE_LIMITED":
			return { kind: "wait", minutes: Math.max(1, Math.ceil(Number(fault?.details?.retryAfterSeconds ?? "60") / 60)) };
		case "BAD_REQUEST":
			return { kind: "misread" };
		case "CODE_REFUSED":
			return { kind: "noCode" };
		case "NOT_FOUND":
			return { kind: "notFound" };
		default:
			return { kind: "other" };
	}
}

// By its name: the class itself comes with the client, and the client comes later.
function isFault(error: unknown): error is FaultError {
	return error instanceof Error && error.name === "FaultError";
}
