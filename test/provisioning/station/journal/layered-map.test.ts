import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { LayeredMap } from "../../../../provisioning/station/journal/layered-map.ts";

describe("a layered map", () => {
	test("does what a map does, and leaves the one before as it was", () => {
		const change = fc.record({ key: fc.integer({ min: 0, max: 200 }), value: fc.option(fc.nat(), { nil: undefined }) });
		fc.assert(
			fc.property(fc.array(change, { minLength: 200, maxLength: 600 }), (changes) => {
				const model = new Map<number, number>();
				let map = LayeredMap.of<number, number>([]);
				for (const { key, value } of changes) {
					const before = map;
					const had = before.get(key);
					if (value === undefined) {
						model.delete(key);
						map = map.without(key);
					} else {
						model.set(key, value);
						map = map.with(key, value);
					}
					expect(before.get(key)).toBe(had);
				}
				expect(map.size).toBe(model.size);
				expect([...map].sort(([a], [b]) => a - b)).toEqual([...model].sort(([a], [b]) => a - b));
				expect([...map.keys()].every((key) => map.has(key) && map.get(key) === model.get(key))).toBe(true);
			}),
			{ numRuns: 50 },
		);
	});
});
