import { parse } from "csv-parse/sync";

import { csvLine, FORMULA_START } from "../../../provisioning/registry/contracts/csv-line.ts";
import { MAX_PAYMENTS, readPaymentFile } from "../../../provisioning/registry/payments/payment-file.ts";
import { checkManifest } from "../../../provisioning/station/batch/manifest-check.ts";
import { imeiNumber, sheetXml, xlsxOf } from "../../provisioning/station/batch/spreadsheet.ts";
import { type FuzzTarget, require, textTarget } from "../target.ts";

const PAYMENTS =
	"contract,reference,amount,currency,received\nC-1001,R-1,1000.50,MXN,2026-06-01\nC-1002,R-2,7,MXN,2026-06-01T10:00:00Z\n";
const MANIFEST = `contract,imei,imei2,serial,model\nC-10017,${imeiNumber(1)},${imeiNumber(2)},SN00001,23078\nC-10018,${imeiNumber(3)},,,\n`;
const ROWS = [
	["contract", "imei"],
	["C-1", imeiNumber(1)],
	["C-2", { number: imeiNumber(2) }],
];

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");

async function check(input: Uint8Array) {
	const checked = await checkManifest(input);
	if (!checked.ok) {
		require(checked.errors.length > 0, "a refusal says why");
		return "refused" as const;
	}
	const { units } = checked.manifest;
	require(new Set(units.map(({ contractId }) => contractId)).size === units.length, "no contract twice");
	const imeis = units.flatMap((unit) => unit.imeis);
	require(new Set(imeis).size === imeis.length, "no IMEI twice");
	return "taken" as const;
}

/** Files that people make: payments, lists of phones; and the lines that we write for their spreadsheets. */
export const paperTargets = (): FuzzTarget[] => [
	{
		name: "papers/payments",
		form: "text",
		cost: 4,
		words: ["contract", "reference", "amount", "amount_minor", ",", ";", "\t", '"', "=cmd|", "C-1001", "sep=;\n", "1e5"],
		samples: () => [
			Buffer.from(PAYMENTS),
			Buffer.from(PAYMENTS.replaceAll(",", ";")),
			utf16(PAYMENTS),
			Buffer.from(`sep=;\n${PAYMENTS.replaceAll(",", ";")}`),
		],
		run: (input) => {
			const { rows, errors } = readPaymentFile(input);
			require(rows.length <= MAX_PAYMENTS && (rows.length > 0 || errors.length > 0), "rows, or what is wrong");
			for (const { contractId, reference, amount } of rows) {
				require(!FORMULA_START.test(contractId) && !FORMULA_START.test(reference), "no formula is taken");
				require("major" in amount || Number.isSafeInteger(amount.minor), "an amount is a number");
			}
			return errors.length === 0 ? "taken" : "refused";
		},
	},
	{
		name: "papers/manifest-csv",
		form: "text",
		cost: 4,
		words: ["contract", "imei", "imei2", "serial", ",", ";", '"', "=cmd|", "sep=;\n", imeiNumber(1), "8.69071E+14"],
		samples: () => [Buffer.from(MANIFEST), Buffer.from(MANIFEST.replaceAll(",", ";")), utf16(MANIFEST)],
		run: check,
	},
	{
		name: "papers/manifest-xlsx",
		form: "bytes",
		cost: 100,
		samples: () => [xlsxOf({ manifest: sheetXml(ROWS) })],
		run: check,
	},
	{
		// The ZIP around it made good, so that the sheet is read.
		name: "papers/manifest-sheet",
		form: "text",
		cost: 100,
		words: [
			'<row r="1">',
			'<c r="A1" t="inlineStr">',
			"<is><t>",
			"</t></is></c>",
			'<c r="XFD1048576">',
			"<v>1</v>",
			'<!ENTITY a "b">',
			"&lt;",
			"]]>",
		],
		samples: () => [Buffer.from(sheetXml(ROWS))],
		run: (input) => check(xlsxOf({ manifest: new TextDecoder().decode(input) })),
	},
	textTarget(
		"papers/csv-line",
		["a\u001fb\u001fc", "=1+1\u001f@x", '"quoted"\u001f+1'],
		(text) => {
			const values = text.split("\u001f");
			const line = csvLine(values);
			const records: string[][] = parse(line, { max_record_size: 1_000_000 });
			const [read = []] = records;
			require(records.length === 1 && read.length === values.length, "a line stays one line of as many values");
			require(read.every((value) => !FORMULA_START.test(value)), "no value is a formula");
			require(read.every((value, index) => value === values[index] || value === `'${values[index]}`), "values are as they were");
			return "taken";
		},
		{ words: ["=", "+", "-", "@", "\t", "\r", "\uff1d", '"', ",", "\u001f", "=HYPERLINK("] },
	),
];
