import { describe, expect, test } from "vitest";

import { faultError } from "../../../provisioning/handset/fault.ts";
import { type ProgressEvent, runSteps, type Step, type StepEntry } from "../../../provisioning/procedure/step.ts";

interface Bench {
	readonly log: string[];
	readonly holding: Set<string>;
}

const clock = { nowMs: () => 1000, pause: async () => {} };

function step(name: string, over: Partial<Step<Bench>> = {}): Step<Bench> {
	return {
		name,
		title: name,
		done: async ({ holding }) => holding.has(name),
		act: async ({ log, holding }) => {
			log.push(`act ${name}`);
			holding.add(name);
		},
		confirm: async ({ log }) => void log.push(`confirm ${name}`),
		...over,
	};
}

async function run(
	steps: Step<Bench>[],
	bench: Bench,
	signal?: AbortSignal,
): Promise<{ events: ProgressEvent[]; entries: StepEntry[] }> {
	const entries: StepEntry[] = [];
	const events: ProgressEvent[] = [];
	for await (const event of runSteps(steps, bench, clock, entries, signal)) events.push(event);
	return { events, entries };
}

const bench = (): Bench => ({ log: [], holding: new Set() });

describe("a procedure", () => {
	test("acts and confirms each step in order, and says so", async () => {
		const it = bench();
		const { events, entries } = await run([step("a"), step("b")], it);
		expect(it.log).toEqual(["act a", "confirm a", "act b", "confirm b"]);
		expect(events.at(-1)).toEqual({ type: "finished", ok: true });
		expect(entries.map(({ name, end }) => [name, end])).toEqual([
			["a", "done"],
			["b", "done"],
		]);
	});

	test("leaves alone what holds already: running again is resuming", async () => {
		const it = bench();
		it.holding.add("a");
		const { entries } = await run([step("a"), step("b")], it);
		expect(it.log).toEqual(["act b", "confirm b"]);
		expect(entries.map(({ end }) => end)).toEqual(["already", "done"]);
	});

	test("stops at the first step that fails, with its fault", async () => {
		const it = bench();
		const broken = step("b", { act: () => Promise.reject(faultError("BATTERY_LOW")) });
		const { events, entries } = await run([step("a"), broken, step("c")], it);
		expect(it.log).toEqual(["act a", "confirm a"]);
		expect(events.at(-1)).toMatchObject({ type: "finished", ok: false, fault: { code: "BATTERY_LOW" } });
		expect(entries.at(-1)).toMatchObject({ name: "b", end: "failed", fault: { code: "BATTERY_LOW" } });
	});

	test("does not call a step done that does not read back", async () => {
		const it = bench();
		const unproven = step("a", { confirm: () => Promise.reject(faultError("DPM_NOT_ACTIVE")) });
		const { entries } = await run([unproven], it);
		expect(entries).toMatchObject([{ end: "failed", fault: { code: "DPM_NOT_ACTIVE" } }]);
	});

	test("ends between two steps when it is cancelled", async () => {
		const it = bench();
		const cancel = new AbortController();
		const last = step("a", { confirm: async () => cancel.abort() });
		const { events } = await run([last, step("b")], it, cancel.signal);
		expect(it.log).toEqual(["act a"]);
		expect(events.at(-1)).toMatchObject({ ok: false, fault: { code: "CANCELLED" } });
	});

	test("passes on what a step says while it works, in order and before its end", async () => {
		const talking = step("a", {
			act: async (_, report) => {
				report.note("hold still");
				await Promise.resolve();
				report.progress(0.5);
			},
		});
		const { events } = await run([talking], bench());
		expect(events.map(({ type }) => type)).toEqual(["step-started", "step-note", "step-progress", "step-ended", "finished"]);
	});

	test("goes on after a step that was left for later, and reads back nothing of it", async () => {
		const it = bench();
		const late = step("a", { act: async (_, report) => report.postpone("The other side is away.") });
		const hopeless = step("b", { done: async () => "postponed" });
		const { events, entries } = await run([late, hopeless, step("c")], it);
		expect(it.log).toEqual(["act c", "confirm c"]);
		expect(entries.map(({ end }) => end)).toEqual(["postponed", "postponed", "done"]);
		expect(events).toContainEqual({ type: "step-note", step: "a", text: "The other side is away." });
		expect(events.at(-1)).toEqual({ type: "finished", ok: true });
	});

	describe("that writes down what it is about to do", () => {
		const announced = async (steps: Step<Bench>[], it: Bench, beforeAct: (step: string) => Promise<void>) => {
			const entries: StepEntry[] = [];
			for await (const _ of runSteps(steps, it, clock, entries, undefined, beforeAct));
			return entries;
		};

		test("does so before each act that changes something, and before no other", async () => {
			const it = bench();
			it.holding.add("c");
			const steps = [step("a", { readsOnly: true }), step("b"), step("c"), step("d", { done: async () => "postponed" })];
			await announced(steps, it, async (name) => {
				await Promise.resolve();
				it.log.push(`before ${name}`);
			});
			expect(it.log).toEqual(["act a", "confirm a", "before b", "act b", "confirm b"]);
		});

		test("does nothing that it could not write down", async () => {
			const it = bench();
			const entries = await announced([step("a")], it, () => Promise.reject(faultError("STATION_DISK_FULL")));
			expect(it.log).toEqual([]);
			expect(entries).toMatchObject([{ end: "failed", fault: { code: "STATION_DISK_FULL" } }]);
		});
	});

	test("does not hide a bug as a fault", async () => {
		const buggy = step("a", { act: () => Promise.reject(new TypeError("oops")) });
		await expect(run([buggy], bench())).rejects.toThrow("oops");
	});
});
