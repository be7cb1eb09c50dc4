import { createHash } from "node:crypto";
import fc from "fast-check";
import { strToU8 } from "fflate";
import { describe, expect, test, vi } from "vitest";
import type { Manifest } from "../../../../provisioning/station/batch/manifest.ts";
import { checkManifest } from "../../../../provisioning/station/batch/manifest-check.ts";
import { manifestErrorsCsv, manifestFault } from "../../../../provisioning/station/batch/manifest-error.ts";
import { imeiNumber, sheetXml, type XlsxCell, xlsxOf } from "./spreadsheet.ts";

const [A, B, C] = [imeiNumber(1), imeiNumber(2), imeiNumber(3)];
const csv = (...lines: readonly string[]) => strToU8(`${lines.join("\r\n")}\r\n`);
const xlsx = (rows: readonly (readonly XlsxCell[] | null)[]) => xlsxOf({ Sheet1: sheetXml(rows) });

async function accepted(bytes: Uint8Array): Promise<Manifest> {
	const check = await checkManifest(bytes);
	if (!check.ok) throw new Error(JSON.stringify(check.errors));
	return check.manifest;
}

async function errorsOf(bytes: Uint8Array): Promise<string[]> {
	const check = await checkManifest(bytes);
	return check.ok ? [] : check.errors.map(({ cell, code }) => `${cell} ${code}`);
}

const units = [
	{ contractId: "C1", imeis: [A, B], serial: "28123/K1WX", model: "Redmi 14C", row: 2 },
	{ contractId: "C2", imeis: [C], row: 3 },
];

