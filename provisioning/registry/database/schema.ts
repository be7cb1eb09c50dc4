import type { ColumnType, Generated, Insertable, Selectable } from "kysely";

import type { AccessTables } from "./access-schema.ts";
import type { AttestationTables } from "./attestation-schema.ts";
import type { IdempotencyTables } from "./idempotency-schema.ts";
import type { WebhookTables } from "./webhook-schema.ts";

/**
 * The tables as Kysely sees them. Times are seconds since 1970-01-01T00:00:00Z by the registry's clock, never the
 * database's. What belongs to one phone is keyed by `device_id` first, and no constraint reaches from one device's rows
 * to another's, so that a distributed PostgreSQL can keep each phone on one shard.
 */
export interface Tables extends AccessTables, AttestationTables, IdempotencyTables, WebhookTables {
	contracts: ContractsTable;
	terms: TermsTable;
	devices: DevicesTable;
	enrollments: EnrollmentsTable;
	bindings: BindingsTable;
	imeis: ImeisTable;
	orders: OrdersTable;
	check_ins: CheckInsTable;
	check_in_events: CheckInEventsTable;
	payments: PaymentsTable;
	codes: CodesTable;
	station_leases: StationLeasesTable;
	audit_log: AuditLogTable;
	borrower_access: BorrowerAccessTable;
	disputes: DisputesTable;
	standing_changes: StandingChangesTable;
	fleet_settings: FleetSettingsTable;
	fleet_extensions: FleetExtensionsTable;
	fleet_extension_items: FleetExtensionItemsTable;
	appeals: AppealsTable;
	support_acts: SupportActsTable;
	service_cases: ServiceCasesTable;
}

export type ContractStateColumn = "open" | "paid_off" | "returned" | "released";
export type EnrollmentStateColumn = "offered" | "confirmed" | "contacted" | "sealed" | "released" | "withdrawn";
export type OrderStateColumn = "pending" | "accepted" | "refused" | "below_floor" | "superseded";

/** One contract with one borrower about one phone. */
export interface ContractsTable {
	contract_id: string;
	/** Random, 32 hex digits. Chosen with the contract, because terms may commit to it. */
	device_id: ColumnType<string, string, never>;
	state: ContractStateColumn;
	/** SHA-256 of the request that made it: tells a repeated request from another one under the same id. */
	request_sha256: Uint8Array;
	terms_sha256: Uint8Array;
	currency: string;
	total_minor: number;
	paid_minor: Generated<number>;
	paid_until: number;
	grace_seconds: number;
	payoff_reference: string | null;
	certificate_id: string | null;
	created_at: number;
	closed_at: number | null;
	/** Preimage of the release digest in its terms, sealed. Null for a contract made without codes. */
	release_secret: Uint8Array | null;
	/** What its phone reported was deleted, long after its end. */
	is_pruned: Generated<boolean>;
	/** As its phone last reported it, `wire.Standing`; 0 = never. */
	standing: Generated<number>;
	/** Day of its phone's last check-in, counted from 1970-01-01 UTC; 0 = never. */
	seen_day: Generated<number>;
}

/** Every version of a contract's terms, with the consent to it. */
export interface TermsTable {
	contract_id: string;
	terms_sha256: Uint8Array;
	terms: Uint8Array;
	consent_sha256: Uint8Array;
	consent: Uint8Array;
}

/** A phone under a contract: its key, and where its orders are counted. */
export interface DevicesTable {
	device_id: string;
	contract_id: string;
	/** Uncompressed point, once a receipt was accepted. */
	device_public_key: Uint8Array | null;
	/** Grows when the same handset takes the contract again with a new key, such as after a factory reset. */
	key_generation: Generated<number>;
	/** Key set that the phone is known to trust. */
	key_set_version: number;
	order_epoch: number;
	/** Last sequence given out in `order_epoch`. */
	last_sequence: Generated<number>;
	check_in_interval_seconds: number;
}

/** The handset that a contract was offered to. One row for each device; earlier attempts stand in the audit log. */
export interface EnrollmentsTable {
	device_id: string;
	attempt: number;
	contract_id: string;
	imei1: string;
	imei2: string | null;
	serial: string;
	model: string;
	state: EnrollmentStateColumn;
	/** The binding offered last, or the one that was confirmed. */
	binding_sha256: Uint8Array;
	receipt: Uint8Array | null;
	evidence: Uint8Array | null;
	/** What was asked of the attestation chain in the receipt: required, recorded or off. */
	attestation_policy: string | null;
	offered_at: number;
	confirmed_at: number | null;
}

/** Every binding ever signed: a receipt may come back for any of them. */
export interface BindingsTable {
	device_id: string;
	binding_sha256: Uint8Array;
	attempt: number;
	key_set_version: number;
	binding: Uint8Array;
	envelope: Uint8Array;
	expires_at: number;
	/** Secret of time codes that was bound, sealed. */
	code_key: Uint8Array | null;
}

/** Which contract holds which IMEI. At most one active row for each IMEI. */
export interface ImeisTable {
	imei: string;
	contract_id: string;
	/** The contract itself names it, whatever handset it is offered to. */
	named: boolean;
	active: boolean;
	claimed_at: number;
}

/** Outbox: every order ever signed. */
export interface OrdersTable {
	device_id: string;
	epoch: number;
	sequence: number;
	contract_id: string;
	action: string;
	reason: string;
	issued_at: number;
	expires_at: number;
	/** The signed bytes: sent again under another signature after a key rotation. */
	payload: Uint8Array;
	envelope: Uint8Array;
	key_set_version: number;
	state: OrderStateColumn;
	/** Rule of the borrower's floor that forbade it. */
	rule: string | null;
	/** Issued in place of one that the phone can no longer accept. */
	reissued: Generated<boolean>;
	request_id: string | null;
}

