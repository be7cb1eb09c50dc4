import { FINDINGS, type Finding } from "./finding-codes.ts";

/** passed: everything that is asked for is attested. absent: the phone sent no chain. */
export type AttestationResult = "passed" | "failed" | "absent" | "cannot_verify";

/** What the chain says, whether or not it can be believed. */
export interface AttestedFacts {
	readonly attestationVersion?: number;
	readonly securityLevel?: "software" | "trusted_environment" | "strongbox";
	readonly bootloaderLocked?: boolean;
	readonly bootState?: "verified" | "self_signed" | "unverified" | "failed";
	readonly osPatchLevel?: number;
	readonly vendorPatchLevel?: number;
	readonly bootPatchLevel?: number;
	readonly model?: string;
	/** Whether the phone's certificates are from its factory, or were fetched later. */
	readonly provisioning?: "factory" | "remote" | "unknown";
	/** Of remote provisioning: how many certificates the phone was given. Very many point to one phone that speaks for others. */
	readonly certificatesIssued?: number;
	readonly root?: string;
}

export interface AttestationVerdict {
	readonly result: AttestationResult;
	readonly findings: readonly Finding[];
	readonly facts: AttestedFacts;
	/** Serial numbers of the chain's certificates: by them a later list is asked, without reading the chain again. */
	readonly serials: readonly string[];
}

/** The heaviest finding decides. */
export function verdictOf(findings: readonly Finding[], facts: AttestedFacts, serials: readonly string[]): AttestationVerdict {
	const has = (weight: string) => findings.some(({ code }) => FINDINGS[code].weight === weight);
	return { result: has("failed") ? "failed" : has("cannot_verify") ? "cannot_verify" : "passed", findings, facts, serials };
}