describe("a manifest in CSV", () => {
	const lines = (d: string) => [
		["Contract Number", "IMEI 1", "IMEI 2", "Serial number", "Model"].join(d),
		["C1", A, B, "28123/K1WX", "Redmi 14C"].join(d),
		["C2", C, "", "", ""].join(d),
	];

	test.each([
		["commas", csv(...lines(","))],
		["semicolons", csv(...lines(";"))],
		["tabs", csv(...lines("\t"))],
		["a byte order mark", csv(`\ufeff${lines(",")[0]}`, ...lines(",").slice(1))],
		["UTF-16, as Excel's Unicode text", Buffer.from(`\ufeff${lines("\t").join("\r\n")}`, "utf16le")],
		["UTF-16 without a mark", Buffer.from(lines("\t").join("\r\n"), "utf16le")],
		["line feeds and no end", strToU8(lines(",").join("\n"))],
		["quotes", csv(...lines(",").map((line) => line.replace(/[^,]+/g, '"$&"')))],
	])("is read with %s", async (_, bytes) => {
		expect((await accepted(bytes)).units).toEqual(units);
	});

	test("counts rows as a spreadsheet does: blank ones, and Excel's sep= line", async () => {
		const manifest = await accepted(csv("sep=;", "", "loan;imei", "", `C1;${A}`, ";", `C2;"${B}"`));
		expect(manifest.units.map(({ row }) => row)).toEqual([5, 7]);
	});

	test("gives the hash of the file and the columns that nobody asked for", async () => {
		const bytes = csv("contract,imei,Colour,,s.no", `C1,${A},blue,,1`);
		const manifest = await accepted(bytes);
		expect(manifest.unknownColumns).toEqual(["Colour", "s.no"]);
		expect(manifest.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
	});

	test.each(["contract", "Contract_ID", "CONTRACT NO.", "loan", "Loan number"])("knows %s as the contract", async (name) => {
		expect((await accepted(csv(`imei,${name}`, `${A},C1`))).units).toMatchObject([{ contractId: "C1" }]);
	});

	test("takes blanks and hyphens in an IMEI, and a row with the second one alone", async () => {
		const spaced = `${A.slice(0, 8)} ${A.slice(8, 14)}-${A.slice(14)}`;
		const manifest = await accepted(csv("contract,imei,imei2", `C1,${spaced},`, `C2,,${B}`));
		expect(manifest.units.map(({ imeis }) => imeis)).toEqual([[A], [B]]);
	});
});

describe("a manifest in XLSX", () => {
	const header = ["contract", "imei", "imei2", "serial", "model"];

	test("is read with texts, and with numbers of fifteen digits", async () => {
		const rows = [header, ["C1", { number: A }, B, "28123/K1WX", "Redmi 14C"], ["C2", C]];
		expect((await accepted(xlsx(rows))).units).toEqual(units);
	});

	test("keeps a number's digits whatever way they are written", async () => {
		const exponent = `${A[0]}.${A.slice(1)}E+14`;
		expect((await accepted(xlsx([header, [{ number: "1001" }, { number: exponent }]]))).units).toMatchObject([
			{ contractId: "1001", imeis: [A] },
		]);
	});

	test("is read from the sheet named manifest, otherwise from the first", async () => {
		const [one, other] = [sheetXml([header, ["C1", A]]), sheetXml([header, ["C2", B]])];
		expect((await accepted(xlsxOf({ notes: one, manifest: other }))).units).toMatchObject([{ contractId: "C2" }]);
		expect((await accepted(xlsxOf({ a: one, b: other }))).units).toMatchObject([{ contractId: "C1" }]);
	});

	test("counts blank rows", async () => {
		expect((await accepted(xlsx([null, header, null, ["C1", A]]))).units).toMatchObject([{ row: 4 }]);
	});

	test.each<[string, XlsxCell[], string]>([
		["a rounded IMEI that became a text", ["C1", "8.69071E+14"], "B2 imei-rounded"],
		["a rounded IMEI that became a text, with a comma", ["C1", "8,69071E+14"], "B2 imei-rounded"],
		["a rounded IMEI that became a number", ["C1", { number: "869071000000000" }], "B2 imei-rounded"],
		["a rounded IMEI that became a number with an exponent", ["C1", { number: "8.69071E14" }], "B2 imei-rounded"],
		["a formula's error", ["C1", { type: "e", value: "#N/A" }], "B2 imei-characters"],
		["a formula's error for the second IMEI", ["C1", A, { type: "e", value: "#N/A" }], "C2 imei-characters"],
		["a text that is nowhere", ["C1", { type: "s", value: "7" }], "B2 not-text"],
		["true or false", [{ type: "b", value: "1" }, A], "A2 not-text"],
		["a date", [{ type: "d", value: "2026-01-02" }, A], "A2 not-text"],
		["a number that is not whole", [{ number: "1.5" }, A], "A2 not-text"],
	])("is refused with %s", async (_, row, error) => {
		expect(await errorsOf(xlsx([header, row]))).toEqual([error]);
	});

	test.each<[string, Uint8Array, string]>([
		[
			"a cell in the last corner",
			xlsxOf({ a: '<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>' }),
			"file too-many-rows",
		],
		[
			"a cell far to the right",
			xlsxOf({ a: '<worksheet><sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>' }),
			"file unreadable",
		],
		[
			"a cell whose name is spelt out",
			xlsxOf({ a: '<worksheet><sheetData><row r="1"><c r="&#88;FD1"><v>1</v></c></row></sheetData></worksheet>' }),
			"file unreadable",
		],
		[
			"a bomb of 65 MiB",
			xlsxOf({ a: sheetXml([header, ["C1", A]]) }, { "xl/more.xml": new Uint8Array(65 * 1024 * 1024) }),
			"file unreadable",
		],
		["no sheet", xlsxOf({}), "file unreadable"],
		["a ZIP of something else", xlsxOf({}).subarray(0, 100), "file unreadable"],
		["an old XLS", new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), "file unreadable"],
	])("is refused with %s", async (_, bytes, error) => {
		expect(await errorsOf(bytes)).toEqual([error]);
	});
});

