import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { BatchState } from "../../../../provisioning/station/journal/batch-state.ts";
import type { JournalEntry } from "../../../../provisioning/station/journal/entry.ts";
import { openReportDesk } from "../../../../provisioning/station/reports/report-desk.ts";
import { sampleBatch } from "./sample-batch.ts";

/** A batch's log that takes every entry as its next line, and a clock that never shows the same time twice. */
function desk() {
	const { state, units, nowMs: startMs } = sampleBatch(4);
	const told: JournalEntry[] = [];
	let now = startMs;
	const log = {
		state: state as BatchState,
		async tell(entry: JournalEntry) {
			told.push(entry);
			happen();
		},
	};
	const happen = () => {
		log.state = { ...log.state, head: { ...log.state.head, n: log.state.head.n + 1 } };
	};
	const nowMs = () => {
		now += 1000;
		return now;
	};
	return { reports: openReportDesk({ log, units, nowMs, timeZone: "UTC" }), told, happen };
}

const toldOf = (format: string, bytes: Uint8Array | undefined) => ({
	type: "report-made",
	format,
	sha256: createHash("sha256")
		.update(bytes ?? "none")
		.digest("hex"),
});

describe("the report of a station at work", () => {
	it("is the same for everybody as long as nothing happens, and told once in each format", async () => {
		const { reports, told } = desk();
		const [csv, json, again] = await Promise.all([reports("csv"), reports("json"), reports("csv")]);
		const pdf = await reports("pdf");
		expect(again).toBe(csv);
		expect(await reports("json")).toBe(json);
		expect(told).toEqual([toldOf("csv", csv), toldOf("json", json), toldOf("pdf", pdf)]);
	});

	it("is made and told anew after something happened", async () => {
		const { reports, told, happen } = desk();
		const before = await reports("json");
		happen();
		const after = await reports("json");
		expect(after).not.toEqual(before);
		expect(told).toEqual([toldOf("json", before), toldOf("json", after)]);
	});
});
