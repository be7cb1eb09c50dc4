/**
 * What a person at the lender's side may do. `admin` runs the registry and its people; `agent` serves borrowers: payments, holds,
 * codes, orders; `operator` enrolls phones; `technician` frees and repairs them; `auditor` reads everything and changes nothing.
 */
export const ROLES = ["admin", "agent", "operator", "technician", "auditor"] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. */
export interface Caller {
	/** `admin` for whoever holds the admin token, else `program/<id>` or `person/<id>`. Stands in the audit log. */
	readonly actor: string;
	/**
	 * `person`: somebody who signed in on a page. `program`: a station, a loan system, a script, with a token of its own. `token`: the
	 * command line on the server, with the admin token.
	 */
	readonly kind: "token" | "program" | "person";
	readonly roles: ReadonlySet<Role>;
	/** Only of a program. */
	readonly program?: CallerProgram;
	/** Only of a person. */
	readonly session?: CallerSession;
}

/** The program that asks. */
export interface CallerProgram {
	readonly name: string;
	/** When the token that it asks with ends, in seconds since 1970-01-01T00:00:00Z. */
	readonly expiresAt: number;
	/** It leases and enrolls as this station alone. */
	readonly station?: string;
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

/** The holder of the registry's admin token: whoever reads the server's own files, and so could do everything anyway. */
export const TOKEN_HOLDER: Caller = { actor: "admin", kind: "token", roles: new Set(ROLES) };
