import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { controllerGate, INSTALLS_AT_ONCE, type Turn } from "../../../../provisioning/station/slots/controller-gate.ts";
import { manualClock, settled } from "./manual-clock.ts";

const codeOf = (promise: Promise<unknown>) =>
	promise.then(
		() => "turn",
		(error: { fault: { code: string } }) => error.fault.code,
	);

describe("the gate of a controller", () => {
	it("lets eight install at once, and the next in the order in which they asked", async () => {
		const gate = controllerGate({ clock: manualClock() });
		const began: number[] = [];
		const turns: Turn[] = [];
		for (let phone = 0; phone < INSTALLS_AT_ONCE + 3; phone += 1) {
			void gate.installTurn("usb1").then((turn) => {
				began.push(phone);
				turns.push(turn);
			});
		}
		await settled();
		expect(began).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		expect(gate.load("usb1")).toEqual({ installing: 8, waiting: 3, rebootsWaiting: 0 });
		turns[4]?.end();
		turns[4]?.end();
		await settled();
		expect(began.slice(8)).toEqual([8]);
		for (const turn of turns) turn.end();
		await settled();
		for (const turn of turns) turn.end();
		expect(began.slice(8)).toEqual([8, 9, 10]);
		expect(gate.load("usb1")).toEqual({ installing: 0, waiting: 0, rebootsWaiting: 0 });
	});

	it("does not let one controller wait for another", async () => {
		const gate = controllerGate({ clock: manualClock(), installsAtOnce: 1 });
		await gate.installTurn("usb1");
		await gate.installTurn("usb3");
		expect([gate.load("usb1").installing, gate.load("usb3").installing]).toEqual([1, 1]);
	});

	it("lets whoever is cancelled go, whether waiting or about to ask, and keeps nothing for them", async () => {
		const gate = controllerGate({ clock: manualClock(), installsAtOnce: 1 });
		const first = await gate.installTurn("usb1");
		const ending = new AbortController();
		const cancelled = codeOf(gate.installTurn("usb1", ending.signal));
		const third = gate.installTurn("usb1");
		ending.abort();
		expect(await cancelled).toBe("CANCELLED");
		expect(await codeOf(gate.installTurn("usb1", ending.signal))).toBe("CANCELLED");
		first.end();
		(await third).end();
		expect(gate.load("usb1")).toEqual({ installing: 0, waiting: 0, rebootsWaiting: 0 });
	});

	it("gives the turn back when the work fails", async () => {
		const gate = controllerGate({ clock: manualClock(), installsAtOnce: 1 });
		await expect(gate.installing("usb1", async () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
		expect(await gate.installing("usb1", async () => 7)).toBe(7);
	});

	it("lets one phone of a controller restart every three seconds, in order, and others meanwhile", async () => {
		const clock = manualClock();
		const gate = controllerGate({ clock });
		const began: string[] = [];
		for (const [controller, phone] of [
			["usb1", "a"],
			["usb1", "b"],
			["usb3", "c"],
			["usb1", "d"],
		] as const) {
			void gate.rebootTurn(controller).then(() => began.push(`${phone} ${clock.nowMs()}`));
		}
		await clock.advance(0);
		expect(began).toEqual(["a 0", "c 0"]);
		await clock.advance(2_999);
		expect(began).toHaveLength(2);
		await clock.advance(20_000);
		expect(began).toEqual(["a 0", "c 0", "b 3000", "d 6000"]);
		expect(clock.waiting).toBe(0);
		expect(gate.load("usb1").rebootsWaiting).toBe(0);
	});

	it("passes a cancelled restart over", async () => {
		const clock = manualClock();
		const gate = controllerGate({ clock, rebootSpacingMs: 10 });
		await gate.rebootTurn("usb1");
		const ending = new AbortController();
		const cancelled = codeOf(gate.rebootTurn("usb1", ending.signal));
		const third = codeOf(gate.rebootTurn("usb1"));
		ending.abort();
		expect(await cancelled).toBe("CANCELLED");
		await clock.advance(10);
		expect(await third).toBe("turn");
	});

	it("never lets more through than it may, serves everybody who stays, and leaks nothing, whatever happens", async () => {
		const phone = fc.record({
			controller: fc.constantFrom("a", "b"),
			cancels: fc.boolean(),
			turns: fc.integer({ min: 1, max: 4 }),
		});
		await fc.assert(
			fc.asyncProperty(fc.array(phone, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), async (phones, installsAtOnce) => {
				const gate = controllerGate({ clock: manualClock(), installsAtOnce });
				const running = new Map([
					["a", 0],
					["b", 0],
				]);
				let served = 0;
				await Promise.all(
					phones.map(async ({ controller, cancels, turns }) => {
						const ending = new AbortController();
						const work = gate.installing(
							controller,
							async () => {
								running.set(controller, (running.get(controller) ?? 0) + 1);
								expect(running.get(controller)).toBeLessThanOrEqual(installsAtOnce);
								for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
								running.set(controller, (running.get(controller) ?? 0) - 1);
								served += 1;
							},
							ending.signal,
						);
						if (cancels) ending.abort();
						await work.catch((error: { fault?: unknown }) => {
							if (error.fault === undefined) throw error;
						});
					}),
				);
				expect(served).toBeGreaterThanOrEqual(phones.filter(({ cancels }) => !cancels).length);
				for (const controller of ["a", "b"])
					expect(gate.load(controller)).toEqual({ installing: 0, waiting: 0, rebootsWaiting: 0 });
			}),
		);
	});

	it("refuses a limit that lets nobody through", () => {
		expect(() => controllerGate({ clock: manualClock(), installsAtOnce: 0 })).toThrow(RangeError);
	});
});
