import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { runAttack } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";
import { openStage, type Stage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
	stage = await openStage();
});
afterAll(() => stage?.close());

describe.each(Object.entries(ATTACKS))("%s", (_, attacks) => {
	test.each(attacks.map((attack) => [attack.id, attack] as const))("%s", async (_id, attack) => {
		const { observed, verdict } = await runAttack(attack, stage);
		if (verdict === "hardware only") return; // said to be so, and counted nowhere as defended
		expect(observed).toBe(attack.expected);
	});
});

test("there are at least sixty rows besides those that only a phone can show, each with an id of its own", () => {
	const all = Object.values(ATTACKS).flat();
	expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
	expect(all.filter(({ run }) => run !== undefined).length).toBeGreaterThanOrEqual(60);
});

test("an attack that gets another answer, or ends in an accident, is open", async () => {
	const named = { id: "x", attack: "x", source: "test", expected: "refused" };
	const other = await runAttack({ ...named, run: async () => "let in" }, stage);
	const accident = await runAttack({ ...named, run: () => Promise.reject(new Error("no such thing")) }, stage);
	expect([other.verdict, accident.verdict, (await runAttack(named, stage)).verdict]).toEqual(["open", "open", "hardware only"]);
});
