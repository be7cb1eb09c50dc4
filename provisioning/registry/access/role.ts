/**
 * What a person at the lender's side may do. `admin` runs the registry and its people; `agent` serves borrowers: payments, holds,
 * codes, orders; `operator` enrolls phones; `technician` frees and repairs them; `auditor` reads everything and changes nothing.
 */
export const ROLES = ["admin", "agent", "operator", "technician", "auditor"] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. */
export interface Caller {
	/** `admin` for whoever holds the admin token, else `person/<id>`. Stands in the audit log. */
	readonly actor: string;
	/** `token`: a program, such as a station or a loan system. `person`: somebody who signed in on a page. */
	readonly kind: "token" | "person";
	readonly roles: ReadonlySet<Role>;
	/** Only of a person. */
	readonly session?: CallerSession;
}

/** The session that a person asks with. Times are seconds since 1970-01-01T00:00:00Z. */
export interface CallerSession {
	readonly personId: string;
	readonly name: string;
	/** SHA-256 of its secret id: how the database knows it. */
	readonly idSha256: Uint8Array;
	readonly signedInAt: number;
	readonly lastSeenAt: number;
	readonly expiresAt: number;
	/** When the passkey was last asked for; `undefined` after a sign-in through an identity provider. */
	readonly steppedUpAt?: number;
}

/** The holder of the registry's admin token: a program that the lender trusts with everything. */
export const TOKEN_HOLDER: Caller = { actor: "admin", kind: "token", roles: new Set(ROLES) };
