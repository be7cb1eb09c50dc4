import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { StationView } from "../../../provisioning/station/view.ts";
import { applyChange, changeBetween } from "../../../provisioning/station/view-change.ts";
import { busyView, viewOf } from "./server/fake-station.ts";

const card = fc.record(
	{
		slot: fc.integer({ min: 1, max: 12 }),
		usbPath: fc.constantFrom("1-1", "1-2.3"),
		word: fc.constantFrom("empty", "running", "pass", "fail"),
		imeiTail: fc.stringMatching(/^\d{4}$/),
		batteryPercent: fc.integer({ min: 0, max: 100 }),
		locked: fc.constant(true),
		cable: fc.record({ plugs: fc.nat(5), drops: fc.nat(5), score: fc.nat(100) }),
	},
	{ requiredKeys: ["slot", "usbPath", "word", "cable"] },
);

const views = fc
	.record(
		{
			revision: fc.nat(),
			nowMs: fc.nat(),
			adbServer: fc.constantFrom("up", "down"),
			stop: fc.record({ text: fc.string() }),
			scan: fc.record({ contractId: fc.string(), imeiTail: fc.string(), atMs: fc.nat() }),
			signal: fc.record({ id: fc.nat(), kind: fc.constantFrom("ok", "device"), text: fc.string() }),
			slots: fc.uniqueArray(card, { selector: ({ slot }) => slot, maxLength: 12 }),
		},
		{ requiredKeys: ["revision", "nowMs", "adbServer", "slots"] },
	)
	.map((part) => JSON.parse(JSON.stringify({ ...viewOf(0), ...part })) as StationView); // generated to the type's shape

describe("a change between two views", () => {
	it("turns the first into the second, also after crossing as JSON", () => {
		fc.assert(
			fc.property(views, views, (before, after) => {
				const change = JSON.parse(JSON.stringify(changeBetween(before, after)));
				expect(applyChange(before, change)).toStrictEqual(after);
			}),
		);
	});

	it("fits no other view than the one it was made from", () => {
		const before = viewOf(4);
		const change = changeBetween(before, { ...before, revision: 2 });
		expect(applyChange({ ...before, revision: 7 }, change)).toBeUndefined();
	});

	it("carries only the cards that changed, and leaves the others the same objects", () => {
		const before = busyView(64);
		const slots = before.slots.map((slot) => (slot.slot === 5 ? { ...slot, word: "fail" as const } : { ...slot }));
		const change = changeBetween(before, { ...before, revision: 2, nowMs: before.nowMs + 1, slots });
		expect(change.slots?.map(({ slot }) => slot)).toEqual([5]);
		expect(Object.keys(change.set)).toEqual(["nowMs"]);
		const after = applyChange(before, change);
		expect(after?.slots.filter((slot, index) => slot === before.slots[index]).length).toBe(63);
	});
});
