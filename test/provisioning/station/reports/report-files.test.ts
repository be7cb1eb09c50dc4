import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { batchReport } from "../../../../provisioning/station/reports/batch-report.ts";
import { reportCsv } from "../../../../provisioning/station/reports/report-csv.ts";
import { reportFiles, reportSums } from "../../../../provisioning/station/reports/report-files.ts";
import { reportJson } from "../../../../provisioning/station/reports/report-json.ts";
import { sampleBatch } from "./sample-batch.ts";

const rowsOf = (csv: string): Record<string, string>[] => parse(csv, { columns: true, record_delimiter: "\r\n" });

describe("a report's CSV", () => {
	it("has one row for each unit", () => {
		const input = sampleBatch(64);
		const rows = rowsOf(reportCsv(batchReport(input)));
		expect(rows).toHaveLength(64);
		expect(rows[0]).toEqual({
			...{ contract: "LN-2026-000001", imei1: input.units[0]?.imeis[0], imei2: input.units[0]?.imeis[1], serial: "" },
			...{ model: "Redmi Note 13", standing: "pass", runs: "1", fault_codes: "", label: "B7-000001-1", void_labels: "" },
			...{ slot: "1", operator: "Asha", run_started: "2026-11-21T03:11:00.000Z", run_ended: "2026-11-21T03:11:41.000Z" },
			...{ run_seconds: "41.0", phone_serial: "SN0", phone_imeis: input.units[0]?.imeis.join(" "), phone_model: "2312DRA50G" },
			...{ enrollment_id: "e-0", device_id: "", hold_reason: "", receipt_queued: "no", manifest_row: "2" },
		});
	});

	it("keeps any text in its cell, and makes none a formula", () => {
		const signs = fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", '"', ",", ";", "'", " ", "|", "＝", "=HYPERLINK(1)");
		const text = fc.array(fc.oneof(signs, fc.string({ maxLength: 4 })), { maxLength: 5 }).map((parts) => parts.join(""));
		const input = sampleBatch(2);
		fc.assert(
			fc.property(text, text, (model, contractId) => {
				const units = input.units.map((unit) => ({ ...unit, model, contractId }));
				const csv = reportCsv(batchReport({ ...input, units }));
				const rows = rowsOf(csv);
				expect(rows).toHaveLength(2);
				for (const [cell, value] of [
					[rows[1]?.model ?? "", model],
					[rows[1]?.contract ?? "", contractId],
				] as const) {
					expect([value, `'${value}`]).toContain(cell);
					expect(cell).not.toMatch(/^\s*[=+\-@|＝＋－＠]/);
				}
			}),
		);
	});
});

describe("a report's files", () => {
	it("are the JSON of the report, and its other forms, each with its hash", async () => {
		const report = batchReport(sampleBatch(64));
		const files = await reportFiles(report);
		expect(files.map(({ name }) => name)).toEqual(["B7-report.csv", "B7-report.json", "B7-report.pdf"]);
		const [csv, json] = files.map(({ bytes }) => Buffer.from(bytes).toString("utf8"));
		expect(csv).toBe(reportCsv(report));
		expect(JSON.parse(json ?? "")).toEqual(JSON.parse(reportJson(report)));
		for (const { bytes, sha256 } of files) expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
	});

	it("are the same bytes for the same report", async () => {
		const hashes = async () => (await reportFiles(batchReport(sampleBatch(64)))).map(({ sha256 }) => sha256);
		expect(await hashes()).toEqual(await hashes());
	});

	it("are checked with sha256sum", async () => {
		const files = await reportFiles(batchReport(sampleBatch(3)));
		const folder = mkdtempSync(join(tmpdir(), "report-"));
		try {
			for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes);
			writeFileSync(join(folder, "SHA256SUMS"), reportSums(files));
			expect(execFileSync("sha256sum", ["-c", "--strict", "SHA256SUMS"], { cwd: folder, encoding: "utf8" })).toContain(
				"B7-report.pdf: OK",
			);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	it("have a name that is a name of a file, whatever the batch is called", async () => {
		const input = sampleBatch(0);
		const state = { ...input.state, opened: { ...input.state.opened, batchId: "../PO 7/é" } };
		const [csv] = await reportFiles(batchReport({ ...input, state }));
		expect(csv?.name).toBe("___PO_7__-report.csv");
	});
});
