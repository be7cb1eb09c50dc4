import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";

import { lookUpContracts } from "../contracts/contract-lookup.ts";
import { leaseContracts, releaseLeases } from "../enrollment/leases.ts";
import {
	ContractLookup,
	LeaseRelease,
	LeaseRequest,
	Leases,
	LookupRequest,
	ReleasedLeases,
} from "../enrollment/station-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller, asStation } from "./route-access.ts";

/** What stations ask for many contracts at once. Admin only. */
export function stationRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.post(
			"/v1/leases",
			{
				config: { allow: ["operator"], repeat: "rerun" },
				schema: described("leaseContracts", "Take contracts for one station alone, or keep them for longer", Leases, {
					body: LeaseRequest,
				}),
			},
			async (request) => {
				asStation(request, request.body.station);
				return leaseContracts(asCaller(context, request), request.body);
			},
		);
		app.post(
			"/v1/leases/release",
			{
				config: { allow: ["operator"], repeat: "rerun" },
				schema: described("releaseLeases", "Let go of a station's contracts", ReleasedLeases, { body: LeaseRelease }),
			},
			async (request) => {
				asStation(request, request.body.station);
				return releaseLeases(asCaller(context, request), request.body);
			},
		);
		app.post(
			"/v1/contracts/lookup",
			{
				config: { allow: ["operator", "technician"], repeat: "rerun" },
				schema: described("lookUpContracts", "State, IMEIs and enrolment of many contracts", ContractLookup, {
					body: LookupRequest,
				}),
			},
			async (request) => lookUpContracts(asCaller(context, request), request.body.contractIds),
		);
	};
}
