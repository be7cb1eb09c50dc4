import type { FaultCode } from "../handset/fault-codes.ts";

/** Exit codes of every command. 0 is success. */
export const ExitCode = {
	ok: 0,
	/** A fault of the phone or cable, or something unexpected. */
	failed: 1,
	cancelled: 2,
	/** Some of several. */
	partial: 3,
	/** Not signed in, wrong token, missing passphrase. */
	auth: 4,
	/** Refused by policy, or no proof of payoff. */
	refused: 5,
	/** No handset, or more than one to choose from. */
	noDevice: 6,
	/** Not the handset or the contract it should be. */
	identity: 7,
	/** The registry cannot be reached; nothing on the phone was left half done without saying so. */
	backend: 8,
	usage: 64,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const BY_FAULT: Partial<Record<FaultCode, ExitCode>> = {
	NO_DEVICE: ExitCode.noDevice,
	AMBIGUOUS_DEVICE: ExitCode.noDevice,
	CANCELLED: ExitCode.cancelled,
	IMEI_MISMATCH: ExitCode.identity,
	IDENTITY_CHANGED: ExitCode.identity,
	IMEI_ON_OTHER_CONTRACT: ExitCode.identity,
	CONTRACT_BOUND_ELSEWHERE: ExitCode.identity,
	AGENT_BOUND_ELSEWHERE: ExitCode.identity,
	RECEIPT_INVALID: ExitCode.identity,
	ATTESTATION_REFUSED: ExitCode.refused,
	REGISTRY_UNREACHABLE: ExitCode.backend,
	VOUCHER_MISSING: ExitCode.backend,
	VOUCHER_EXPIRED: ExitCode.backend,
	REGISTRY_REFUSED: ExitCode.refused,
	REGISTRY_UNTRUSTED: ExitCode.refused,
	CONTRACT_UNKNOWN: ExitCode.refused,
	CONTRACT_CLOSED: ExitCode.refused,
	CONTRACT_LEASED_ELSEWHERE: ExitCode.refused,
	PAYOFF_NOT_PROVEN: ExitCode.refused,
	STILL_FINANCED: ExitCode.refused,
	CERTIFICATE_UNPROVEN: ExitCode.refused,
	MANIFEST_INVALID: ExitCode.refused,
};

/** Exit code for a command that ended with this fault. */
export function exitCodeOf(code: FaultCode): ExitCode {
	return BY_FAULT[code] ?? ExitCode.failed;
}
