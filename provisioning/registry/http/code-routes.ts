import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { ContractId } from "../api-types.ts";
import { CodeRequest, EscrowDepositPage, EscrowShares, IssuedCode, ReleaseCode } from "../codes/code-request.ts";
import { giveReleaseCode, issueCode } from "../codes/codes.ts";
import { splitForEscrow } from "../codes/escrow.ts";
import { depositPage } from "../codes/escrow-deposit.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

const Id = Type.Object({ id: ContractId });

/** Offline codes. Admin only. */
export function codeRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.post(
			"/v1/contracts/:id/codes",
			{
				config: { allow: ["agent"], repeat: "rerun", requestIdFromKey: true },
				schema: described("issueCode", "Make a time code for the contract's phone", IssuedCode, {
					params: Id,
					body: CodeRequest,
				}),
			},
			async (request) => issueCode(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/contracts/:id/release-code",
			{
				config: { allow: ["agent", "technician"], repeat: "rerun" },
				schema: described("giveReleaseCode", "The release code of a contract that has ended", ReleaseCode, { params: Id }),
			},
			async (request) => giveReleaseCode(asCaller(context, request), request.params.id),
		);
		app.post(
			"/v1/contracts/:id/escrow",
			{
				config: { allow: [], repeat: "once" },
				schema: described("splitForEscrow", "Split the release secret, 2 of 3, for safekeeping", EscrowShares, { params: Id }),
			},
			async (request) => splitForEscrow(asCaller(context, request), request.params.id),
		);
		app.get(
			"/v1/escrow-deposit",
			{
				config: { allow: [] },
				schema: described(
					"escrowDeposit",
					"Release codes of all phones, sealed for the escrow's holders alone",
					EscrowDepositPage,
					{
						querystring: Type.Object({ after: Type.Optional(ContractId) }),
					},
				),
			},
			async (request) => depositPage(asCaller(context, request), request.query.after ?? ""),
		);
	};
}
