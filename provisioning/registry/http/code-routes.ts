import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { ContractId } from "../api-types.ts";
import { CodeRequest, EscrowShares, IssuedCode, ReleaseCode } from "../code-request.ts";
import { giveReleaseCode, issueCode } from "../codes.ts";
import { splitForEscrow } from "../escrow.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";

const Id = Type.Object({ id: ContractId });

/** Offline codes. Admin only. */
export function codeRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.post(
			"/v1/contracts/:id/codes",
			{
				schema: described("issueCode", "Make a time code for the contract's phone", IssuedCode, {
					params: Id,
					body: CodeRequest,
				}),
			},
			async ({ params, body }) => issueCode(context, params.id, body),
		);
		app.post(
			"/v1/contracts/:id/release-code",
			{ schema: described("giveReleaseCode", "The release code of a contract that has ended", ReleaseCode, { params: Id }) },
			async ({ params }) => giveReleaseCode(context, params.id),
		);
		app.post(
			"/v1/contracts/:id/escrow",
			{ schema: described("splitForEscrow", "Split the release secret, 2 of 3, for safekeeping", EscrowShares, { params: Id }) },
			async ({ params }) => splitForEscrow(context, params.id),
		);
	};
}
