import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";

import { type LabelPaper, type PassLabel, passLabel, voidLabel } from "../../../../provisioning/station/labels/label.ts";
import { labelCodeText, labelNumber, parseLabelCode } from "../../../../provisioning/station/labels/label-code.ts";
import { DOTS_PER_MM } from "../../../../provisioning/station/labels/zpl.ts";
import { readLabel } from "./read-label.ts";
import { imeiOf, LONGEST_LABEL, SAMPLE_LABEL } from "./sample-labels.ts";

const REPRINT: PassLabel = { ...SAMPLE_LABEL, label: "B7-000012-2", reprint: { count: 1, voids: "B7-000012-1" } };
const VOID = { ...SAMPLE_LABEL, reason: "wrong box" };

/** What stands between commands: name of the command, its parameters. Throws where a printer would see something else than commands. */
function commandsOf(zpl: string): { name: string; rest: string }[] {
	expect(zpl).toMatch(/^[\n\x20-\x7e]*$/);
	return zpl
		.split(/(?=[\^~])/)
		.filter((part) => part.trim() !== "")
		.map((part) => ({ name: part.slice(0, 3), rest: part.slice(3).replace(/\n+$/, "") }));
}

/** The texts that a printer would print, in order: fields whose data is marked as hexadecimal. */
function printedTexts(zpl: string): string[] {
	const commands = commandsOf(zpl);
	return commands.flatMap(({ name, rest }, index) => {
		if (name !== "^FD" || commands[index - 1]?.name !== "^FH") return [];
		const bytes = rest.replaceAll(/_([0-9A-F]{2})|([^_])/g, (_all, hex: string | undefined, plain: string) =>
			hex === undefined ? Buffer.from(plain).toString("hex") : hex,
		);
		return [Buffer.from(bytes, "hex").toString("utf8")];
	});
}

afterEach(() => {
	vi.unstubAllGlobals();
});

describe("a label for a phone that passed", () => {
	it.each([
		["pass", passLabel(SAMPLE_LABEL)],
		["reprint", passLabel(REPRINT)],
		["longest", passLabel(LONGEST_LABEL)],
		["300-dpi", passLabel(SAMPLE_LABEL, { dpi: 300 })],
		["void", voidLabel(VOID)],
	])("is %s.zpl, to the byte", async (name, zpl) => {
		await expect(zpl).toMatchFileSnapshot(`goldens/${name}.zpl`);
	});

	it.each<[string, PassLabel, LabelPaper]>([
		["of the usual size", SAMPLE_LABEL, {}],
		["that is a reprint", REPRINT, {}],
		["with the longest texts", LONGEST_LABEL, {}],
		["with one IMEI", { ...SAMPLE_LABEL, imeis: [imeiOf("86012304567890")] }, {}],
		["with small letters and signs", { ...SAMPLE_LABEL, contractId: "ln.2026_a-9", model: "^XA~JR_é" }, {}],
		["at 300 dpi", SAMPLE_LABEL, { dpi: 300 }],
		["at 600 dpi", LONGEST_LABEL, { dpi: 600 }],
		["on larger paper", SAMPLE_LABEL, { widthMm: 75, heightMm: 50 }],
		["on wider paper", REPRINT, { widthMm: 100, heightMm: 25 }],
	])("%s is read back by a scanner, with no network", async (_what, content, paper) => {
		vi.stubGlobal("fetch", () => {
			throw new Error("the network was asked");
		});
		const zpl = passLabel(content, paper);
		const read = await readLabel(zpl, paper.widthMm ?? 50, paper.heightMm ?? 25, DOTS_PER_MM[paper.dpi ?? 203]);
		expect(read.code128).toBe(content.imeis[0]);
		expect(read.qr).toBe(labelCodeText({ ...content, imei: content.imeis[0] }));
		expect(parseLabelCode(read.qr ?? "")).toEqual({
			label: content.label,
			imei: content.imeis[0],
			hash: content.hash.slice(0, 16),
			contractId: content.contractId,
		});
	});

	it("shows the contract, both tails, the model, the number, the date where the station is, the operator and the station", () => {
		const texts = printedTexts(passLabel(SAMPLE_LABEL, { timeZone: "Asia/Kolkata" }));
		const tails = SAMPLE_LABEL.imeis.map((imei) => `..${imei.slice(-4)}`).join("  ");
		const [imei] = SAMPLE_LABEL.imeis;
		expect(texts).toEqual([
			...["LN-2026-000123", tails, "Redmi Note 13 Pro 5G", "B7-000012-1"],
			...["2026-11-21", "19:35", `IMEI ${imei}`, "AB", "BLR-A-ENR-01"],
		]);
	});

	it("says which label a reprint makes void", () => {
		expect(printedTexts(passLabel(REPRINT))).toContain("REPRINT 1, voids B7-000012-1");
	});

	it("keeps the contract and the number whole, on several lines if need be", () => {
		const joined = printedTexts(passLabel(LONGEST_LABEL)).join("");
		expect(joined).toContain(LONGEST_LABEL.contractId);
		expect(joined).toContain(LONGEST_LABEL.label);
	});

	it.each([
		[{ widthMm: 49 }, "at least"],
		[{ heightMm: 24 }, "at least"],
		[{ widthMm: 500 }, "at most"],
		[{ widthMm: Number.NaN }, "at least"],
	])("is not made for paper of %j", (paper, why) => {
		expect(() => passLabel(SAMPLE_LABEL, paper)).toThrow(why);
	});

	it("is printed once, and drawn inside the paper", () => {
		for (const content of [SAMPLE_LABEL, REPRINT, LONGEST_LABEL]) {
			const commands = commandsOf(passLabel(content));
			expect(commands.at(-2)).toEqual({ name: "^PQ", rest: "1" });
			for (const { rest } of commands.filter(({ name }) => name === "^FO")) {
				const [x = -1, y = -1] = rest.split(",").map(Number);
				expect(x).toBeGreaterThanOrEqual(8);
				expect(x).toBeLessThan(392);
				expect(y).toBeGreaterThanOrEqual(8);
				expect(y).toBeLessThan(188);
			}
		}
	});
});

