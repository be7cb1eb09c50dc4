import type { Imei } from "../../../proto/imei.ts";
import { parseScenario } from "../../../provisioning/simulation/scenario.ts";
import { story } from "../../../provisioning/simulation/stories.ts";
import { canonicalJson } from "../../../provisioning/station/journal/canonical-json.ts";
import { readChain } from "../../../provisioning/station/journal/chain.ts";
import { labelCodeText, parseLabelCode } from "../../../provisioning/station/labels/label-code.ts";
import { isWholeStatus, parsePrinterStatus } from "../../../provisioning/station/labels/printer-status.ts";
import { textField } from "../../../provisioning/station/labels/zpl.ts";
import { readHubMap } from "../../../provisioning/station/slots/hub-map.ts";
import { readScannedText } from "../../../provisioning/station/work/scanned-text.ts";
import { readVoucher, voucherOf, writeVoucher } from "../../../provisioning/vouchers/voucher-text.ts";
import { keyring, SymbolicLender } from "../../prove/lender.ts";
import { standingTerms } from "../../prove/standing-phones.ts";
import { ended, linesOf, OPENED, started } from "../../provisioning/station/journal/entries.ts";
import { type FuzzTarget, require, textTarget } from "../target.ts";

const IMEI = "866907051234564" as Imei; // its check digit is right
const JOURNAL = linesOf([OPENED, started("C-1#1", 3), ended("C-1#1", "pass")])
	.map((line) => `${canonicalJson(line)}\n`)
	.join("");
const HUBS = JSON.stringify({
	format: 1,
	slots: [
		{ slot: 1, usbPath: "1-4.2", controller: "usb1" },
		{ slot: 2, usbPath: "1-4.3", controller: "usb1", label: "left" },
	],
});

function voucherSample(): string {
	const lender = new SymbolicLender(standingTerms(), keyring(1));
	return writeVoucher({
		handset: { imei1: IMEI, serial: "SN1", model: "X" },
		offer: {
			enrollmentId: `${"ab".repeat(16)}-1`,
			deviceId: "ab".repeat(16),
			contractId: "C-1001",
			keySetEnvelopes: [lender.firstKeySet],
			bindingEnvelope: lender.binding(),
			terms: lender.termsBytes,
			consent: lender.consent(),
			codeKey: new Uint8Array(32),
			state: "offered",
		},
	});
}

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** What scanners, printers, files and pages give a station or a desk. */
export const stationTargets = (): FuzzTarget[] => [
	textTarget(
		"station/label-code",
		[labelCodeText({ label: "B7-000012-2", imei: IMEI, hash: "ab".repeat(32), contractId: "C:1" })],
		(text) => {
			const read = parseLabelCode(text);
			if (!read) return "refused";
			require(labelCodeText(read) === text, "written as it is read");
			return "taken";
		},
		{ words: ["HF1:", IMEI, ":", "\n"] },
	),
	textTarget(
		"station/scan",
		[IMEI, `IMEI1:${IMEI};IMEI2:490154203237518`, "123456789012345"],
		(text) => {
			const read = readScannedText(text);
			require(read.kind !== "imeis" || read.imeis.every((imei) => /^\d{15}$/.test(imei)), "IMEIs are IMEIs");
			return read.kind === "other" ? "refused" : "taken";
		},
		{ words: [IMEI, "IMEI1:", "-", "\u0661"] },
	),
	textTarget(
		"station/printer-status",
		[
			"\u0002\r\n\r\n  PRINTER STATUS\r\n   ERRORS:         1 00000000 00000005\r\n   WARNINGS:       0 00000000 00000000\r\n\u0003",
		],
		(text) => {
			isWholeStatus(text);
			return parsePrinterStatus(text) ? "taken" : "refused";
		},
		{ words: ["ERRORS:", "WARNINGS:", " 1 ", "00000000 "], longest: 4096 },
	),
	textTarget(
		"station/label-text",
		["C-1001", "^XZ~JR_5E"],
		(text) => {
			const field = textField(text, { x: 1, y: 2, height: 20 });
			require(/^\^FO1,2\^A0N,20,20\^FH_\^FD[A-Za-z0-9 .,:/_-]*\^FS$/.test(field), "no text ends its field or begins a command");
			return "taken";
		},
		{ words: ["^", "~", "_", "^XZ", "^FS", "~JR"], longest: 4096 },
	),
	textTarget(
		"station/hub-map",
		[HUBS],
		(text) => {
			const map = readHubMap(json(text));
			if (!map) return "refused";
			require(JSON.stringify(readHubMap(json(JSON.stringify(map)))) === JSON.stringify(map), "written as it is read");
			return "taken";
		},
		{ words: ['"slot":', '"usbPath":', "1-4.2", "}", '"format":1'] },
	),
	{
		name: "station/journal",
		form: "text",
		cost: 2,
		words: ['{"', '","', '"n":2', '"hash":"', "}\n"],
		samples: () => [Buffer.from(JOURNAL)],
		run: (input) => {
			const { lines, goodBytes, problem } = readChain(input);
			const written = lines.map((line) => `${canonicalJson(line)}\n`).join("");
			require(Buffer.from(written).equals(Buffer.from(input.subarray(0, goodBytes))), "good lines have one form");
			require(problem !== undefined || goodBytes === input.length, "all of it is good, or the first bad line is named");
			return lines.length > 0 && !problem ? "taken" : "refused";
		},
	},
	textTarget(
		"station/voucher",
		[voucherSample()],
		(text) => {
			const read = readVoucher(text);
			if (!read) return "refused";
			voucherOf(read, false);
			const again = readVoucher(writeVoucher(read));
			require(again !== undefined && writeVoucher(again) === writeVoucher(read), "written as it is read");
			return "taken";
		},
		{ words: ['"offer":', '"handset":', "AAAA", "==", '"codeKey":'] },
	),
	textTarget(
		"simulator/scenario",
		[story("neverPays"), story("stolenKey")].map((each) => JSON.stringify(each)),
		(text) => ("scenario" in parseScenario(text) ? "taken" : "refused"),
		{ words: ['"kind":', '"atHour":', "999999", '"acts":['] },
	),
];
