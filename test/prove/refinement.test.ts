import { expect, test } from "vitest";

import type { Promised } from "./promises.ts";
import { runRefinement } from "./refinement.ts";

test("agent and promises say the same after each of 20,000 random moves", () => {
	const { ok, lines, figures } = runRefinement({ commands: 20_000, seed: 20_260_601 });
	expect(lines.join("\n")).toContain("agreed after each");
	expect({ ok, enough: Number(figures.commands) >= 20_000 }).toEqual({ ok: true, enough: true });
	for (const standing of ["UNLOCKED", "GRACE", "LOCKED_LIMITED", "LOCKED_FULL", "RELEASED"]) {
		expect(lines.join("\n")).toMatch(new RegExp(`${standing} \\d{2,}`));
	}
}, 120_000);

const wrong: [string, Partial<Promised>][] = [
	["a day less of grace", { grace: 2 * 86_400 }],
	["one notice fewer", { notices: 2 }],
	["one channel", { ways: 1 }],
	["an hour less between the notices", { spacing: 86_400 - 3600 }],
	["a shorter dwell", { dwell: 43_200 }],
	["one pass more", { passes: 3 }],
	["a longer pass", { pass: 86_401 }],
	["a tick more of the offline budget", { budget: 10 * 86_400 + 300 }],
	["a later dead-lender release", { dead: 61 * 86_400 }],
	["a longer unconfirmed binding", { unconfirmed: 60 * 86_400 }],
];
test.each(wrong)(
	"promises that differ by %s are told apart from the agent",
	(_, promised) => {
		const { ok, lines } = runRefinement({ commands: 30_000, seed: 5, promised });
		expect(ok).toBe(false);
		expect(lines.at(-1)).toMatch(/the agent says .*, the promises say/);
	},
	120_000,
);
