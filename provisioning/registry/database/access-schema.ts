import type { Generated } from "kysely";
import type { ProgramRole } from "../access/program-request.ts";
import type { Role } from "../access/role.ts";

/** The tables of `access/` as Kysely sees them. Times are seconds since 1970-01-01T00:00:00Z. */
export interface AccessTables {
	people: PeopleTable;
	passkeys: PasskeysTable;
	provider_identities: ProviderIdentitiesTable;
	invitations: InvitationsTable;
	sessions: SessionsTable;
	sign_in_challenges: SignInChallengesTable;
	approvals: ApprovalsTable;
	programs: ProgramsTable;
	borrower_sign_outs: BorrowerSignOutsTable;
	program_secrets: ProgramSecretsTable;
}

/** Never deleted: the audit log names them. */
export interface PeopleTable {
	/** Random, 20 hex digits. */
	person_id: string;
	name: string;
	/** Lower case. */
	email: string | null;
	roles: Role[];
	roles_from: "registry" | "provider";
	/** Actor who last invited them or gave them their roles: who can never be seconded by them. */
	vouched_by: string;
	created_at: number;
	disabled_at: number | null;
}

export interface PasskeysTable {
	/** Base64url. */
	credential_id: string;
	person_id: string;
	/** COSE. */
	public_key: Uint8Array;
	/** Signatures so far; many authenticators always say 0. */
	counter: number;
	transports: string[];
	synced: boolean;
	created_at: number;
	last_used_at: number | null;
}

export interface ProviderIdentitiesTable {
	issuer: string;
	subject: string;
	person_id: string;
	linked_at: number;
}

export interface InvitationsTable {
	person_id: string;
	/** Null where no passkey may be registered. */
	code_sha256: Uint8Array | null;
	/** Whether the identity provider's word for the person's email is enough. */
	by_email: boolean;
	expires_at: number;
	used_at: number | null;
}

export interface SessionsTable {
	id_sha256: Uint8Array;
	person_id: string;
	signed_in_at: number;
	last_seen_at: number;
	expires_at: number;
	stepped_up_at: number | null;
	/** 32 hex digits: names it to its own person. Says nothing of its secret. */
	public_id: Generated<string>;
}

/** What was asked of a browser and not answered yet. Taken out when it is answered, so that no answer is good twice. */
export interface SignInChallengesTable {
	id_sha256: Uint8Array;
	purpose: string;
	/** Whose it is: a session, an invitation, or empty. */
	holder: string;
	payload: string;
	expires_at: number;
}

/** What somebody may do once somebody else has said yes. */
export interface ApprovalsTable {
	approval_id: string;
	kind: string;
	subject: string;
	/** Canonical JSON. */
	request: string;
	request_sha256: Uint8Array;
	reason: string;
	state: "asked" | "approved" | "refused" | "done" | "expired";
	asked_by: string;
	asked_at: number;
	expires_at: number;
	decided_by: string | null;
	decided_at: number | null;
	note: string | null;
	done_at: number | null;
}

/** Never deleted: the audit log names them. */
export interface ProgramsTable {
	/** Random, 20 hex digits. */
	program_id: string;
	name: string;
	roles: ProgramRole[];
	/** It leases and enrolls as this station alone. */
	station: string | null;
	created_by: string;
	created_at: number;
	/** To the hour. */
	last_used_at: number | null;
	revoked_at: number | null;
}

/** Tokens of a program, two at most that are good. */
export interface ProgramSecretsTable {
	program_id: string;
	/** Grows with each rotation. */
	entry: number;
	sha256: Uint8Array;
	created_at: number;
	expires_at: number;
}

/** Borrowers' tokens that were given back before they were over. */
export interface BorrowerSignOutsTable {
	token_sha256: Uint8Array;
	/** When the token would be over by itself, and the row is needed no more. */
	expires_at: number;
}
