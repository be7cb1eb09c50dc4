import { Readable } from "node:stream";

import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";

import { Type } from "typebox";

import { Problem } from "../api.ts";
import { auditJsonl, contractsCsv, paymentsCsv } from "../contracts/exports.ts";
import type { RegistryContext } from "../registry-context.ts";

/** Written as it comes; nothing of it is a JSON answer. */
const File = Type.Unsafe<Readable>(Type.String());

const EXPORTS = [
	["contracts.csv", "text/csv; charset=utf-8", "exportContracts", "Every contract as CSV", contractsCsv],
	["payments.csv", "text/csv; charset=utf-8", "exportPayments", "Every payment as CSV", paymentsCsv],
	["audit.jsonl", "application/jsonl; charset=utf-8", "exportAudit", "The audit log, its chains checked", auditJsonl],
] as const;

/** Files to download, written page by page while they are read. */
export function exportRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		for (const [name, type, operationId, summary, write] of EXPORTS) {
			app.get(
				`/v1/exports/${name}`,
				{
					config: { allow: name === "audit.jsonl" ? ["auditor"] : ["agent", "auditor"] },
					schema: { operationId, summary, response: { 200: File, default: Problem } },
				},
				async (_request, reply) =>
					reply
						.type(type)
						.header("content-disposition", `attachment; filename="${name}"`)
						.send(Readable.from(write(context))),
			);
		}
	};
}
