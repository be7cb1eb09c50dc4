import { reasonOfRefusal } from "../../registry/clients/registry-call.ts";

/** What can go wrong while signing in, as the page says it: each has its words under `problem`. */
export const PROBLEMS = [
	"cancelled",
	"already-here",
	"unsupported",
	"refused",
	"invitation-void",
	"too-late",
	"too-often",
	"wrong-address",
	"provider-silent",
	"provider-refused",
	"last-passkey",
	"unreachable",
] as const;
export type ProblemName = (typeof PROBLEMS)[number];

const BY_CODE: Readonly<Record<string, ProblemName>> = {
	SIGN_IN_REFUSED: "refused",
	INVITATION_VOID: "invitation-void",
	TOO_LATE: "too-late",
	RATE_LIMITED: "too-often",
	WRONG_HOST: "wrong-address",
	WRONG_ORIGIN: "wrong-address",
	PROVIDER_SILENT: "provider-silent",
	PROVIDER_REFUSED: "provider-refused",
	CONFLICT: "last-passkey",
	STEP_UP_REQUIRED: "cancelled",
};

/** Names of what WebAuthn fails with (WebAuthn level 3, "create a new credential" and "use an existing credential"). */
const BY_BROWSER: Readonly<Record<string, ProblemName>> = {
	NotAllowedError: "cancelled",
	AbortError: "cancelled",
	InvalidStateError: "already-here",
	SecurityError: "wrong-address",
	NotSupportedError: "unsupported",
};

/** @param code as in an address, or of a refusal. */
export function problemOfCode(code: string): ProblemName {
	return BY_CODE[code] ?? "provider-refused";
}

/** Which problem an error is: the registry's refusal, the browser's own, or silence. */
export function problemOf(error: unknown): ProblemName {
	const reason = reasonOfRefusal(error);
	if (reason !== undefined) return BY_CODE[reason] ?? "refused";
	return (error instanceof Error && BY_BROWSER[error.name]) || "unreachable";
}
