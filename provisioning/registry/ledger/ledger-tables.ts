import type { Tables } from "../database/schema.ts";

/** A table whose rows go along. */
export interface LedgerTable {
	readonly name: keyof Tables;
	/** Columns that hold secrets: empty in the file, or sealed to the one who was named. */
	readonly secrets?: readonly string[];
	/** Every registry has its one row from the start. */
	readonly seeded?: boolean;
}

/** What a ledger's file holds, in its order. */
export const LEDGER_TABLES: readonly LedgerTable[] = [
	{ name: "contracts", secrets: ["release_secret"] },
	{ name: "terms" },
	{ name: "devices" },
	{ name: "enrollments" },
	{ name: "bindings", secrets: ["code_key"] },
	{ name: "imeis" },
	{ name: "orders" },
	{ name: "check_ins" },
	{ name: "standing_changes" },
	{ name: "payments" },
	{ name: "codes" },
	{ name: "borrower_access" },
	{ name: "borrower_sign_outs" },
	{ name: "disputes" },
	{ name: "appeals" },
	{ name: "support_acts" },
	{ name: "service_cases" },
	{ name: "fleet_settings", seeded: true },
	{ name: "fleet_extensions" },
	{ name: "fleet_extension_items" },
	{ name: "attestation_trust" },
	{ name: "attestation_settings", seeded: true },
	{ name: "attestations" },
	{ name: "people" },
	{ name: "provider_identities" },
	{ name: "programs" },
	{ name: "webhook_endpoints" },
	{ name: "audit_log" },
];

/** What stays behind, and why. A table that stands in neither list fails a test. */
export const LEFT_BEHIND: Readonly<Record<string, string>> = {
	check_in_events:
		"every check-in as it was signed: evidence, many times the size of all the rest; a copy of the database has it",
	station_leases: "they end within hours",
	passkeys: "bound to the name of the registry's site",
	invitations: "secrets of people",
	sessions: "secrets of people",
	sign_in_challenges: "secrets of people",
	approvals: "what was approved stands in the audit log, what was not is asked again",
	program_secrets: "secrets of programs: rotate each, or add it anew",
	webhook_secrets: "secrets of endpoints: rotate each, then enable it",
	webhook_events: "told by the registry where they happened",
	webhook_deliveries: "told by the registry where they happened",
	webhook_attempts: "told by the registry where they happened",
	idempotency_keys: "answers to programs that ask again within days",
	kysely_migration: "the tables' own form",
	kysely_migration_lock: "the tables' own form",
};
