import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { emptyLedger } from "../../../agent/policy/ledger.ts";
import { advance, isBelievable, learnSignedTime, poweredOnAt, trustedNow } from "../../../agent/policy/trusted-time.ts";

const unknown = emptyLedger().time;
const at = (bootCount: number, elapsedMs: number) => ({ bootCount, elapsedMs });

describe("trusted time", () => {
	test("is not known before anybody signed one", () => {
		expect(trustedNow(advance(unknown, at(1, 5_000_000)).time)).toBe(0);
	});

	test("is the signed time plus the powered-on time since", () => {
		const heard = learnSignedTime(advance(unknown, at(1, 1000)).time, 1_800_000_000);
		expect(trustedNow(advance(heard, at(1, 61_000)).time)).toBe(1_800_000_060);
	});

	test("goes on over a boot with the time since that boot, and not with the time switched off", () => {
		const heard = learnSignedTime(advance(unknown, at(1, 1000)).time, 1_800_000_000);
		expect(trustedNow(advance(heard, at(2, 30_000)).time)).toBe(1_800_000_030);
	});

	test("an elapsed time that runs backward within a boot begins a session and counts nothing", () => {
		const before = advance(unknown, at(1, 100_000)).time;
		const { time, newSessionFromMs } = advance(before, at(1, 40_000));
		expect(newSessionFromMs).toBe(40_000);
		expect(time.poweredOnMs).toBe(before.poweredOnMs);
	});

	test("a signed time that is earlier than what is known changes nothing", () => {
		const heard = learnSignedTime(unknown, 1_800_000_000);
		expect(learnSignedTime(heard, 1_799_999_999)).toBe(heard);
		expect(learnSignedTime(heard, 1_800_000_000)).toBe(heard);
	});

	test("a signed time that is later than what is known by a second moves it on", () => {
		const heard = learnSignedTime(advance(unknown, at(1, 1000)).time, 1_800_000_000);
		const later = learnSignedTime(advance(heard, at(1, 61_000)).time, 1_800_000_061);
		expect(trustedNow(later)).toBe(1_800_000_061);
		expect(trustedNow(advance(later, at(1, 62_000)).time)).toBe(1_800_000_062);
	});

	test("a boot count that goes back begins a session and counts nothing", () => {
		const before = advance(unknown, at(5, 100_000)).time;
		const { time, newSessionFromMs } = advance(before, at(4, 200_000));
		expect([time.poweredOnMs, newSessionFromMs, time.bootCount]).toEqual([100_000, 200_000, 4]);
	});

	test("the same moment again is no new session, and a later boot is one from its first millisecond", () => {
		const before = advance(unknown, at(1, 100_000)).time;
		expect(advance(before, at(1, 100_000))).toEqual({ time: before, newSessionFromMs: undefined });
		expect(advance(before, at(2, 100_000)).newSessionFromMs).toBe(0);
	});

	test("powered-on time stays exact, whatever a broken host says how often", () => {
		const most = Number.MAX_SAFE_INTEGER / 8;
		const { time } = advance({ ...unknown, poweredOnMs: most - 5, bootCount: 1 }, at(1, 1000));
		expect(time.poweredOnMs).toBe(most);
	});

	test("says when a time will be reached", () => {
		const heard = learnSignedTime(advance(unknown, at(1, 1000)).time, 1_800_000_000);
		const due = poweredOnAt(heard, 1_800_000_100);
		expect(trustedNow({ ...heard, poweredOnMs: due - 1 })).toBe(1_800_000_099);
		expect(trustedNow({ ...heard, poweredOnMs: due })).toBe(1_800_000_100);
	});

	test.each([
		["negative", at(1, -1)],
		["of a negative boot", at(-1, 1)],
		["of an age", at(1, 1e15)],
		["a millisecond beyond twenty years of a boot", at(1, 20 * 365 * 24 * 3600 * 1000 + 1)],
		["of an impossible boot", at(2 ** 40, 1)],
		["of the boot after the last", at(2 ** 32 + 1, 1)],
	])("a moment that is %s is not believed", (_name, now) => {
		expect(isBelievable(now)).toBe(false);
	});

	test.each([
		["the first there is", at(0, 0)],
		["twenty years into a boot", at(1, 20 * 365 * 24 * 3600 * 1000)],
		["of the last boot", at(2 ** 32, 1)],
	])("a moment that is %s is", (_name, now) => {
		expect(isBelievable(now)).toBe(true);
	});

	test("never goes back, whatever boots, clocks and signatures do", () => {
		const step = fc.oneof(
			fc.record({ boots: fc.integer({ min: -1, max: 2 }), elapsedMs: fc.integer({ min: 0, max: 1e9 }) }),
			fc.record({ signed: fc.integer({ min: 1, max: 4e9 }) }),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				let time = unknown;
				for (const next of steps) {
					const before = trustedNow(time);
					const poweredOn = time.poweredOnMs;
					if ("signed" in next) time = learnSignedTime(time, next.signed);
					else time = advance(time, at(Math.max(0, time.bootCount + next.boots), next.elapsedMs)).time;
					expect(trustedNow(time)).toBeGreaterThanOrEqual(before);
					expect(time.poweredOnMs).toBeGreaterThanOrEqual(poweredOn);
				}
			}),
			{ numRuns: 500 },
		);
	});

	test("never runs ahead of an honest lender's clock", () => {
		const step = fc.record({
			onMs: fc.integer({ min: 0, max: 1e8 }),
			offMs: fc.integer({ min: 0, max: 1e9 }),
			reboots: fc.boolean(),
			hears: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				let realMs = 1_800_000_000_000;
				let now = at(1, 0);
				let time = learnSignedTime(advance(unknown, now).time, realMs / 1000);
				for (const { onMs, offMs, reboots, hears } of steps) {
					if (reboots) realMs += offMs;
					now = reboots ? at(now.bootCount + 1, onMs) : at(now.bootCount, now.elapsedMs + onMs);
					realMs += onMs;
					time = advance(time, now).time;
					if (hears) time = learnSignedTime(time, Math.floor(realMs / 1000));
					expect(trustedNow(time) * 1000).toBeLessThanOrEqual(realMs);
				}
			}),
			{ numRuns: 500 },
		);
	});
});
