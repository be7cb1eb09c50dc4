import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { getApproval, listApprovals } from "../access/approval-list.ts";
import {
	Approval,
	ApprovalDecision,
	ApprovalId,
	ApprovalList,
	ApprovalQuery,
	ApprovalRequest,
} from "../access/approval-request.ts";
import { askApproval, decideApproval } from "../access/approvals.ts";
import { ROLES } from "../access/role.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

const Id = Type.Object({ id: ApprovalId });
/** Which role may ask or approve stands with each kind of act; here only that auditors change nothing. */
const allow = ["agent", "operator", "technician"] as const;

/** What waits for a second person. */
export function approvalRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.get(
			"/v1/approvals",
			{
				config: { allow: ROLES },
				schema: described("listApprovals", "What was asked lately, newest first, a page at a time", ApprovalList, {
					querystring: ApprovalQuery,
				}),
			},
			async (request) => listApprovals(asCaller(context, request), request.query),
		);
		app.post(
			"/v1/approvals",
			{
				config: { allow, isPersonal: true },
				schema: described("askApproval", "Ask a second person to approve an exact act", Approval, { body: ApprovalRequest }),
			},
			async (request) => {
				const caller = asCaller(context, request);
				return getApproval(caller, await askApproval(caller, request.caller?.roles ?? new Set(), request.body));
			},
		);
		for (const [verb, isYes] of [["approve", true] as const, ["refuse", false] as const]) {
			app.post(
				`/v1/approvals/:id/${verb}`,
				{
					config: { allow, stepUp: isYes, isPersonal: true },
					schema: described(
						`${verb}Approval`,
						isYes ? "Say yes to exactly this act" : "Say no, or take back what one asked",
						Approval,
						{ params: Id, body: ApprovalDecision },
					),
				},
				async (request) => {
					const caller = asCaller(context, request);
					await decideApproval(caller, request.params.id, { isYes, ...request.body });
					return getApproval(caller, request.params.id);
				},
			);
		}
	};
}
