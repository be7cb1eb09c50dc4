import { randomBytes } from "node:crypto";
import { link, open, unlink } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import { appendAudit } from "../audit-log.ts";
import { type ExportLedgerOptions, exportLedger, type LedgerSummary } from "./export-ledger.ts";

/**
 * Writes the ledger to a new file: mode 0600, whole or not at all, never over another one. That it was done stands in the audit log
 * from then on, not in the file itself.
 */
export async function writeLedgerFile(path: string, options: ExportLedgerOptions): Promise<LedgerSummary> {
	const temporary = `${path}.${randomBytes(6).toString("hex")}.part`;
	const file = await open(temporary, "wx", 0o600);
	try {
		let summary: LedgerSummary | undefined;
		const lines = exportLedger(options);
		async function* noting(): AsyncGenerator<string> {
			summary = yield* lines;
		}
		await pipeline(Readable.from(noting()), createGzip(), async (packed: AsyncIterable<Uint8Array>) => {
			for await (const chunk of packed) await file.writeFile(chunk); // goes on where the one before ended
		});
		if (!summary) throw new Error("the export ended without its end");
		await file.sync();
		await file.close();
		await link(temporary, path); // unlike rename, never over another file
		await noteExport(options, summary);
		return summary;
	} finally {
		await file.close().catch(() => {});
		await unlink(temporary).catch(() => {});
	}
}

async function noteExport(
	{ database, nowUnixSeconds }: ExportLedgerOptions,
	{ exportId, lines, hasSecrets }: LedgerSummary,
): Promise<void> {
	await database.kysely.transaction().execute((transaction) =>
		appendAudit(transaction, {
			subject: "registry",
			at: nowUnixSeconds,
			actor: "admin",
			action: "ledger.exported",
			details: { exportId, lines, hasSecrets },
		}),
	);
}
