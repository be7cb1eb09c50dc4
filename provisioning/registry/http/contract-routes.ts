import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import {
	Contract,
	ContractId,
	ContractList,
	ContractRequest,
	Order,
	OrderList,
	OrderRequest,
	PaymentRequest,
	PaymentResult,
	PayoffRequest,
	ReleaseGrant,
} from "../api.ts";
import { contractPapers } from "../contracts/contract-papers.ts";
import { createContract, getContract, listContracts } from "../contracts/contracts.ts";
import { grantRelease, payOff } from "../contracts/payoff.ts";
import { ContractPapers } from "../enrollment/desk-request.ts";
import { issueOrder, listOrders } from "../orders/orders.ts";
import { PageQuery } from "../page-request.ts";
import { recordPayment } from "../payments/payments.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

const MAX_PAGE = 200;
const Id = Type.Object({ id: ContractId });

/** Contracts, and what happens to them. Admin only. */
export function contractRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.post(
			"/v1/contracts",
			{
				config: { allow: ["agent", "operator"] },
				schema: described("createContract", "Enter a contract", Contract, { body: ContractRequest }),
			},
			async (request) => createContract(asCaller(context, request), request.body),
		);
		const Page = Type.Object({
			after: Type.Optional(Type.String({ maxLength: 64 })),
			limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE })),
		});
		app.get(
			"/v1/contracts",
			{
				config: { allow: ["agent", "auditor"] },
				schema: described("listContracts", "Contracts in the order of their ids", ContractList, { querystring: Page }),
			},
			async (request) => listContracts(asCaller(context, request), request.query.after ?? "", request.query.limit ?? 50),
		);
		app.get(
			"/v1/contracts/:id",
			{
				config: { allow: ["agent", "operator", "technician", "auditor"] },
				schema: described("getContract", "One contract, its payments and its phone", Contract, { params: Id }),
			},
			async (request) => getContract(asCaller(context, request), request.params.id),
		);
		app.get(
			"/v1/contracts/:id/papers",
			{
				config: { allow: ["agent", "operator", "technician", "auditor"] },
				schema: described("contractPapers", "Terms and consent, as the phone is given them", ContractPapers, { params: Id }),
			},
			async (request) => contractPapers(asCaller(context, request), request.params.id),
		);
		app.post(
			"/v1/contracts/:id/payments",
			{
				config: { allow: ["agent"] },
				schema: described("recordPayment", "Book a payment", PaymentResult, { params: Id, body: PaymentRequest }),
			},
			async (request) =>
				recordPayment(
					asCaller(context, request),
					request.params.id,
					request.body,
					request.caller?.kind === "person" ? "manual" : "api",
				),
		);
		app.post(
			"/v1/contracts/:id/orders",
			{
				config: { allow: ["agent"], requestIdFromKey: true },
				schema: described("issueOrder", "Issue an order to the contract's phone", Order, { params: Id, body: OrderRequest }),
			},
			async (request) => issueOrder(asCaller(context, request), request.params.id, request.body),
		);
		app.get(
			"/v1/contracts/:id/orders",
			{
				config: { allow: ["agent", "technician", "auditor"] },
				schema: described("listOrders", "Orders in sequence, a page at a time", OrderList, {
					params: Id,
					querystring: PageQuery,
				}),
			},
			async (request) => listOrders(asCaller(context, request), request.params.id, request.query),
		);
		app.post(
			"/v1/contracts/:id/payoff",
			{
				config: { allow: ["agent"] },
				schema: described("payOff", "Mark a contract paid off, or its phone returned", Contract, {
					params: Id,
					body: PayoffRequest,
				}),
			},
			async (request) => payOff(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/contracts/:id/release",
			{
				config: { allow: ["agent", "technician"], repeat: "rerun" },
				schema: described("grantRelease", "Orders that free the phone by cable", ReleaseGrant, { params: Id }),
			},
			async (request) => grantRelease(asCaller(context, request), request.params.id),
		);
	};
}