describe("what is wrong with a manifest", () => {
	test.each<[string, string[], string[]]>([
		["no contract number", [`,${A}`], ["A2 contract-missing"]],
		["no IMEI", ["C1,"], ["B2 imei-missing"]],
		["14 digits", [`C1,${A.slice(1)}`], ["B2 imei-length"]],
		["letters", ["C1,86907A"], ["B2 imei-characters"]],
		["two IMEIs in a cell", [`C1,${A}/${B}`], ["B2 imei-characters"]],
		["a wrong digit", [`C1,${A.slice(0, 14)}${(Number(A[14]) + 1) % 10}`], ["B2 imei-check-digit"]],
		["a placeholder", ["C1,004999010640000"], ["B2 imei-placeholder"]],
		["a rounded IMEI", ["C1,8.69071E+14"], ["B2 imei-rounded"]],
		["one IMEI twice in a row", [`C1,${A},${A}`], ["C2 imei-twice"]],
		["one IMEI in two rows", [`C1,${A},${B}`, `C2,${B}`], ["B3 imei-twice"]],
		["one contract twice", [`C1,${A}`, `C1,${B}`], ["A3 contract-twice"]],
		["one serial twice", [`C1,${A},,SN12345`, `C2,${B},,SN12345`], ["D3 serial-twice"]],
		["rows that are counted under serial", [`C1,${A},,1`], ["D2 serial-form"]],
		["a contract with a blank", [`C 1,${A}`], ["A2 contract-form"]],
		["a contract that is too long", [`${"C".repeat(65)},${A}`], ["A2 too-long"]],
		["a formula", [`=HYPERLINK(1),${A}`], ["A2 formula"]],
		["a formula for the model", [`C1,${A},,,@SUM`], ["E2 formula"]],
		["an invisible character", [`C\u200b1,${A}`], ["A2 control-character"]],
		["a control character", [`C1,${A},,,Red\u0007mi`], ["E2 control-character"]],
		[
			"everything at once",
			[",", `,123,8.69071E+14,x,${"m".repeat(101)}`],
			["A3 contract-missing", "B3 imei-length", "C3 imei-rounded", "D3 serial-form", "E3 too-long"],
		],
	])("is told by its cell: %s", async (_, rows, errors) => {
		expect(await errorsOf(csv("contract,imei,imei2,serial,model", ...rows))).toEqual(errors);
	});

	test.each<[string, Uint8Array, string[]]>([
		["no column", csv("a,b", "1,2"), ["file column-missing", "file column-missing"]],
		["a column twice", csv("contract,imei,IMEI 1", `C1,${A},${B}`), ["C1 column-twice"]],
		["a header alone", csv("contract,imei"), ["file empty"]],
		["nothing", new Uint8Array(), ["file column-missing", "file column-missing"]],
		[
			"10,001 phones",
			csv("contract,imei", ...Array.from({ length: 10_001 }, (_, n) => `C${n},${imeiNumber(n)}`)),
			["file too-many-rows"],
		],
		["more than 16 MiB", new Uint8Array(16 * 1024 * 1024 + 1), ["file too-large"]],
		["an open quote", csv("contract,imei", `"C1,${A}`), ["file unreadable"]],
		["letters of another code page", Buffer.from("contract,imei,M\xf6del\r\n", "latin1"), ["file encoding"]],
	])("is told of the file: %s", async (_, bytes, errors) => {
		expect(await errorsOf(bytes)).toEqual(errors);
	});

	test("says what stands there and what to do, and names the other place", async () => {
		const check = await checkManifest(csv("contract,imei", `C1,${A}`, `C2,${A}`));
		expect(check).toMatchObject({
			ok: false,
			errors: [{ cell: "B3", row: 3, column: "B", value: A, problem: "This IMEI stands in B2 already." }],
		});
	});

	test("is found whole in 10,000 rows with 37 bad ones, and nothing is printed", async () => {
		const printed = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write"), vi.spyOn(console, "log")];
		const rows = Array.from({ length: 10_000 }, (_, n) => [`C${n}`, imeiNumber(n), "", `SERIAL${n}`, "Redmi 14C"]);
		const spoil: readonly [code: string, column: number, value: (n: number) => string][] = [
			["contract-missing", 0, () => ""],
			["contract-form", 0, (n) => `C ${n}`],
			["contract-twice", 0, () => "C0"],
			["too-long", 0, (n) => `C${n}`.padEnd(70, "x")],
			["formula", 0, (n) => `=C${n}`],
			["control-character", 0, (n) => `C${n}\u202e`],
			["imei-missing", 1, () => ""],
			["imei-length", 1, (n) => imeiNumber(n).slice(0, 14)],
			["imei-characters", 1, () => "n/a"],
			["imei-check-digit", 1, (n) => imeiNumber(n).replace(/.$/, (digit) => String((Number(digit) + 1) % 10))],
			["imei-placeholder", 1, () => "000000000000000"],
			["imei-rounded", 1, () => "8.69071E+14"],
			["imei-twice", 1, () => imeiNumber(0)],
			["serial-form", 3, () => "12"],
			["serial-twice", 3, () => "SERIAL0"],
		];
		const expected = Array.from({ length: 37 }, (_, index) => {
			const [code, column, value] = spoil[index % spoil.length] ?? ["", 0, () => ""];
			const n = 100 + index * 263; // spread over all of it
			const row = rows[n];
			if (row) row[column] = value(n);
			return `${"ABCDE"[column]}${n + 2} ${code}`;
		});
		const bytes = csv("contract,imei,imei2,serial,model", ...rows.map((row) => row.join(",")));
		expect(await errorsOf(bytes)).toEqual(expected);
		const sheet = xlsx([["contract", "imei", "imei2", "serial", "model"], ...rows.map((row) => row.map((text) => text || null))]);
		expect(await errorsOf(sheet)).toEqual(expected);
		for (const spy of printed) {
			expect(spy).not.toHaveBeenCalled();
			spy.mockRestore();
		}
	});
});

