import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { emptyContact } from "../../../agent/policy/ledger.ts";
import {
	beginSession,
	chargeAllBut,
	chargeUntil,
	isBudgetSpent,
	refill,
	remainingMs,
	spentMs,
	TICK_MS,
} from "../../../agent/policy/offline-budget.ts";

const fresh = chargeUntil(emptyContact(), 0);

describe("the offline budget", () => {
	test("charges a tick before it is used", () => {
		expect(fresh.chargedMs).toBe(TICK_MS);
		expect(spentMs(fresh, 0)).toBe(0);
	});

	test("is spent at the budget to the millisecond, when the phone is never switched off", () => {
		const budgetSeconds = 3600;
		expect(isBudgetSpent(chargeUntil(fresh, 3_600_000 - 1), budgetSeconds)).toBe(false);
		expect(isBudgetSpent(chargeUntil(fresh, 3_600_000), budgetSeconds)).toBe(true);
	});

	test("what is paid for already is not charged again, nor given back", () => {
		const ahead = { ...fresh, prepaidUntilElapsedMs: 10 * TICK_MS };
		expect(chargeUntil(ahead, 10 * TICK_MS - 1)).toEqual(ahead);
		expect(chargeUntil(ahead, 0)).toEqual(ahead);
		expect(chargeUntil(ahead, 10 * TICK_MS).chargedMs).toBe(ahead.chargedMs + TICK_MS);
	});

	test("a charge stays exact, however long the phone is alone", () => {
		const most = Number.MAX_SAFE_INTEGER / 8;
		expect(chargeUntil({ ...fresh, chargedMs: most - 1 }, 3 * TICK_MS).chargedMs).toBe(most);
	});

	test("is charged down to what is to be left of it, and never up", () => {
		const budgetSeconds = 10 * 3600;
		const left = (chargedMs: number) => chargeAllBut({ ...fresh, chargedMs }, budgetSeconds, 2 * 3_600_000).chargedMs;
		expect([left(0), left(8 * 3_600_000), left(9 * 3_600_000)]).toEqual([8, 8, 9].map((hours) => hours * 3_600_000));
		expect(chargeAllBut(fresh, 0, TICK_MS)).toEqual(fresh);
	});

	test("a budget of nothing is no budget", () => {
		expect(isBudgetSpent(chargeUntil(fresh, 1e12), 0)).toBe(false);
	});

	test("an answer pays back what was spent before its question, however late it is delivered", () => {
		const asked = { spentMs: spentMs(chargeUntil(fresh, 1_000_000), 1_000_000) };
		const later = chargeUntil(fresh, 9_000_000);
		expect(spentMs(refill(later, asked), 9_000_000)).toBe(8_000_000);
	});

	test("answering the same question twice pays back nothing more than all of it", () => {
		const asked = { spentMs: 1_000_000 };
		const later = chargeUntil(fresh, 1_000_000);
		expect(refill(refill(later, asked), asked).chargedMs).toBeGreaterThanOrEqual(0);
	});

	/** Sessions between power cuts: at which milliseconds of each the phone was called, and when it was cut. */
	const sessions = fc.array(
		fc.record({
			calls: fc.array(fc.integer({ min: 0, max: 3 * TICK_MS }), { maxLength: 6 }),
			cutAfterMs: fc.integer({ min: 0, max: 2 * TICK_MS }),
		}),
		{ minLength: 1, maxLength: 12 },
	);

	/**
	 * Plays sessions with a host that calls at every end of a prepaid tick, as the alarm asks. A power cut between two
	 * calls loses what was not stored; what was used is measured apart.
	 */
	function play(plan: { calls: number[]; cutAfterMs: number }[], budgetSeconds: number) {
		let stored = emptyContact();
		let usedMs = 0;
		let usedWhenSpent: number | undefined;
		let boots = 0;
		for (const { calls, cutAfterMs } of plan) {
			boots += 1;
			let contact = chargeUntil(beginSession(stored, 0), 0);
			stored = contact;
			let elapsed = 0;
			const spend = (untilMs: number) => {
				while (elapsed < untilMs && usedWhenSpent === undefined) {
					const stop = Math.min(untilMs, contact.prepaidUntilElapsedMs);
					usedMs += stop - elapsed;
					elapsed = stop;
					if (elapsed < contact.prepaidUntilElapsedMs) continue;
					contact = chargeUntil(contact, elapsed);
					stored = contact;
					if (isBudgetSpent(contact, budgetSeconds)) usedWhenSpent = usedMs;
				}
			};
			if (isBudgetSpent(contact, budgetSeconds)) usedWhenSpent ??= usedMs;
			for (const call of calls) {
				spend(elapsed + call);
				contact = chargeUntil(contact, elapsed);
				stored = contact;
			}
			spend(elapsed + cutAfterMs);
			if (usedWhenSpent !== undefined) break;
			expect(usedMs).toBeLessThanOrEqual(stored.chargedMs);
			expect(stored.chargedMs - usedMs).toBeLessThanOrEqual(boots * TICK_MS);
		}
		return { usedMs, usedWhenSpent, boots };
	}

	test("use never exceeds the charge, and the charge exceeds use by at most a tick for each boot", () => {
		fc.assert(
			fc.property(sessions, (plan) => void play(plan, 1e9)),
			{ numRuns: 2000 },
		);
	});

	test("use without contact never exceeds T, and the lock never comes before T less a tick for each boot (F5)", () => {
		let locks = 0;
		const budgets = fc.integer({ min: 1, max: 8 }).map((ticks) => (ticks * TICK_MS) / 1000);
		fc.assert(
			fc.property(sessions, budgets, (plan, budgetSeconds) => {
				const { usedMs, usedWhenSpent, boots } = play(plan, budgetSeconds);
				expect(usedMs).toBeLessThanOrEqual(budgetSeconds * 1000);
				if (usedWhenSpent === undefined) return;
				locks += 1;
				expect(usedWhenSpent).toBeGreaterThanOrEqual(budgetSeconds * 1000 - boots * TICK_MS);
			}),
			{ numRuns: 3000 },
		);
		expect(locks).toBeGreaterThan(500);
	});

	test("what remains counts down with use and ends at nothing", () => {
		expect(remainingMs(fresh, 3600, 60_000)).toBe(3_540_000);
		expect(remainingMs(chargeUntil(fresh, 1e10), 3600, 1e10)).toBe(0);
	});
});
