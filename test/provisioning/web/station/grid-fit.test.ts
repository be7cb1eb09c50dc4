import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fitGrid, GAP } from "../../../../provisioning/web/station/grid-fit.ts";

describe("the grid", () => {
	it("shows 64 slots as 8 by 8 on a wall screen, and all of them on a tablet", () => {
		expect(fitGrid(64, 1532, 930)).toMatchObject({ columns: 8, rows: "fill" });
		expect(fitGrid(64, 1008, 570)).toMatchObject({ rows: "fill" });
	});

	it("scrolls where cards would be too small to read", () => {
		expect(fitGrid(64, 374, 400)).toMatchObject({ columns: 2, rows: "scroll" });
		expect(fitGrid(64, 304, 300).rows).toBe("scroll");
	});

	it("has a place for every card, and no card beyond the room", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 256 }),
				fc.integer({ min: 100, max: 4000 }),
				fc.integer({ min: 50, max: 2500 }),
				(count, width, height) => {
					const { columns, rows, rowHeight } = fitGrid(count, width, height);
					expect(columns).toBeGreaterThanOrEqual(1);
					if (rows === "scroll") return;
					const lines = Math.ceil(count / columns);
					expect(lines * rowHeight + (lines - 1) * GAP).toBeLessThanOrEqual(height);
					expect(rowHeight).toBeGreaterThanOrEqual(66);
				},
			),
		);
	});
});
