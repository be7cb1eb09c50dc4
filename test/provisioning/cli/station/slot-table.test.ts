import { describe, expect, it } from "vitest";

import { slotTable } from "../../../../provisioning/cli/station/slot-table.ts";
import { fault } from "../../../../provisioning/handset/fault.ts";
import type { SlotView, StationView } from "../../../../provisioning/station/view.ts";

const cable = { plugs: 0, drops: 0, score: 0 };
const slot = (number: number, more: Partial<SlotView> = {}): SlotView => ({
	slot: number,
	usbPath: `1-${number}`,
	word: "empty",
	cable,
	...more,
});
const figures: StationView["batch"]["figures"] = {
	...{ expected: 64, pass: 12, queued: 0, failed: 1, held: 0, running: 1, missing: 50 },
	...{ firstPassYield: 0.92, unitsPerHour: 118.4, topFaults: [], slots: [], misScans: 0, medianRunMs: null },
};
const view = (slots: readonly SlotView[], more: Partial<StationView> = {}): StationView => ({
	revision: 1,
	nowMs: 100_000,
	station: "BLR-A-ENR-01",
	tool: "test",
	adbServer: "up",
	registry: { state: "up", sinceMs: 0, vouchers: { left: 0, of: 0 }, queuedReceipts: 0 },
	webhooks: { waiting: 0, failed: 0, stopped: false },
	batch: { id: "B7", match: "scan", seal: true, figures, head: { n: 1, hash: "" } },
	slots,
	pinned: [],
	...more,
});
const plain = { columns: 80, color: false };

describe("the slots on a terminal", () => {
	it("say what each is at", () => {
		const step = { name: "install", title: "Install the agent", number: 3, count: 9 };
		const lines = slotTable(
			view([
				slot(1, { word: "running", step, imeiTail: "4821", sinceMs: 58_000 }),
				slot(2, { word: "pass", imeiTail: "0001", sinceMs: 1, endedAtMs: 2 }),
				slot(3, { word: "fail", locked: true }),
			]),
			plain,
		);
		expect(lines.join("\n")).toContain("  1 > 3/9 install …4821");
		expect(lines.join("\n")).toContain("  2 + PASS …0001");
		expect(lines.join("\n")).toContain("  3 x LOCKED");
	});

	it("stand in columns, first down, and no line is wider than the terminal", () => {
		const lines = slotTable(view(Array.from({ length: 64 }, (_, index) => slot(index + 1, { word: "ready" }))), plain);
		const [first] = lines.filter((line) => line.includes("ready"));
		expect(first).toMatch(/^ {2}1 - ready .* 23 - ready .* 45 - ready/);
		expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
	});

	it("come with what a shift lead asks for, and with what to do about each failure", () => {
		const pinned = [{ slot: 7, imeiTail: "1234", fault: fault("BATTERY_LOW"), atMs: 1 }];
		const text = slotTable(view([slot(7)], { pinned }), { columns: 400, color: false }).join("\n");
		expect(text).toContain("12/64 passed  1 failed  118/h  first pass 92 %");
		expect(text).toContain("slot 7 …1234  BATTERY_LOW");
		expect(text).toContain(`Next: ${fault("BATTERY_LOW").remedy}`);
	});

	it("put a stop where nobody overlooks it", () => {
		const text = slotTable(view([slot(1)], { stop: { text: "Wrong phone.", slot: 1 } }), plain).join("\n");
		expect(text).toContain("STOP, slot 1: Wrong phone.");
	});

	it("use no colour where none is wanted", () => {
		expect(slotTable(view([slot(1, { word: "pass" })]), plain).join("")).not.toContain("\u001b");
		expect(slotTable(view([slot(1, { word: "pass" })]), { columns: 80, color: true }).join("")).toContain("\u001b[32m");
	});
});
