import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { ContractId } from "../api-types.ts";
import type { RegistryContext } from "../registry-context.ts";
import { decideAppeal, inClearing, lockedInError, paidButLocked, returned } from "../support/support.ts";
import {
	AppealDecision,
	InClearingRequest,
	LockedInErrorRequest,
	PaidButLockedRequest,
	ReturnRequest,
	SupportResult,
} from "../support/support-request.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

const Id = Type.Object({ id: ContractId });

/** What an agent does for a borrower who calls. Each says what was found, what was done, and what to tell. */
export function supportRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		const config = { allow: ["agent"] } as const;
		const schema = <Body extends Parameters<typeof described>[3][string]>(operationId: string, summary: string, body: Body) =>
			described(operationId, summary, SupportResult, { params: Id, body });
		app.post(
			"/v1/contracts/:id/support/paid-but-locked",
			{
				config,
				schema: schema("paidButLocked", "Why a phone is locked that was paid for; sends the unlock again", PaidButLockedRequest),
			},
			async (request) => paidButLocked(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/contracts/:id/support/locked-in-error",
			{ config, schema: schema("lockedInError", "Open an appeal: nothing is locked meanwhile", LockedInErrorRequest) },
			async (request) => lockedInError(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/contracts/:id/support/appeal-decision",
			{ config, schema: schema("decideAppeal", "Decide an appeal", AppealDecision) },
			async (request) => decideAppeal(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/contracts/:id/support/in-clearing",
			{ config, schema: schema("inClearing", "A payment is on its way: a hold of 24 to 72 hours", InClearingRequest) },
			async (request) => inClearing(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/contracts/:id/support/return",
			{ config, schema: schema("returned", "The phone came back: the contract ends", ReturnRequest) },
			async (request) => returned(asCaller(context, request), request.params.id, request.body),
		);
	};
}
