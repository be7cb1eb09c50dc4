/** Tables of key attestation, as Kysely sees them. */
export interface AttestationTables {
	attestation_trust: AttestationTrustTable;
	attestation_settings: AttestationSettingsTable;
	attestations: AttestationsTable;
}

/** Every version of whom to believe. The latest counts. */
export interface AttestationTrustTable {
	version: number;
	/** The signed document. */
	envelope: Uint8Array;
	/** The status list that it names, as canonical JSON. */
	status: Uint8Array | null;
	installed_at: number;
}

/** One row. */
export interface AttestationSettingsTable {
	id: number;
	/** JSON: `AttestationSettings`. */
	settings: string;
}

/** What was found of the key of a phone: when it was bound, and with a later check-in by the lists of that day. */
export interface AttestationsTable {
	device_id: string;
	key_generation: number;
	judged_at: number;
	policy: "required" | "recorded";
	trust_version: number;
	/** JSON: result, findings, facts. */
	verdict: string;
	check_in_at: number | null;
	check_in_policy: "required" | "recorded" | null;
	check_in_trust_version: number | null;
	check_in_verdict: string | null;
	/** Digest of all in the rules that concerned this chain then: while it is the same, so is the verdict. */
	check_in_basis: string | null;
}
