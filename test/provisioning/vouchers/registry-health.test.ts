import { afterEach, expect, test } from "vitest";

import { type RegistryHealth, watchRegistry } from "../../../provisioning/vouchers/registry-health.ts";

/** A registry whose answers, and a time that passes, as the test says. */
function bench() {
	const looks: { answer: () => void; fail: () => void }[] = [];
	const pauses: { milliseconds: number; end: () => void }[] = [];
	let nowMs = 1000;
	const health = watchRegistry({
		probe: () => new Promise((resolve, reject) => looks.push({ answer: () => resolve(), fail: () => reject(new Error("no")) })),
		nowMs: () => nowMs,
		pause: (milliseconds, signal) =>
			new Promise((resolve) => {
				pauses.push({ milliseconds, end: resolve });
				if (signal.aborted) resolve();
				signal.addEventListener("abort", () => resolve());
			}),
	});
	open = health;
	const settled = async () => {
		for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
	};
	return {
		health,
		looks,
		pauses,
		/** The look under way ends so, and the pause after it as well. */
		async look(how: "answer" | "fail") {
			nowMs += 10;
			looks.at(-1)?.[how]();
			await settled();
		},
		async pauseEnds() {
			pauses.at(-1)?.end();
			await settled();
		},
		settled,
	};
}

let open: RegistryHealth | undefined;
afterEach(() => open?.close());

test("a registry counts as up until a look fails, and again from the first look that it answers", async () => {
	const { health, look, pauseEnds } = bench();
	const told: string[] = [];
	health.onChange(({ state, sinceMs }) => told.push(`${state} ${sinceMs}`));
	expect(health.status()).toEqual({ state: "up", sinceMs: 1000 });
	await look("fail");
	expect(health.status()).toEqual({ state: "down", sinceMs: 1010 });
	await pauseEnds();
	await look("fail");
	expect(health.status().sinceMs).toBe(1010);
	await pauseEnds();
	await look("answer");
	expect(told).toEqual(["down 1010", "up 1030"]);
});

test("the looks at a registry that is down come ever more seldom, up to a limit", async () => {
	const { pauses, look, pauseEnds } = bench();
	for (let turn = 0; turn < 8; turn += 1) {
		await look("fail");
		await pauseEnds();
	}
	expect(pauses.map(({ milliseconds }) => milliseconds)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

test("a call without an answer makes it look at once, and is not proof enough by itself", async () => {
	const { health, looks, look, settled } = bench();
	await look("answer");
	expect(looks).toHaveLength(1);
	health.suspect();
	await settled();
	expect(looks).toHaveLength(2);
	expect(health.status().state).toBe("up");
	await look("answer");
	expect(health.status().state).toBe("up");
});

test("a look that began before the call failed is followed by another", async () => {
	const { health, looks, look } = bench();
	health.suspect();
	await look("answer");
	expect(looks).toHaveLength(2);
	await look("fail");
	expect(health.status().state).toBe("down");
});

test("nothing is told after it was closed", async () => {
	const { health, look } = bench();
	const told: string[] = [];
	health.onChange(({ state }) => told.push(state));
	health.close();
	await look("fail");
	expect(told).toEqual([]);
});
