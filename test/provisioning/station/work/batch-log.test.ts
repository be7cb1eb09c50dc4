import { describe, expect, it } from "vitest";

import { faultError } from "../../../../provisioning/handset/fault.ts";
import type { JournalEntry, JournalLine } from "../../../../provisioning/station/journal/entry.ts";
import { type BatchLog, createBatchLog } from "../../../../provisioning/station/work/batch-log.ts";
import { sampleBatch } from "./sample-batch.ts";

/** A journal on a disk that can be full, and a clock that is turned by hand. */
function diskLog() {
	const written: JournalEntry[] = [];
	const disk = { isFull: false };
	const waiting: (() => void)[] = [];
	const log: BatchLog = createBatchLog({
		journal: {
			async append(...entries) {
				if (disk.isFull) throw faultError("STATION_DISK_FULL");
				written.push(...entries);
				return entries.map((entry, index): JournalLine => ({ ...entry, n: index, at: 0, previous: "", hash: "" }));
			},
		},
		initial: sampleBatch(),
		fold: (state, { n }) => ({ ...state, head: { ...state.head, n } }),
		changed: () => {},
		pause: () => new Promise((resolve) => waiting.push(resolve)),
	});
	const settle = async () => {
		for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
	};
	return {
		log,
		written,
		disk,
		async timePasses() {
			for (const go of waiting.splice(0)) go();
			await settle();
		},
	};
}

const act = (step: string): JournalEntry => ({ type: "act", run: "C-1#1", step });
const names = (entries: readonly JournalEntry[]) => entries.map((entry) => (entry.type === "act" ? entry.step : entry.type));

describe("the log of a batch", () => {
	it("refuses an intent that cannot be written, so that it is not done", async () => {
		const { log, disk, written } = diskLog();
		disk.isFull = true;
		await expect(log.intend(act("install"))).rejects.toMatchObject({ fault: { code: "STATION_DISK_FULL" } });
		expect(log.down?.code).toBe("STATION_DISK_FULL");
		expect(written).toEqual([]);
	});

	it("keeps what has happened until it can be written, in order", async () => {
		const { log, disk, written, timePasses } = diskLog();
		disk.isFull = true;
		await log.tell(act("one"));
		await log.tell(act("two"));
		await timePasses();
		expect(written).toEqual([]);
		disk.isFull = false;
		await timePasses();
		expect(names(written)).toEqual(["one", "two"]);
		expect(log.down).toBeUndefined();
	});

	it("lets nothing new begin before what is owed is written", async () => {
		const { log, disk, timePasses, written } = diskLog();
		disk.isFull = true;
		await log.tell(act("one"));
		disk.isFull = false;
		await expect(log.intend(act("two"))).rejects.toMatchObject({ fault: { code: "STATION_DISK_FULL" } });
		await timePasses();
		await log.intend(act("two"));
		expect(names(written)).toEqual(["one", "two"]);
	});
});
