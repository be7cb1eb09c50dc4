import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Full, type GatherOptions, gather } from "../../../../provisioning/registry/check-in/gather.ts";

/** Doubles numbers. Runs wait until they are let go; 13 fails whatever it is asked with. */
function doubling(options: Partial<GatherOptions<number, number>> = {}) {
	const runs: (readonly number[])[] = [];
	const held: (() => void)[] = [];
	let isHeld = false;
	let atOnce = 0;
	let mostAtOnce = 0;
	const ask = gather<number, number>({
		most: 4,
		atOnce: 1,
		waiting: 1000,
		async run(asked) {
			runs.push(asked);
			atOnce += 1;
			mostAtOnce = Math.max(mostAtOnce, atOnce);
			if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
			else await new Promise(setImmediate);
			atOnce -= 1;
			if (asked.includes(13)) throw new RangeError("13");
			return asked.map((number) => number * 2);
		},
		...options,
	});
	return {
		ask,
		runs,
		mostAtOnce: () => mostAtOnce,
		hold: () => {
			isHeld = true;
		},
		letGo: () => {
			isHeld = false;
			for (const resolve of held.splice(0)) resolve();
		},
	};
}

const turn = () => new Promise(setImmediate);

describe("questions that are gathered", () => {
	test("go together when they come together, and each gets its own answer", async () => {
		const { ask, runs } = doubling();
		expect(await Promise.all([1, 2, 3].map((each) => ask(each)))).toEqual([2, 4, 6]);
		expect(runs).toEqual([[1, 2, 3]]);
	});

	test("are asked at once after a silence, and together where runs keep their distance", async () => {
		const { ask, runs } = doubling({ everyMs: 50, atOnce: 2 });
		const startedAt = performance.now();
		await ask(0);
		const answers = [ask(1)];
		await turn();
		answers.push(ask(2));
		expect(runs).toEqual([[0]]);
		await Promise.all(answers);
		expect(runs).toEqual([[0], [1, 2]]);
		expect(performance.now() - startedAt).toBeGreaterThan(45); // a timer may be a little early
	});

	test("that fill a run keep no distance", async () => {
		const { ask, runs } = doubling({ everyMs: 3_600_000 });
		await ask(0);
		await Promise.all([1, 2, 3, 4].map((each) => ask(each)));
		expect(runs).toEqual([[0], [1, 2, 3, 4]]);
	});

	test("that come while a run is under way go into the next one, no more of them than are allowed", async () => {
		const { ask, runs, hold, letGo } = doubling();
		hold();
		const answers = [ask(0)];
		await turn();
		for (const number of [1, 2, 3, 4, 5]) answers.push(ask(number));
		await turn();
		expect(runs).toEqual([[0]]);
		letGo();
		expect(await Promise.all(answers)).toEqual([0, 2, 4, 6, 8, 10]);
		expect(runs).toEqual([[0], [1, 2, 3, 4], [5]]);
	});

	test("of one key never go together, and keep their order", async () => {
		const { ask, runs } = doubling({ keyOf: (asked) => String(asked % 2) });
		await Promise.all([1, 3, 2, 5, 4].map((each) => ask(each)));
		expect(runs).toEqual([[1, 2], [3, 4], [5]]);
	});

	test("are refused when too many wait, and taken again afterwards", async () => {
		const { ask, hold, letGo } = doubling({ waiting: 2 });
		hold();
		const first = ask(1);
		await turn();
		const waiting = [ask(2), ask(3)];
		await expect(ask(4)).rejects.toThrow(Full);
		letGo();
		expect(await Promise.all([first, ...waiting])).toEqual([2, 4, 6]);
		expect(await ask(4)).toBe(8);
	});

	test("are not refused for a stranger's: only what cannot be answered fails", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }),
				fc.integer({ min: 1, max: 9 }),
				fc.integer({ min: 1, max: 3 }),
				async (numbers, most, atOnce) => {
					const { ask, mostAtOnce } = doubling({ most, atOnce });
					const answers = await Promise.allSettled(numbers.map((each) => ask(each)));
					expect(answers).toEqual(
						numbers.map((number) =>
							number === 13 ? { status: "rejected", reason: new RangeError("13") } : { status: "fulfilled", value: number * 2 },
						),
					);
					expect(mostAtOnce()).toBeLessThanOrEqual(atOnce);
				},
			),
			{ numRuns: 200 },
		);
	});

	test("fail together, at once, where what failed concerns all of them", async () => {
		const { ask, runs } = doubling({ isOfOne: (error) => !(error instanceof RangeError) });
		const answers = await Promise.allSettled([1, 13, 2].map((each) => ask(each)));
		expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
		expect(runs).toEqual([[1, 13, 2]]);
		expect(await ask(2)).toBe(4);
	});

	test("that a run answers too few of fail, rather than get another's answer", async () => {
		const ask = gather<number, number>({ most: 4, atOnce: 1, waiting: 9, run: async () => [] });
		await expect(ask(1)).rejects.toThrow("0 answers to 1 questions");
	});
});
