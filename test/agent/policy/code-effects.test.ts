import { describe, expect, test } from "vitest";

import { obeyCode } from "../../../agent/policy/code-effects.ts";
import { refill, spentMs, TICK_MS } from "../../../agent/policy/offline-budget.ts";
import type { TimeCodeKind } from "../../../proto/time-code.ts";
import { DAY, EPOCH, HOUR } from "../test-lender.ts";
import { boundPhone, type Circumstances, PAID_UNTIL, seen } from "./bound-phone.ts";

const AT = 10 * DAY;
const KINDS: readonly TimeCodeKind[] = ["set", "add", "automatic", "contact", "service"];
const obeyed = (kind: TimeCodeKind, value: number, says: Circumstances = {}) =>
	obeyCode(boundPhone({ at: AT, ...says }), { kind, value });
const paidUntil = (...of: Parameters<typeof obeyed>) => (obeyed(...of).contract?.paidUntilUnixSeconds ?? 0) - EPOCH;

describe("a code for a payment", () => {
	test.each<[TimeCodeKind, number, number]>([
		["set", 25, AT + 25 * DAY],
		["set", 20, PAID_UNTIL],
		["set", 1, PAID_UNTIL],
		["add", 7, PAID_UNTIL + 7 * DAY],
		["automatic", 7, PAID_UNTIL + 7 * DAY],
	])("%s %i: from now or from paid-until, and never back", (kind, days, expected) => {
		expect(paidUntil(kind, days)).toBe(expected);
	});

	test.each<TimeCodeKind>(["set", "add", "automatic"])("%s reaches no further than 400 days past the last instalment", (kind) => {
		const last = 90 * DAY + 400 * DAY;
		expect(paidUntil(kind, 9999)).toBe(last);
		expect(paidUntil(kind, 9999, { contract: { paidUntilUnixSeconds: EPOCH + last + 1 } })).toBe(last + 1);
	});

	test.each<TimeCodeKind>(["set", "add", "automatic"])("%s opens no service window", (kind) => {
		const { contract } = obeyed(kind, 7);
		expect([contract?.serviceOpensAtUnixSeconds, contract?.serviceClosesAtUnixSeconds]).toEqual([0, 0]);
	});
});

describe("a code for service", () => {
	const windowAfter = (hours: number, opens: number, closes: number) => {
		const contract = { serviceOpensAtUnixSeconds: EPOCH + opens, serviceClosesAtUnixSeconds: EPOCH + closes };
		const after = obeyed("service", hours, { contract }).contract;
		return [after?.serviceOpensAtUnixSeconds, after?.serviceClosesAtUnixSeconds].map((at) => (at ?? 0) - EPOCH);
	};

	test.each([
		["none that is open: a window from now", -EPOCH, -EPOCH, [AT, AT + 3 * HOUR]],
		["one that closed just now", AT - HOUR, AT, [AT, AT + 3 * HOUR]],
		["one that closes in a second: it stays open longer", AT - HOUR, AT + 1, [AT - HOUR, AT + 3 * HOUR]],
		["one that has opened just now", AT, AT + HOUR, [AT, AT + 3 * HOUR]],
		["one that has opened just now for longer", AT, AT + 9 * HOUR, [AT, AT + 9 * HOUR]],
		["one that is to open: it opens now", AT + 1, AT + 9 * HOUR, [AT, AT + 3 * HOUR]],
		["one that stays open longer: no sooner closed", AT - HOUR, AT + 9 * HOUR, [AT - HOUR, AT + 9 * HOUR]],
	])("with %s", (_, opens, closes, expected) => {
		expect(windowAfter(3, opens, closes)).toEqual(expected);
	});

	test("pays for nothing", () => {
		expect(paidUntil("service", 3)).toBe(PAID_UNTIL);
	});
});

describe("any code is contact", () => {
	const contact = {
		chargedMs: 9 * TICK_MS,
		prepaidUntilElapsedMs: AT * 1000 + TICK_MS / 2,
		counter: 4,
		lastReplyUnixSeconds: EPOCH,
	};

	test.each(KINDS)("%s pays the offline budget back, but for the rest of the prepaid tick", (kind) => {
		const after = obeyed(kind, 0, { contact });
		expect(spentMs(after.contact, AT * 1000)).toBe(0);
		expect(after.contact).toEqual({ ...contact, ...after.contact, chargedMs: TICK_MS / 2 });
	});

	test.each(KINDS)("%s ends offline warnings, and no notice of a debt", (kind) => {
		const notices = { shown: [seen(DAY)], offlineWarnedAtRemainingSeconds: DAY, offlineWarnedAtPoweredOnMs: 5 };
		expect(obeyed(kind, 0, { notices }).notices).toMatchObject({ shown: [seen(DAY)], offlineWarnedAtRemainingSeconds: 0 });
	});

	test("contact alone changes nothing of the contract", () => {
		const { contract } = boundPhone({ at: AT });
		expect(obeyed("contact", 0).contract).toEqual(contract);
	});

	test("what a check-in under way would have paid back is paid: its answer pays it no second time", () => {
		const open = [
			{ counter: 5, nonce: new Uint8Array(), spentMs: 2 * TICK_MS },
			{ counter: 6, nonce: new Uint8Array(), spentMs: 99 * TICK_MS },
		];
		const says = { contact: { ...contact, open } } as Circumstances;
		const after = obeyed("contact", 0, says).contact;
		expect(after.open.map((checkIn) => [checkIn.counter, checkIn.spentMs])).toEqual([
			[5, 0],
			[6, 90.5 * TICK_MS],
		]);
		const [first] = after.open;
		expect(refill(after, first ?? { spentMs: NaN })).toEqual(after);
	});

	test("teaches no time", () => {
		const { ledger } = boundPhone({ at: AT });
		for (const kind of KINDS) expect(obeyed(kind, 7).time).toEqual(ledger.time);
	});
});
