import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { Health, ImeiStatus, KeySets } from "../api.ts";
import { toBase64 } from "../base64.ts";
import { imeiStatus } from "../contracts/imei-claims.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { networkOf } from "./network-of.ts";
import { createRateLimit, tooMany } from "./rate-limit.ts";
import { requireReady } from "./readiness.ts";

/** Enough for somebody who buys phones; too few to list a lender's phones by trying numbers. */
const IMEI_BURST = 30;
const IMEI_PER_MINUTE = 30;

/** What anybody may ask: nothing personal is in any answer. */
export function publicRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		const mayAsk = createRateLimit({ burst: IMEI_BURST, perMinute: IMEI_PER_MINUTE, nowMs: context.monotonicMs });
		app.get(
			"/v1/imei/:imei",
			{
				schema: described("imeiStatus", "Whether a phone is financed here", ImeiStatus, {
					params: Type.Object({ imei: Type.String({ pattern: "^[0-9]{15}$" }) }),
				}),
			},
			async ({ params, ip }) => {
				const network = networkOf(ip);
				if (!mayAsk(network)) throw tooMany(mayAsk.secondsToWait(network));
				return imeiStatus(context.database.kysely, params.imei);
			},
		);
		app.get("/v1/key-sets", { schema: described("keySets", "The lender's key sets, oldest first", KeySets, {}) }, async () => ({
			lenderId: context.keys.lenderId,
			keySetEnvelopes: context.keys.keySetEnvelopes.map(toBase64),
		}));
		app.get("/healthz", { schema: described("health", "The process answers", Health, {}) }, async () => ({
			status: "ok" as const,
		}));
		app.get("/readyz", { schema: described("ready", "Requests can be answered now", Health, {}) }, async () => {
			await requireReady(context);
			const withoutKeys = context.keys.unavailable?.() ?? [];
			return { status: "ok" as const, ...(withoutKeys.length > 0 ? { withoutKeys: [...withoutKeys] } : {}) };
		});
	};
}
