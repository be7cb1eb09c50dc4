import type { SessionView } from "../../registry/access/access-request.ts";
import type { ActName, View } from "./place.ts";

/** What a person may see and do here. The registry refuses everything else whatever a page shows. */
export interface Permissions {
	readonly views: readonly View[];
	/** Agents and admins. Auditors read. */
	readonly acts: boolean;
	/** Limits of the fleet, extensions, people. */
	readonly runs: boolean;
}

export function permissionsOf({ roles }: Pick<SessionView, "roles">): Permissions {
	const runs = roles.includes("admin");
	const acts = runs || roles.includes("agent");
	const reads = acts || roles.includes("auditor");
	const views: readonly (View | false)[] = [
		reads && "contracts",
		acts && "payments",
		reads && "fleet",
		"approvals",
		(runs || roles.includes("auditor")) && "audit",
		(runs || roles.includes("auditor")) && "people",
	];
	return { views: views.filter((view) => view !== false), acts, runs };
}

/** Acts that make sense for a contract in its state: what has ended can only be served and set free. */
export function actsFor(state: string, hasOpenAppeal: boolean): readonly ActName[] {
	const free: readonly ActName[] = ["service", "restore", "release-code", "paid-but-locked"];
	if (state !== "open") return free;
	return [
		"payment",
		"hold",
		"notice",
		"code",
		"restore",
		"service",
		"payoff",
		"restrict",
		"paid-but-locked",
		"locked-in-error",
		...(hasOpenAppeal ? (["appeal"] as const) : []),
		"in-clearing",
		"return",
	];
}
