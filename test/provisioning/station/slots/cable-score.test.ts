import { describe, expect, it } from "vitest";

import type { BatchState, RunState } from "../../../../provisioning/station/journal/batch-state.ts";
import { cableFigures, cableScores } from "../../../../provisioning/station/slots/cable-score.ts";

describe("the score of a cable", () => {
	it("is drops of a hundred runs; refusals of the phone do not count", () => {
		const scores = cableScores();
		expect(scores.of(1)).toEqual({ plugs: 0, drops: 0, score: 0 });
		for (let run = 0; run < 20; run += 1) {
			scores.plugged(1);
			scores.runEnded(1, run === 3 ? "USB_LOST" : run === 4 ? "BATTERY_LOW" : run === 5 ? "ADB_SERVER_GONE" : undefined);
		}
		expect(scores.of(1)).toEqual({ plugs: 20, drops: 1, score: 5 });
		expect(scores.of(2)).toEqual({ plugs: 0, drops: 0, score: 0 });
	});

	it("lists the worst first, and none that is good", () => {
		const scores = cableScores(new Map([[7, { plugs: 0, runs: 10, drops: 1 }]]));
		scores.runEnded(3, "TRANSFER_STALLED");
		scores.runEnded(4);
		scores.runEnded(7, "USB_LOST");
		expect(scores.worst().map(({ slot, score }) => [slot, score])).toEqual([
			[3, 100],
			[7, 18],
		]);
	});

	it("goes on where the journal ended", () => {
		const run = (slot: number, fault?: "USB_LOST" | "BATTERY_LOW"): RunState => ({
			...{ run: "C#1", contractId: "C", slot, usbPath: "1-1", operator: "Asha", startedAtMs: 0, steps: [] },
			end: {
				...{ type: "run-ended", run: "C#1", contractId: "C", verdict: "error", milliseconds: 1, atMs: 1, hash: "" },
				...(fault === undefined ? {} : { fault }),
			},
		});
		const { end: _end, ...open } = run(1);
		const unit = {
			contractId: "C",
			standing: "waiting",
			runs: [run(1), run(1, "USB_LOST"), run(2, "BATTERY_LOW"), open],
			voidLabels: [],
		} as const;
		const units: BatchState["units"] = new Map([["C", unit]]);
		const scores = cableScores(cableFigures({ units }));
		expect(scores.of(1)).toMatchObject({ drops: 1, score: 50 });
		expect(scores.of(2)).toMatchObject({ drops: 0, score: 0 });
	});
});
