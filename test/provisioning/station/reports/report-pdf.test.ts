import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { batchReport } from "../../../../provisioning/station/reports/batch-report.ts";
import { pdfText } from "../../../../provisioning/station/reports/pdf-text.ts";
import { reportPdf } from "../../../../provisioning/station/reports/report-pdf.ts";
import { pageCountOf, textsOfPdf } from "./pdf-reader.ts";
import { sampleBatch } from "./sample-batch.ts";

describe("a report's PDF", () => {
	it("shows the figures, what failed, what is missing, who overrode what, and the journal's head", async () => {
		const input = sampleBatch(64);
		const texts = textsOfPdf(await reportPdf(batchReport(input)));
		const above = (name: string) => texts[texts.indexOf(name) - 1];
		const { figures } = input;
		expect([above("expected"), above("passed"), above("queued"), above("failed"), above("on hold"), above("missing")]).toEqual(
			[figures.expected, figures.pass, figures.queued, figures.failed, figures.held, figures.missing].map(String),
		);
		for (const unit of batchReport(input).units) {
			if (unit.standing === "waiting") expect(texts).toContain(`${unit.contractId}  ..${unit.imeis[0]?.slice(-4)}`);
			else if (unit.standing !== "pass") expect(texts).toContain(unit.contractId);
			else expect(texts.filter((text) => text === unit.contractId)).toHaveLength(unit.contractId === "LN-2026-000001" ? 1 : 0);
		}
		for (const { code, count } of figures.topFaults) expect(texts.join("\n")).toContain(`${code}\n${count}\n`);
		for (const { slot, passes, runs } of figures.slots)
			expect(texts[texts.indexOf(String(slot), texts.indexOf("Yield of each slot (passed / runs)")) + 1]).toContain(
				`${passes}/${runs}`,
			);
		expect(texts.join(" ")).toContain("First-pass yield 83 %    Units per hour 412    Median run 43.4 s    Scans refused 1");
		expect(texts.join(" ")).toContain("the box's barcode is torn;");
		for (const text of ["Closed", "Meera", "typed-imei", input.state.head.hash, String(input.state.head.n), "ab".repeat(32)])
			expect(texts).toContain(text);
	});

	it("numbers its pages", async () => {
		const pdf = await reportPdf(batchReport(sampleBatch(64)));
		const pages = pageCountOf(pdf);
		expect(pages).toBeGreaterThan(1);
		for (let page = 1; page <= pages; page += 1) expect(textsOfPdf(pdf)).toContain(`page ${page} of ${pages}`);
	});

	it("of an empty batch that is still open is one page and says so", async () => {
		const pdf = await reportPdf(batchReport(sampleBatch(0, { closed: false })));
		expect(pageCountOf(pdf)).toBe(1);
		expect(textsOfPdf(pdf)).toContain("Still open: the figures can change");
	});

	it("of ten thousand units lists the first of what failed, the worst first, and says where the rest is", async () => {
		const report = batchReport(sampleBatch(10_000));
		const pdf = await reportPdf(report);
		expect(pageCountOf(pdf)).toBeLessThan(30);
		const texts = textsOfPdf(pdf);
		const notPassed = report.units.filter(({ standing }) => standing !== "pass" && standing !== "waiting").length;
		expect(texts).toContain(`Not passed: ${notPassed}`);
		expect(texts).toContain(`And ${notPassed - 300} more: the CSV file has all of them.`);
		expect(texts.indexOf("fail")).toBeGreaterThan(0);
		expect(texts.indexOf("queued", texts.indexOf(`Not passed: ${notPassed}`))).toBe(-1);
	});

	it("draws days where there are more hours than fit", async () => {
		const input = sampleBatch(1);
		const report = batchReport(input);
		const hours = Array.from({ length: 100 }, (_, index) => ({
			hour: `2026-11-${String(1 + Math.floor(index / 10)).padStart(2, "0")} ${String(8 + (index % 10)).padStart(2, "0")}:00`,
			...{ ended: 10, passed: 9, queued: 1 },
		}));
		const texts = textsOfPdf(await reportPdf({ ...report, hours }));
		expect(texts.filter((text) => text === "90/100")).toHaveLength(10);
	});

	it("is not broken by any text, and shows all of it", async () => {
		const input = sampleBatch(12);
		await fc.assert(
			fc.asyncProperty(
				fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
				fc.string({ unit: "binary", maxLength: 300 }),
				async (name, reason) => {
					const state = {
						...input.state,
						overrides: input.state.overrides.map((override) => ({ ...override, supervisor: name, reason })),
					};
					const units = input.units.map((unit) => ({ ...unit, contractId: unit.row === 12 ? name : unit.contractId }));
					expect(pageCountOf(await reportPdf(batchReport({ ...input, state, units })))).toBeGreaterThan(0);
				},
			),
			{ numRuns: 25 },
		);
		const state = { ...input.state, overrides: input.state.overrides.map((override) => ({ ...override, supervisor: "मीरा" })) };
		const texts = textsOfPdf(await reportPdf(batchReport({ ...input, state }))).join("");
		expect(texts).toContain("\\u{92e}");
		expect(texts).toContain("\\u{93e}");
	});
});

describe("text for the standard fonts", () => {
	it.each([
		["Zoë – 5 €", "Zoë – 5 €"],
		["मी", "\\u{92e}\\u{940}"],
		["a\nb\u0000", "a\\u{a}b\\u{0}"],
		["📱", "\\u{1f4f1}"],
		["\ud800", "\\u{d800}"],
	])("of %j is %j", (text, shown) => {
		expect(pdfText(text)).toBe(shown);
	});
});