describe("a void label", () => {
	it("says so, names the label and has no code to scan", async () => {
		const zpl = voidLabel(VOID);
		expect(printedTexts(zpl)).toEqual([
			"VOID",
			"B7-000012-1",
			"LN-2026-000123",
			"wrong box",
			"2026-11-21 14:05  AB  BLR-A-ENR-01",
		]);
		expect(await readLabel(zpl, 50, 25, 8)).toMatchObject({ code128: undefined, qr: undefined });
	});
});

describe("no text from outside", () => {
	const texts = fc.record({
		contractId: hostile(),
		label: hostile(),
		operator: hostile(),
		station: hostile(),
		model: hostile(),
		voids: hostile(),
		reason: hostile(),
	});

	it("is ever a command, whatever it holds", () => {
		fc.assert(
			fc.property(texts, ({ voids, reason, ...rest }) => {
				const pass = passLabel({ ...SAMPLE_LABEL, ...rest, reprint: { count: 1, voids } });
				const names = new Set(commandsOf(pass).map(({ name }) => name));
				for (const name of names) expect(ALLOWED).toContain(name);
				for (const { name, rest: data } of commandsOf(pass))
					if (name === "^FD") expect(data).toMatch(/^(?:_[0-9A-F]{2}|[A-Za-z0-9 .,:/-])*$/);
				expect(commandsOf(pass).filter(({ name }) => name === "^XA" || name === "^XZ")).toHaveLength(2);
				for (const { name } of commandsOf(voidLabel({ ...VOID, ...rest, reason }))) expect(ALLOWED).toContain(name);
			}),
			{ numRuns: 300 },
		);
	});

	it("is changed on the way to the paper, but for characters that cannot be seen", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }), (operator) => {
				fc.pre(!/[\p{C}\u2028\u2029]/u.test(operator));
				const [, text] = printedTexts(voidLabel({ ...VOID, label: "L", reason: operator, contractId: operator }));
				expect(text).toBeDefined();
				expect(printedTexts(voidLabel({ ...VOID, contractId: operator })).join("")).toContain(operator);
			}),
		);
	});

	const ALLOWED = [
		"^XA",
		"^CI",
		"^PW",
		"^LL",
		"^LH",
		"^FO",
		"^A0",
		"^FH",
		"^FD",
		"^FS",
		"^FR",
		"^GB",
		"^GF",
		"^BY",
		"^BC",
		"^PQ",
		"^XZ",
	];

	function hostile(): fc.Arbitrary<string> {
		const zpl = fc.constantFrom(
			"^XZ",
			"~JR",
			"_5E",
			"^FS^XA^JUF^XZ",
			"~DGR:X,1,1,00",
			"\\&",
			"\u0010",
			"\r\n^XZ",
			"^FD",
			"_",
			"^",
			"~",
		);
		return fc
			.array(fc.oneof(zpl, fc.string({ unit: "binary", maxLength: 6 })), { minLength: 1, maxLength: 6 })
			.map((parts) => parts.join(""));
	}
});

describe("the text of the square code", () => {
	it("comes back as it went in", () => {
		const digits = fc.stringMatching(/^[1-9]\d{13}$/).filter((text) => !/^(\d)\1*$/.test(text));
		fc.assert(
			fc.property(digits, fc.stringMatching(/^[0-9a-f]{64}$/), fc.string({ minLength: 1 }), (first14, hash, contractId) => {
				const code = { label: "B7-000012-1", imei: imeiOf(first14), hash: hash.slice(0, 16), contractId };
				expect(parseLabelCode(labelCodeText({ ...code, hash }))).toEqual(code);
			}),
		);
	});

	it.each([
		"",
		"HF1",
		"HF2:B7:356921101234569:0123456789ABCDEF:X",
		"HF1:B7:356921101234560:0123456789ABCDEF:X",
		"https://example.org",
	])("is not read from %j", (text) => {
		expect(parseLabelCode(text)).toBeUndefined();
	});

	it("holds the number of the label, which says batch, unit and print", () => {
		expect(labelNumber("B7", 12, 2)).toBe("B7-000012-2");
		expect(labelNumber("PO:7", 1, 1)).toBe("PO-7-000001-1");
	});
});
