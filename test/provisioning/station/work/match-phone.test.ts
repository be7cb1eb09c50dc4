import { describe, expect, it } from "vitest";

import type { RunState, UnitState } from "../../../../provisioning/station/journal/batch-state.ts";
import { type Match, matchPhone, type SeenPhone } from "../../../../provisioning/station/work/match-phone.ts";
import { indexUnits } from "../../../../provisioning/station/work/unit-index.ts";
import { imeiOf, sampleBatch, sampleUnit, unitState } from "./sample-batch.ts";

const units = indexUnits([sampleUnit(1), sampleUnit(2), sampleUnit(3, { serial: "abc123" })]);
const phone = (n: number, more: Partial<SeenPhone> = {}): SeenPhone => ({
	serial: `S${n}`,
	imeis: sampleUnit(n).imeis,
	...more,
});

interface Asked {
	readonly states?: readonly UnitState[];
	readonly match?: "scan" | "manifest";
	readonly scanned?: string;
	readonly cameAfterScan?: boolean;
	readonly usbPath?: string;
}

function matched(seen: SeenPhone, { states = [], match = "scan", usbPath = "1-1", ...scan }: Asked = {}): string {
	const question = { units, batch: sampleBatch(states, match), phone: seen, usbPath, cameAfterScan: false, ...scan };
	return inWords(matchPhone(question));
}

function inWords(match: Match): string {
	if ("fault" in match) return `${match.kind} ${match.fault.code}`;
	return `${match.kind} ${match.unit.contractId}`;
}

const run = (more: Partial<RunState> = {}): RunState => ({
	run: "C-1#1",
	contractId: "C-1",
	slot: 1,
	usbPath: "1-1",
	operator: "ann",
	startedAtMs: 0,
	steps: [],
	...more,
});

describe("a phone that is plugged in", () => {
	it("waits for its box to be scanned", () => {
		expect(matched(phone(1))).toBe("scan-its-box C-1");
	});

	it("is worked on when its box was scanned, before it came or while it waits", () => {
		expect(matched(phone(1), { scanned: "C-1", cameAfterScan: true })).toBe("run C-1");
		expect(matched(phone(1), { scanned: "C-1", cameAfterScan: false })).toBe("run C-1");
	});

	it("is worked on without a scan where the batch says that its list is enough", () => {
		expect(matched(phone(1), { match: "manifest" })).toBe("run C-1");
	});

	it("stops everything when another box was scanned just before", () => {
		expect(matched(phone(2), { scanned: "C-1", cameAfterScan: true })).toBe("other-phone SCAN_MISMATCH");
	});

	it("stops everything when a box was scanned and the phone is of no box at all", () => {
		expect(matched(phone(9), { scanned: "C-1", cameAfterScan: true })).toBe("other-phone SCAN_MISMATCH");
	});

	it("is left waiting, not stopped, when it stood there before the other box was scanned", () => {
		expect(matched(phone(2), { scanned: "C-1", cameAfterScan: false })).toBe("scan-its-box C-2");
	});

	it("is taken up again in its slot although another box was scanned meanwhile", () => {
		const states = [unitState("C-1", { standing: "error", scannedImei: imeiOf(2), runs: [run()] })];
		expect(matched(phone(1), { states, scanned: "C-2", cameAfterScan: true, usbPath: "1-1" })).toBe("run C-1");
	});

	it("is taken up again in another slot when its cable was lost", () => {
		const end = {
			type: "run-ended",
			run: "C-1#1",
			contractId: "C-1",
			verdict: "error",
			milliseconds: 1,
			atMs: 1,
			hash: "",
		} as const;
		const states = [unitState("C-1", { standing: "error", scannedImei: imeiOf(2), runs: [run({ end })] })];
		expect(matched(phone(1), { states, scanned: "C-2", cameAfterScan: true, usbPath: "1-7" })).toBe("run C-1");
	});

	it("is found by either IMEI, in either slot", () => {
		const [first, second] = sampleUnit(1).imeis;
		expect(matched(phone(1, { imeis: [second ?? first] }), { match: "manifest" })).toBe("run C-1");
		expect(matched(phone(1, { imeis: [second ?? first, first] }), { match: "manifest" })).toBe("run C-1");
	});

	it("is refused when it has the first IMEI of one unit and the second of another", () => {
		const seen = phone(1, { imeis: [imeiOf(2), imeiOf(5)] });
		expect(matched(seen, { match: "manifest" })).toBe("refused IMEI_MISMATCH");
	});

	it("is refused when one of two IMEIs is not the manifest's", () => {
		expect(matched(phone(1, { imeis: [imeiOf(2), imeiOf(99)] }), { match: "manifest" })).toBe("refused IMEI_MISMATCH");
	});

	it("is refused when the manifest names another serial number", () => {
		expect(matched(phone(3, { serial: "other" }), { match: "manifest" })).toBe("refused IMEI_MISMATCH");
		expect(matched(phone(3, { serial: "abc123" }), { match: "manifest" })).toBe("run C-3");
	});

	it.each([
		["pass", "refused UNIT_DONE"],
		["hold", "refused UNIT_ON_HOLD"],
		["running", "refused UNIT_IN_OTHER_SLOT"],
		["queued", "run C-1"],
		["fail", "run C-1"],
		["error", "run C-1"],
		["cancelled", "run C-1"],
	] as const)("whose unit stands at %s: %s", (standing, expected) => {
		const states = [unitState("C-1", { standing, scannedImei: imeiOf(2) })];
		expect(matched(phone(1), { states })).toBe(expected);
	});

	it.each(["pass", "queued", "fail", "error", "cancelled"] as const)(
		"is refused when another one with its IMEIs was worked on: %s",
		(standing) => {
			const worked = run({ serial: "S2", imeis: sampleUnit(1).imeis });
			const states = [unitState("C-1", { standing, scannedImei: imeiOf(2), runs: [worked] })];
			expect(matched(phone(1), { states })).toBe("refused IDENTITY_CHANGED");
			expect(matched(phone(1, { serial: "S2" }), { states })).toBe(standing === "pass" ? "refused UNIT_DONE" : "run C-1");
		},
	);

	it("is the one that was worked on, although another one with its IMEIs was stopped since", () => {
		const imeis = sampleUnit(1).imeis;
		const end = {
			type: "run-ended",
			run: "C-1#2",
			contractId: "C-1",
			verdict: "fail",
			fault: "IDENTITY_CHANGED",
			milliseconds: 1,
			atMs: 1,
			hash: "",
		} as const;
		const runs = [run({ serial: "S1", imeis }), run({ run: "C-1#2", serial: "S2", imeis, end })];
		const states = [unitState("C-1", { standing: "fail", scannedImei: imeiOf(2), runs })];
		expect(matched(phone(1), { states })).toBe("run C-1");
		expect(matched(phone(1, { serial: "S2" }), { states })).toBe("refused IDENTITY_CHANGED");
	});

	it("is refused when the batch does not know it", () => {
		expect(matched(phone(9))).toBe("refused UNIT_NOT_IN_BATCH");
	});
});
