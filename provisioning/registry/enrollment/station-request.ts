/** JSON of what stations ask for many contracts at once: leases, and a look at each. Exported again by `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { ContractId, closed, DAY, Seconds } from "../api-types.ts";

/** Most contracts in one call. */
export const MAX_CONTRACTS_IN_CALL = 500;
/** Longest lease: a voucher, which lives as long, must not outlive it. */
export const MAX_LEASE_SECONDS = 7 * DAY;

/** A station's name, such as `BLR-A-ENR-01`. */
export const StationName = Type.String({
	pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
	description: "The station, unique for the lender, such as BLR-A-ENR-01.",
});

const ContractIds = Type.Array(ContractId, { minItems: 1, maxItems: MAX_CONTRACTS_IN_CALL });

export const LeaseRequest = Type.Object(
	{
		station: StationName,
		contractIds: ContractIds,
		ttlSeconds: Type.Integer({ minimum: 60, maximum: MAX_LEASE_SECONDS, description: "From now, by the registry's clock." }),
	},
	{ ...closed, title: "LeaseRequest" },
);
export type LeaseRequest = Static<typeof LeaseRequest>;

export const Leases = Type.Object(
	{
		granted: Type.Array(Type.Object({ contractId: Type.String(), expiresAtUnixSeconds: Seconds("The lease ends.") }), {
			description: "The station's own, new or renewed.",
		}),
		refused: Type.Array(
			Type.Object({
				contractId: Type.String(),
				station: Type.String({ description: "Who holds it." }),
				expiresAtUnixSeconds: Seconds("Until when, unless it renews it."),
			}),
			{ description: "Another station's." },
		),
		unknown: Type.Array(Type.String(), { description: "There is no such contract." }),
	},
	{ title: "Leases" },
);
export type Leases = Static<typeof Leases>;

export const LeaseRelease = Type.Object({ station: StationName, contractIds: ContractIds }, { ...closed, title: "LeaseRelease" });
export type LeaseRelease = Static<typeof LeaseRelease>;

export const ReleasedLeases = Type.Object(
	{ released: Type.Array(Type.String(), { description: "Contracts that the station held until now." }) },
	{ title: "ReleasedLeases" },
);
export type ReleasedLeases = Static<typeof ReleasedLeases>;

export const LookupRequest = Type.Object({ contractIds: ContractIds }, { ...closed, title: "LookupRequest" });

/** What a manifest is checked against. A contract that does not exist is left out. */
export const ContractLookup = Type.Object(
	{
		contracts: Type.Array(
			Type.Object({
				contractId: Type.String(),
				state: Type.Union([Type.Literal("open"), Type.Literal("paid_off"), Type.Literal("returned"), Type.Literal("released")]),
				imeis: Type.Array(Type.String(), { description: "IMEIs that the contract names." }),
				enrollmentState: Type.Optional(
					Type.Union(
						[
							Type.Literal("offered"),
							Type.Literal("confirmed"),
							Type.Literal("contacted"),
							Type.Literal("sealed"),
							Type.Literal("released"),
						],
						{ description: "Absent while no phone was offered." },
					),
				),
			}),
		),
	},
	{ title: "ContractLookup" },
);
export type ContractLookup = Static<typeof ContractLookup>;
