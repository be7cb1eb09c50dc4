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
import { createContract, getContract, listContracts } from "../contracts.ts";
import { issueOrder, listOrders } from "../orders.ts";
import { recordPayment } from "../payments.ts";
import { grantRelease, payOff } from "../payoff.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";

const MAX_PAGE = 200;
const Id = Type.Object({ id: ContractId });

/** Contracts, and what happens to them. Admin only. */
export function contractRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.post(
			"/v1/contracts",
			{ schema: described("createContract", "Enter a contract", Contract, { body: ContractRequest }) },
			async ({ body }) => createContract(context, body),
		);
		const Page = Type.Object({
			after: Type.Optional(Type.String({ maxLength: 64 })),
			limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE })),
		});
		app.get(
			"/v1/contracts",
			{ schema: described("listContracts", "Contracts in the order of their ids", ContractList, { querystring: Page }) },
			async ({ query }) => listContracts(context, query.after ?? "", query.limit ?? 50),
		);
		app.get(
			"/v1/contracts/:id",
			{ schema: described("getContract", "One contract, its payments and its phone", Contract, { params: Id }) },
			async ({ params }) => getContract(context, params.id),
		);
		app.post(
			"/v1/contracts/:id/payments",
			{ schema: described("recordPayment", "Book a payment", PaymentResult, { params: Id, body: PaymentRequest }) },
			async ({ params, body }) => recordPayment(context, params.id, body),
		);
		app.post(
			"/v1/contracts/:id/orders",
			{ schema: described("issueOrder", "Issue an order to the contract's phone", Order, { params: Id, body: OrderRequest }) },
			async ({ params, body }) => issueOrder(context, params.id, body),
		);
		app.get(
			"/v1/contracts/:id/orders",
			{ schema: described("listOrders", "Orders in sequence", OrderList, { params: Id }) },
			async ({ params }) => ({ orders: await listOrders(context, params.id) }),
		);
		app.post(
			"/v1/contracts/:id/payoff",
			{
				schema: described("payOff", "Mark a contract paid off, or its phone returned", Contract, {
					params: Id,
					body: PayoffRequest,
				}),
			},
			async ({ params, body }) => payOff(context, params.id, body),
		);
		app.post(
			"/v1/contracts/:id/release",
			{ schema: described("grantRelease", "Orders that free the phone by cable", ReleaseGrant, { params: Id }) },
			async ({ params }) => grantRelease(context, params.id),
		);
	};
}
