import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { csvLine } from "../../../../provisioning/registry/contracts/csv-line.ts";

const cellsOf = (text: string): string[][] => parse(text, { record_delimiter: "\r\n", relax_column_count: true });

describe("a line of a CSV file", () => {
	it.each([
		"=1+1",
		"+1",
		"-1",
		"@SUM(A1)",
		"|calc",
		"\t=1",
		"\r1",
		"\n1",
		"  =1",
		"\u0000=1",
		"\u00a0=1",
		"＝1",
		"＋1",
		"－1",
		"＠1",
	])("makes no formula of %j", (value) => {
		expect(cellsOf(csvLine([value]))).toEqual([[`'${value}`]]);
	});

	it.each(["", "C-1", "a=b", "1-2", "a|b", "12"])("leaves %j as it is", (value) => {
		expect(cellsOf(csvLine([value, value]))).toEqual([[value, value]]);
	});

	it("keeps any text in its cell, and every cell in its line", () => {
		const part = fc.oneof(
			fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", '"', ",", "'", " ", "|", "＝"),
			fc.string({ maxLength: 4 }),
		);
		const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(""));
		fc.assert(
			fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (values) => {
				const [cells, ...more] = cellsOf(csvLine(values) + csvLine(["end"]));
				expect(more).toEqual([["end"]]);
				expect(cells).toHaveLength(values.length);
				for (const [index, value] of values.entries()) {
					expect([value, `'${value}`]).toContain(cells?.[index]);
					expect(cells?.[index]).not.toMatch(/^[\s\p{Cc}]*[=+\-@|＝＋－＠]/u);
				}
			}),
		);
	});
});
