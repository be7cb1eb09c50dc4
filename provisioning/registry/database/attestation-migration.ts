/**
 * Key attestation: whom to believe, what the lender asks for, and what was found of each key. No phone's row depends on another's; the
 * lists are one row for each version, which only grows.
 */
export const ATTESTATION_MIGRATION: readonly string[] = [
	`CREATE TABLE attestation_trust (
		version integer PRIMARY KEY CHECK (version > 0),
		envelope bytea NOT NULL,
		status bytea,
		installed_at bigint NOT NULL
	)`,
	`CREATE TABLE attestation_settings (
		id integer PRIMARY KEY CHECK (id = 1),
		settings text NOT NULL
	)`,
	`INSERT INTO attestation_settings VALUES (1, '{"enrollment":"recorded","checkIn":"recorded","agentCertificates":[],"bootKeys":[],` +
		`"osPatchFloor":0,"vendorPatchFloor":0,"bootPatchFloor":0,"needsId":false,"anyTagOrder":false}')`,
	`CREATE TABLE attestations (
		device_id text NOT NULL,
		key_generation integer NOT NULL,
		judged_at bigint NOT NULL,
		policy text NOT NULL CHECK (policy IN ('required', 'recorded')),
		trust_version integer NOT NULL,
		verdict text NOT NULL,
		check_in_at bigint,
		check_in_policy text CHECK (check_in_policy IN ('required', 'recorded')),
		check_in_trust_version integer,
		check_in_verdict text,
		check_in_basis text,
		PRIMARY KEY (device_id, key_generation)
	)`,
];
