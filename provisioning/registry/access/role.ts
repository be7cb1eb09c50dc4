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
}

/** The holder of the registry's admin token: a program that the lender trusts with everything. */
export const TOKEN_HOLDER: Caller = { actor: "admin", kind: "token", roles: new Set(ROLES) };
