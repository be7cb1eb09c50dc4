import type { Imei } from "../../proto/imei.ts";

/** Everything that the agent must be given to take a contract. All bytes are as the agent gets them. */
export interface EnrollmentOffer {
	readonly enrollmentId: string;
	readonly deviceId: string;
	readonly contractId: string;
	/** Envelopes of key sets 1..N. */
	readonly keySetEnvelopes: readonly Uint8Array[];
	readonly bindingEnvelope: Uint8Array;
	readonly terms: Uint8Array;
	readonly consent: Uint8Array;
	/** Secret that time codes are made with: 32 bytes, or empty. For the agent alone; never in evidence or a log. */
	readonly codeKey: Uint8Array;
	readonly state: EnrollmentState;
}

/**
 * offered: the registry has made a binding for this handset, no receipt yet. confirmed: a valid receipt is stored.
 * contacted: a check-in signed by the device key has been answered. sealed: the handset reported debugging off.
 */
export type EnrollmentState = "offered" | "confirmed" | "contacted" | "sealed" | "released";

export interface HandsetIdentity {
	readonly imei1: Imei;
	readonly imei2?: Imei;
	readonly serial: string;
	readonly model: string;
}

export interface EnrollmentStatus {
	readonly enrollmentId: string;
	readonly deviceId: string;
	readonly contractId: string;
	readonly imei1: string;
	readonly imei2?: string;
	readonly serial: string;
	readonly state: EnrollmentState;
	/** SHA-256 of the Binding bytes, hex. */
	readonly bindingSha256: string;
	/** Id of the device key whose receipt is stored; absent before there is one. */
	readonly deviceKeyId?: string;
	/** As the device last reported it, or absent before the first check-in. */
	readonly standing?: string;
	readonly lastCheckInUnixSeconds?: number;
	/** What the registry found of the phone's attestation; absent where it was not judged. */
	readonly attestation?: {
		readonly result: "passed" | "failed" | "absent" | "cannot_verify";
		/** Stable codes. */
		readonly findings: readonly string[];
	};
}

/** What became of a receipt. */
export interface ReceiptAnswer extends EnrollmentStatus {
	/** The registry has yet to hear of it: the receipt is kept where a crash does not lose it, and `state` is still `offered`. */
	readonly queued?: true;
}

/** A contract's end, and the order that ends it. */
export interface ReleaseGrant {
	readonly certificateId: string;
	/** Envelope of the Release order. */
	readonly releaseEnvelope: Uint8Array;
	/** Envelope of a ServiceWindow order, for a handset whose debugging is off. */
	readonly serviceWindowEnvelope: Uint8Array;
}

/**
 * The lender's side, as procedures see it. Every method has a deadline. Every refusal is a `FaultError`: REGISTRY_UNREACHABLE,
 * REGISTRY_REFUSED, REGISTRY_UNTRUSTED, CONTRACT_UNKNOWN, CONTRACT_CLOSED, CONTRACT_BOUND_ELSEWHERE, CONTRACT_LEASED_ELSEWHERE,
 * IMEI_MISMATCH, IMEI_ON_OTHER_CONTRACT, ATTESTATION_REFUSED, PAYOFF_NOT_PROVEN; at a station that works without the registry also VOUCHER_MISSING,
 * VOUCHER_EXPIRED, STATION_CLOCK_WRONG.
 */
export interface RegistryPort {
	/** Makes, or finds again, the binding of a contract to this handset. Idempotent by contract and identity. */
	offerEnrollment(contractId: string, handset: HandsetIdentity): Promise<EnrollmentOffer>;
	/** Stores the receipt and the evidence, or keeps them for later where the registry cannot be reached. Idempotent by enrolment. */
	confirmEnrollment(enrollmentId: string, receiptEnvelope: Uint8Array, evidence: Uint8Array): Promise<ReceiptAnswer>;
	/** What the registry knows of a contract's enrolment; `undefined` if there is none. */
	enrollmentOf(contractId: string): Promise<EnrollmentStatus | undefined>;
	/** Carries a CheckIn envelope to the device endpoint and brings the CheckInReply envelope back. */
	relayCheckIn(checkInEnvelope: Uint8Array): Promise<Uint8Array>;
	/** Grants the release of a paid-off contract; PAYOFF_NOT_PROVEN otherwise. Idempotent by contract. */
	grantRelease(contractId: string): Promise<ReleaseGrant>;
}
