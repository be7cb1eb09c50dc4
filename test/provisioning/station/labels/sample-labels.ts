import { type Imei, luhnDigit, parseImei } from "../../../../proto/imei.ts";
import type { PassLabel } from "../../../../provisioning/station/labels/label.ts";

/** A valid IMEI: these 14 digits and their check digit. */
export function imeiOf(first14: string): Imei {
	const read = parseImei(`${first14}${luhnDigit(first14)}`);
	if ("problem" in read) throw new Error(`${first14}: ${read.problem}`);
	return read.imei;
}

export const SAMPLE_LABEL: PassLabel = {
	contractId: "LN-2026-000123",
	label: "B7-000012-1",
	operator: "AB",
	station: "BLR-A-ENR-01",
	printedAtMs: Date.UTC(2026, 10, 21, 14, 5),
	imeis: [imeiOf("35692110123456"), imeiOf("35692110123457")],
	model: "Redmi Note 13 Pro 5G",
	hash: "0123456789abcdef".repeat(4),
};

/** Everything as long as it can be. */
export const LONGEST_LABEL: PassLabel = {
	...SAMPLE_LABEL,
	contractId: `${"W".repeat(60)}1234`,
	label: "PO-2026-11-WAREHOUSE-000123-000012-12",
	model: "Xiaomi Redmi Note 13 Pro Plus 5G World Champions Edition",
	operator: "Maximiliana W.",
	station: "BENGALURU-LINE-A-ENROL-01",
	reprint: { count: 11, voids: "PO-2026-11-WAREHOUSE-000123-000012-11" },
};
