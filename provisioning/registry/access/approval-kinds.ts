import { type Static, type TSchema, Type } from "typebox";
import { closed } from "../api-types.ts";
import { FleetSettingsChange } from "../fleet/fleet-request.ts";
import { OrderRequest } from "../orders/order-request.ts";
import { PersonChange, PersonId, PersonRequest } from "./access-request.ts";
import type { Role } from "./role.ts";

/** What takes two people. */
interface Kind {
	/** Roles that may ask for it, besides admin. */
	readonly ask: readonly Role[];
	/** The role that the second person needs. */
	readonly approve: Role;
	/** Shape of the request: what is asked for is checked before anybody is bothered. */
	readonly request: TSchema;
}

/** Every act that takes two people. Add a line for yours, and call `withApproval` with its name. */
export const APPROVAL_KINDS = {
	/** Somebody becomes an administrator, or an administrator is given another way to sign in. */
	"people.admin": {
		ask: [],
		approve: "admin",
		request: Type.Union([
			Type.Object({ act: Type.Literal("add"), ...PersonRequest.properties }, closed),
			Type.Object({ act: Type.Literal("invite"), personId: PersonId }, closed),
			Type.Object({ act: Type.Literal("change"), personId: PersonId, ...PersonChange.properties }, closed),
		]),
	},
	/** More phones are to be locked than the fleet's breaker lets one person lock. */
	"fleet.breaker": { ask: ["agent"], approve: "admin", request: OrderRequest },
	/** The breaker's limits are widened, or locks go on with an older payment feed. */
	"fleet.settings": { ask: [], approve: "admin", request: FleetSettingsChange },
} as const satisfies Readonly<Record<string, Kind>>;

export type ApprovalKind = keyof typeof APPROVAL_KINDS;
export type ApprovalRequestOf<Name extends ApprovalKind> = Static<(typeof APPROVAL_KINDS)[Name]["request"]>;

export function kindOf(name: ApprovalKind): Kind {
	return APPROVAL_KINDS[name];
}

export function isApprovalKind(name: string): name is ApprovalKind {
	return Object.hasOwn(APPROVAL_KINDS, name);
}
