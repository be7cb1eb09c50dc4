import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { ContractId, ImeiText } from "../api-types.ts";
import { PageQuery } from "../page-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import { approveCase, askCase, casesOf, refuseCase, waitingCases } from "../service/cases.ts";
import { findContracts } from "../service/find-contracts.ts";
import { keepReleaseReport } from "../service/release-report.ts";
import { logScreenLockHelp } from "../service/screen-lock-help.ts";
import {
	CaseDecision,
	ExchangeRequest,
	FoundContracts,
	RebindRequest,
	ReleaseReport,
	ReleaseReportKept,
	ReturnRequest,
	ScreenLockHelp,
	ScreenLockHelpRequest,
	ServiceCase,
	ServiceCaseList,
	ServiceWindow,
	ServiceWindowRequest,
} from "../service/service-request.ts";
import { openServiceWindow } from "../service/window.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

const Id = Type.Object({ id: ContractId });
const CaseId = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{20}$" }) });

/** What a technician does, and what an agent or an administrator approves. */
export function serviceRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		const asks = { config: { allow: ["technician", "agent"] } } as const;
		// Either half of what takes two people.
		const asksOfTwo = { config: { ...asks.config, isPersonal: true } } as const;
		app.get(
			"/v1/imei/:imei/contracts",
			{
				config: { allow: ["agent", "technician", "auditor"] },
				schema: described("findContracts", "Contracts that a phone is or was on, a page at a time", FoundContracts, {
					params: Type.Object({ imei: ImeiText }),
					querystring: PageQuery,
				}),
			},
			async (request) => findContracts(asCaller(context, request), request.params.imei, request.query),
		);
		app.post(
			"/v1/contracts/:id/service-window",
			{
				config: { ...asks.config, repeat: "rerun", requestIdFromKey: true },
				schema: described("openServiceWindow", "USB debugging for a technician, by code or at the next check-in", ServiceWindow, {
					params: Id,
					body: ServiceWindowRequest,
				}),
			},
			async (request) => openServiceWindow(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/contracts/:id/rebind",
			{
				...asksOfTwo,
				schema: described("askRebind", "Ask to bind the contract to the phone's new IMEIs", ServiceCase, {
					params: Id,
					body: RebindRequest,
				}),
			},
			async (request) => askCase(asCaller(context, request), request.params.id, { kind: "rebind", ...request.body }),
		);
		app.post(
			"/v1/contracts/:id/exchange",
			{
				...asksOfTwo,
				schema: described("askExchange", "Ask to enrol the contract anew on another board or phone", ServiceCase, {
					params: Id,
					body: ExchangeRequest,
				}),
			},
			async (request) => askCase(asCaller(context, request), request.params.id, { kind: "exchange", ...request.body }),
		);
		app.post(
			"/v1/contracts/:id/return",
			{
				...asksOfTwo,
				schema: described("askReturn", "Ask to end the contract because its phone came back", ServiceCase, {
					params: Id,
					body: ReturnRequest,
				}),
			},
			async (request) => askCase(asCaller(context, request), request.params.id, { kind: "return", ...request.body }),
		);
		app.get(
			"/v1/contracts/:id/service-cases",
			{
				config: { allow: ["agent", "technician", "auditor"] },
				schema: described(
					"casesOfContract",
					"What was asked for a contract, the latest first, a page at a time",
					ServiceCaseList,
					{
						params: Id,
						querystring: PageQuery,
					},
				),
			},
			async (request) => casesOf(asCaller(context, request), request.params.id, request.query),
		);
		app.get(
			"/v1/service-cases",
			{
				config: { allow: ["agent", "technician", "auditor"] },
				schema: described(
					"waitingCases",
					"What waits for somebody to approve it, the oldest first, a page at a time",
					ServiceCaseList,
					{
						querystring: PageQuery,
					},
				),
			},
			async (request) => waitingCases(asCaller(context, request), request.query),
		);
		app.post(
			"/v1/service-cases/:id/approve",
			{
				config: { allow: ["agent"], stepUp: true },
				schema: described("approveCase", "Approve what another person asked, and do it", ServiceCase, {
					params: CaseId,
					body: CaseDecision,
				}),
			},
			async (request) => approveCase(asCaller(context, request), request.params.id, request.body.note),
		);
		app.post(
			"/v1/service-cases/:id/refuse",
			{
				...asksOfTwo,
				schema: described("refuseCase", "Refuse what was asked, or take it back", ServiceCase, {
					params: CaseId,
					body: CaseDecision,
				}),
			},
			async (request) => refuseCase(asCaller(context, request), request.params.id, request.body.note),
		);
		app.post(
			"/v1/contracts/:id/release-report",
			{
				...asks,
				schema: described("keepReleaseReport", "Write down what a release was seen to change", ReleaseReportKept, {
					params: Id,
					body: ReleaseReport,
				}),
			},
			async (request) => keepReleaseReport(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/contracts/:id/screen-lock-help",
			{
				...asks,
				schema: described("logScreenLockHelp", "Write down that a borrower forgot their screen lock", ScreenLockHelp, {
					params: Id,
					body: ScreenLockHelpRequest,
				}),
			},
			async (request) => logScreenLockHelp(asCaller(context, request), request.params.id, request.body),
		);
	};
}
