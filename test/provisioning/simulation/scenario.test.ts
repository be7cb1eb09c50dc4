import { describe, expect, it } from "vitest";

import { parseScenario, readScenario } from "../../../provisioning/simulation/scenario.ts";
import { STORY_NAMES, story } from "../../../provisioning/simulation/stories.ts";

describe("a scenario file", () => {
	it.each(STORY_NAMES)("holds the story %s, there and back", (name) => {
		expect(parseScenario(JSON.stringify(story(name)))).toEqual({ scenario: story(name) });
	});

	it.each([
		["something else", { holdfast: "report" }],
		["a later version", { ...story("neverPays"), version: 2 }],
		["another field", { ...story("neverPays"), script: "alert(1)" }],
		["a place without rules", { ...story("neverPays"), terms: { ...story("neverPays").terms, jurisdiction: "XX" } }],
		["an unknown act", { ...story("neverPays"), acts: [{ atHour: 1, act: { kind: "wipe" } }] }],
		["acts out of order", { ...story("neverPays"), acts: [5, 1].map((atHour) => ({ atHour, act: { kind: "reboot" } })) }],
		["an act after its end", { ...story("neverPays"), hours: 10, acts: [{ atHour: 11, act: { kind: "reboot" } }] }],
		["a life of a thousand years", { ...story("neverPays"), hours: 8_766_000 }],
	])("is refused when it is %s", (_, value) => {
		expect(readScenario(value)).toHaveProperty("problem");
	});

	it("is refused when it is no JSON, or too much of it", () => {
		expect(parseScenario("{")).toEqual({ problem: "the file is not JSON" });
		expect(parseScenario(" ".repeat(1_000_001))).toEqual({ problem: "the file is too large" });
	});
});
