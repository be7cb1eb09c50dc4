import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { runBridge } from "./bridge.ts";
import { AS_BRIDGED } from "./modelled-phone.ts";
import { isInstalled, openWorkshop, readSearch, type Workshop } from "./spin.ts";

const isReady = isInstalled("spin") && isInstalled("gcc");
if (!isReady) console.warn("spin or gcc is not installed: the Promela model is not checked here");

describe.skipIf(!isReady)("the Promela model", () => {
	let workshop: Workshop;
	beforeAll(() => {
		workshop = openWorkshop();
	});
	afterAll(() => workshop.close());

	test("use never exceeds the charge, whenever the power is cut; post-paid ticks break it (F5)", () => {
		workshop.build(["-DOFFLINE", "-DCLAIMS"]);
		expect(readSearch(workshop.run("./pan", "-m1000000", "-noclaim"))).toMatchObject({ errors: 0, isComplete: true });
		workshop.build(["-DOFFLINE", "-DCLAIMS", "-DPOSTPAID"]);
		expect(readSearch(workshop.run("./pan", "-m1000000", "-noclaim")).errors).toBe(1);
	}, 60_000);

	test("its random traces are lived alike by the agent, and the agent's lives are accepted by it", () => {
		const { ok, lines } = runBridge(workshop, { traces: 10, seed: 77 });
		expect(lines.join("\n")).toContain("accepted by the model");
		expect(ok).toBe(true);
	}, 60_000);

	test.each([
		["-DGRACE=3", "-DGRACE=4"],
		["-DNOTICES=3", "-DNOTICES=2"],
		["-DPASSES=2", "-DPASSES=1"],
		["-DDEAD_DAYS=12", "-DDEAD_DAYS=7"],
	])(
		"a model that says %s instead is found to differ from the agent: %s",
		(right, wrong) => {
			const constants = AS_BRIDGED.map((flag) => (flag === right ? wrong : flag));
			expect(runBridge(workshop, { traces: 40, seed: 5, constants }).ok).toBe(false);
		},
		60_000,
	);
});