describe("a hostile file", () => {
	const refusedOrRead = async (bytes: Uint8Array) => {
		const check = await checkManifest(bytes);
		expect(check.ok || check.errors.length > 0).toBe(true);
	};

	test("is refused with words and never throws: any bytes", async () => {
		await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), refusedOrRead), { numRuns: 500 });
	});

	test("is refused with words and never throws: any text under a proper header", async () => {
		const cell = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.constantFrom(A, "C1", '"', "=1", "\t"));
		await fc.assert(
			fc.asyncProperty(fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 5 }), (rows) =>
				refusedOrRead(csv("contract,imei,imei2,serial,model", ...rows.map((row) => row.join(",")))),
			),
			{ numRuns: 300 },
		);
	});

	test("is refused with words and never throws: an XLSX with damaged bytes or any XML", async () => {
		const good = xlsx([
			["contract", "imei"],
			["C1", { number: A }],
		]);
		await fc.assert(
			fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), (where, mask) => {
				const bytes = good.slice();
				const at = where % bytes.length;
				bytes[at] = (bytes[at] ?? 0) ^ mask;
				return refusedOrRead(bytes);
			}),
			{ numRuns: 300 },
		);
		const piece = fc.constantFrom(
			..."<sheetData>|</sheetData>|<row r='2'>|<row>|</row>|<c r='A2'>|<c>|</c>|<v>|</v>|<is><t>|x|&#0;|&bad;|<!--|]]>|<c t='s' r='B2'><v>9</v></c>".split(
				"|",
			),
			"<dimension/>",
			" r='B2'",
		);
		await fc.assert(
			fc.asyncProperty(fc.array(piece, { maxLength: 20 }), (pieces) => refusedOrRead(xlsxOf({ a: pieces.join("") }))),
			{ numRuns: 300 },
		);
	});
});

describe("the list of a manifest's errors", () => {
	test("goes back to whoever made the file as CSV that calculates nothing", async () => {
		const check = await checkManifest(csv("contract,imei", `=1+1,${A}`, `C2,"a ""b"""`));
		if (check.ok) throw new Error("it has errors");
		const text = manifestErrorsCsv(check.errors);
		expect(text.startsWith('\ufeff"cell","what stands there"')).toBe(true);
		const [, first, second] = text.split("\r\n");
		expect(first).toMatch(/^"A2","'=1\+1","The text begins as a formula does\."/);
		expect(second).toMatch(/^"B3","a ""b""",/);
		expect(manifestFault(check.errors)).toMatchObject({
			fault: { code: "MANIFEST_INVALID", details: { mistakes: "2", first: "A2: The text begins as a formula does." } },
		});
	});
});
