import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { ContractId, OrderRequest } from "../api.ts";
import { searchContracts } from "../contracts/contract-search.ts";
import { ContractPage, ContractSearch } from "../contracts/contract-search-request.ts";
import { contractStory } from "../contracts/contract-story.ts";
import { ContractStory, StoryQuery } from "../contracts/contract-story-request.ts";
import { checkOrder } from "../orders/order-check.ts";
import { OrderCheck } from "../orders/order-check-request.ts";
import { PaymentImport, PaymentImportResult } from "../payments/payment-feed-request.ts";
import { importPayments } from "../payments/payment-import.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

const Id = Type.Object({ id: ContractId });
/** A file of payments in base64, and what JSON adds. */
const MAX_IMPORT_BYTES = 4_100_000;

/** What the lender's console asks about contracts. */
export function consoleRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.get(
			"/v1/contracts/search",
			{
				config: { allow: ["agent", "auditor"] },
				schema: described("searchContracts", "Contracts that fit, a page at a time", ContractPage, {
					querystring: ContractSearch,
				}),
			},
			async (request) => searchContracts(asCaller(context, request), request.query),
		);
		app.get(
			"/v1/contracts/:id/story",
			{
				config: { allow: ["agent", "auditor"] },
				schema: described("contractStory", "All that is known of one contract", ContractStory, {
					params: Id,
					querystring: StoryQuery,
				}),
			},
			async (request) => contractStory(asCaller(context, request), request.params.id, request.query),
		);
		app.post(
			"/v1/contracts/:id/orders/check",
			{
				config: { allow: ["agent", "auditor"], repeat: "rerun" },
				schema: described("checkOrder", "What would become of an order; nothing is sent", OrderCheck, {
					params: Id,
					body: OrderRequest,
				}),
			},
			async (request) => checkOrder(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/payments/import",
			{
				config: { allow: ["agent"] },
				bodyLimit: MAX_IMPORT_BYTES,
				schema: described("importPayments", "Check a file of payments, and book it", PaymentImportResult, {
					body: PaymentImport,
				}),
			},
			async (request) => importPayments(asCaller(context, request), request.body, () => performance.now()),
		);
	};
}