/** The last check-in of each device. Updated in place, with no other index, so that the update stays on its page. */
export interface CheckInsTable {
	device_id: string;
	key_generation: number;
	counter: number;
	at: number | null;
	last_sequence: number;
	standing: number;
	status: Uint8Array | null;
	log_head: Uint8Array | null;
	log_length: number;
	agent_version: string | null;
}

/** Every check-in as signed by its device: evidence. */
/** In weeks: see `event-partitions.ts`. */
export interface CheckInEventsTable {
	device_id: string;
	key_generation: number;
	counter: number;
	at: number;
	envelope: Uint8Array;
}

export interface PaymentsTable {
	contract_id: string;
	reference: string;
	amount_minor: number | null;
	paid_until: number | null;
	at: number;
	source: Generated<"manual" | "api" | "import" | "webhook">;
	/** When the lender received it, where that was said. */
	received_at: number | null;
}

/** Every time code that was given out, as what it says; its digits are worked out again when they are asked for again. */
export interface CodesTable {
	device_id: string;
	request_id: string;
	/** 1, 2, 3 ... for each phone. */
	number: number;
	key_generation: number;
	counter: number;
	/** As in the request number; null for an automatic code. */
	nonce: number | null;
	kind: "set" | "add" | "contact" | "service" | "automatic";
	/** Days, or hours for service. */
	value: number;
	issued_at: number;
}

/** Which station works on a contract, and no other. One that has expired counts for nothing. */
export interface StationLeasesTable {
	contract_id: string;
	station: string;
	granted_at: number;
	expires_at: number;
}

/** Which code opens a borrower's own page. */
export interface BorrowerAccessTable {
	contract_id: string;
	/** 1, 2, 3 ... The code is derived from it. */
	generation: number;
}

/** What borrowers dispute: once for each period that is paid for. */
export interface DisputesTable {
	contract_id: string;
	/** Paid-until at that time. */
	paid_until: number;
	/** The borrower's own words. */
	text: string;
	at: number;
}

/** What a technician asked for and another person approves. At most one open for each contract. */
export interface ServiceCasesTable {
	case_id: string;
	contract_id: string;
	device_id: string;
	kind: "rebind" | "exchange" | "return";
	/** approved: only of a rebind, until the phone has taken it. */
	state: "asked" | "approved" | "done" | "refused" | "failed" | "expired";
	/** JSON, as it was asked. */
	request: string;
	/** Of a rebind, once approved: the binding that was sent. */
	binding_sha256: Uint8Array | null;
	asked_by: string;
	asked_at: number;
	decided_by: string | null;
	decided_at: number | null;
	note: string | null;
	/** Why the phone refused. */
	rule: string | null;
}

/** One hash chain for each subject. Rows cannot be changed or deleted. */
export interface AuditLogTable {
	subject: string;
	/** 1, 2, 3 ... */
	entry: number;
	at: number;
	actor: string;
	action: string;
	/** JSON with sorted keys. */
	details: string;
	previous: Uint8Array;
	hash: Uint8Array;
}

/** Every change of standing that a phone reported, by the check-in that did. */
export interface StandingChangesTable {
	device_id: string;
	key_generation: number;
	counter: number;
	at: number;
	/** `wire.Standing`. */
	before: number;
	after: number;
	/** The check-in that said so, as the phone signed it. `null` before it was kept here. */
	envelope: Uint8Array | null;
}

/** One row: what limits new locks, shared by every registry on this database. */
export interface FleetSettingsTable {
	id: number;
	locks_per_hour_permille: number;
	locks_per_day_permille: number;
	least_locks_per_hour: number;
	least_locks_per_day: number;
	/** 0 = the feed is not watched. */
	feed_stale_after_hours: number;
	/** When watching it began. */
	feed_watched_since: number;
	/** Last news of the payment feed; 0 = never. */
	feed_last_at: number;
	/** New locks pause until then, whatever the feed says. */
	paused_until: number;
}

/** A hold for many contracts at once. */
export interface FleetExtensionsTable {
	extension_id: string;
	request_sha256: Uint8Array;
	kind: "disaster" | "clearing";
	until: number;
	count: number;
	note: string;
	actor: string;
	created_at: number;
}

/** Its list, as it was when it began. */
export interface FleetExtensionItemsTable {
	extension_id: string;
	contract_id: string;
	done: Generated<boolean>;
}

/** Somebody says that the wrong phone is locked. While one is open, nothing new is restricted. */
export interface AppealsTable {
	contract_id: string;
	/** Of the request that opened it. */
	request_id: string;
	imei: string;
	proof_reference: string;
	opened_at: number;
	open_until: number;
	closed_at: number | null;
	/** Of the request that decided it: one that broke off is done again. */
	closed_by_request: string | null;
	outcome: "upheld" | "rejected" | null;
}

/** What was done for borrowers who called: the answer stands, so that the same request again gives it. */
export interface SupportActsTable {
	contract_id: string;
	request_id: string;
	flow: string;
	request_sha256: Uint8Array;
	at: number;
	/** JSON: findings, done, tell. */
	answer: string;
}

export type ContractRow = Selectable<ContractsTable>;
export type EnrollmentRow = Selectable<EnrollmentsTable>;
export type OrderRow = Selectable<OrdersTable>;
export type CheckInRow = Selectable<CheckInsTable>;
export type NewOrderRow = Insertable<OrdersTable>;
