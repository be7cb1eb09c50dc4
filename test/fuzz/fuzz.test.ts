import { expect, test } from "vitest";

import { fuzzTarget } from "./fuzz-target.ts";
import { fuzzTargets } from "./targets.ts";

// A short run, the same each time; `scripts/fuzz` is the long one.
const INPUTS = 1000;

test.each(fuzzTargets().map((target) => [target.name, target] as const))(
	"keeps its promises whatever comes: %s",
	async (_, target) => {
		const report = await fuzzTarget(target, { inputs: Math.ceil(INPUTS / (target.cost ?? 1)), seed: 11 });
		expect(
			report.findings.map(({ problem, input }) => `${problem}: ${Buffer.from(input).toString("base64").slice(0, 2000)}`),
		).toEqual([]);
		expect(report.taken).toBeGreaterThan(0);
	},
);

test("a broken promise, a crash and a refused sample are findings", async () => {
	const run = (text: string) => {
		if (text.includes("\0")) throw new RangeError("too far");
		return "taken" as const;
	};
	const target = { name: "t", form: "text" as const, samples: () => [Buffer.from("abc")] };
	const crash = await fuzzTarget({ ...target, run: (input) => run(Buffer.from(input).toString()) }, { inputs: 10_000, seed: 1 });
	expect(crash.findings.map(({ problem }) => problem)).toEqual(["RangeError: too far"]);
	const refused = await fuzzTarget({ ...target, run: () => "refused" }, { inputs: 10, seed: 1 });
	expect(refused.findings.map(({ problem }) => problem)).toEqual(["a sample of its own is refused"]);
});
