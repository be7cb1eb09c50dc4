import type { FastifyInstance } from "fastify";

import { ServerRefusal } from "./problem.ts";

/** A format that a batch's report comes in. */
export type ReportFormat = "csv" | "json" | "pdf";

const CONTENT_TYPES: Readonly<Record<ReportFormat, string>> = {
	csv: "text/csv; charset=utf-8",
	json: "application/json; charset=utf-8",
	pdf: "application/pdf",
};

/** `GET /api/reports/batch.csv`, `.json` and `.pdf`. */
export function reportRoutes(
	app: FastifyInstance,
	batchId: () => string,
	reports: ((format: ReportFormat) => Promise<Uint8Array | undefined>) | undefined,
): void {
	for (const [format, contentType] of Object.entries(CONTENT_TYPES) as [ReportFormat, string][]) {
		app.get(`/api/reports/batch.${format}`, async (_request, reply) => {
			const bytes = await reports?.(format);
			if (!bytes)
				throw new ServerRefusal("NOT_FOUND", "There is no such report.", "Close the batch first, or take another format.");
			const name = batchId().replace(/[^\w.-]/g, "_");
			return reply
				.type(contentType)
				.header("content-disposition", `attachment; filename="batch-${name}.${format}"`)
				.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
		});
	}
}
