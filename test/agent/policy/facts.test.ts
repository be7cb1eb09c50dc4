import { describe, expect, test } from "vitest";

import { emptyCodes, emptyLedger } from "../../../agent/policy/ledger.ts";
import { contactState, factsOf, isServiceOpen, situationOf } from "../../../agent/policy/settle.ts";
import { isLocked, levelOf } from "../../../agent/policy/standings.ts";
import { deviceStatus } from "../../../agent/policy/status.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, termsOf } from "../test-lender.ts";
import { boundPhone, type Circumstances, PAID_UNTIL } from "./bound-phone.ts";

const { CONTACT_STATE_FRESH: FRESH, CONTACT_STATE_WARNED: WARNED, CONTACT_STATE_EXPIRED: EXPIRED } = wire.ContactState;
const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
const { STANDING_LOCKED_LIMITED: LOCKED_LIMITED, STANDING_LOCKED_FULL: LOCKED_FULL, STANDING_GRACE: GRACE } = wire.Standing;
const STANDINGS = Object.values(wire.Standing).filter((value): value is wire.Standing => typeof value === "number");
const debt = (level: wire.RestrictionLevel) => ({
	cause: wire.LockCause.LOCK_CAUSE_OVERDUE,
	level,
	reason: 0,
	sequence: 0,
	sinceUnixSeconds: EPOCH,
});
const charged = (days: number) => ({ contact: { chargedMs: days * DAY * 1000 } });

describe("what the machine is told", () => {
	const facts = (says: Circumstances) => factsOf(boundPhone(says));

	test("payment is past due from paid-until on, to the second", () => {
		expect([-1, 0, 1].map((seconds) => facts({ at: PAID_UNTIL + seconds }).isPastDue)).toEqual([false, true, true]);
	});

	test("the dwell is over when the present standing has lasted as long, to the millisecond (F4)", () => {
		const lock = { standingSincePoweredOnMs: 5000 };
		expect([-0.001, 0, 1].map((seconds) => facts({ at: 5 + DAY + seconds, lock }).hasDwelt)).toEqual([false, true, true]);
	});

	test("the level that the causes ask for", () => {
		expect(facts({ lock: { causes: [debt(LIMITED)] } }).levelAsked).toBe(LIMITED);
	});

	test("whether the floor objects", () => {
		expect([facts({}).mayTighten, facts({ handset: { emergencyCall: true } }).mayTighten]).toEqual([true, false]);
	});

	test("contact, code entry and service window", () => {
		expect(facts({})).toMatchObject({ contact: FRESH, codes: "open", isServiceOpen: false });
		const contract = { serviceClosesAtUnixSeconds: EPOCH + 1 };
		const codes = { ...emptyCodes(), badCodes: 100 };
		expect(facts({ ...charged(11), codes, contract })).toMatchObject({
			contact: EXPIRED,
			codes: "signedOnly",
			isServiceOpen: true,
		});
	});
});

describe("how recent the lender's word is (F5)", () => {
	const state = (chargedMs: number, says: Circumstances = {}) => contactState(boundPhone({ ...says, contact: { chargedMs } }));
	const DAY_MS = DAY * 1000;

	test.each([
		["before the first warning", 7 * DAY_MS - 1, FRESH],
		["from the first warning on", 7 * DAY_MS, WARNED],
		["with the whole budget used", 10 * DAY_MS, WARNED],
		["beyond it", 10 * DAY_MS + 1, EXPIRED],
	])("%s", (_, chargedMs, expected) => {
		expect(state(chargedMs)).toBe(expected);
	});

	test("does not matter where the terms agree on no budget", () => {
		const terms = { offline: { ...termsOf().offline, budgetSeconds: 0 } };
		expect(state(900 * DAY_MS, { terms })).toBe(FRESH);
	});
});

describe("a service window", () => {
	const isOpenAt = (at: number) => {
		const contract = { serviceOpensAtUnixSeconds: EPOCH + 100, serviceClosesAtUnixSeconds: EPOCH + 200 };
		return isServiceOpen(boundPhone({ at, contract }).ledger);
	};

	test("is open from its beginning to the second before its end", () => {
		expect([99, 100, 101, 199, 200, 201].map(isOpenAt)).toEqual([false, true, true, true, false, false]);
	});

	test("is never open without one, or without a contract", () => {
		expect([isServiceOpen(boundPhone().ledger), isServiceOpen(emptyLedger())]).toEqual([false, false]);
	});
});

describe("a standing", () => {
	test.each(STANDINGS.map((standing) => [wire.Standing[standing], standing] as const))(
		"%s is locked only in LIMITED or FULL",
		(_, standing) => {
			const level = standing === LOCKED_LIMITED ? LIMITED : standing === LOCKED_FULL ? FULL : NONE;
			expect([levelOf(standing), isLocked(standing)]).toEqual([level, level !== NONE]);
		},
	);
});

describe("what a phone and its agreement are together", () => {
	test("nothing, unless both are there", () => {
		const phone = boundPhone();
		expect(situationOf(emptyLedger(), phone)).toBeUndefined();
		expect(situationOf(phone.ledger, undefined)).toBeUndefined();
		expect(situationOf(phone.ledger, phone)).toEqual(phone);
	});
});

describe("what the lender and the station are told (F9)", () => {
	const status = (says: Circumstances) => {
		const phone = boundPhone(says);
		return deviceStatus(phone.ledger, phone);
	};

	test("of a phone that was never bound: nothing holds", () => {
		expect(deviceStatus(emptyLedger(), undefined)).toEqual({
			standing: wire.Standing.STANDING_UNBOUND,
			causes: [],
			contact: FRESH,
			paidUntilUnixSeconds: 0,
			trustedTimeUnixSeconds: 0,
			offlineChargedSeconds: 0,
			sealed: false,
			serviceOpen: false,
			postureApplied: false,
			postureDrift: [],
			wrongfulLockMinutes: 0,
			ownershipReturned: false,
			level: NONE,
			simChanged: false,
			attestationChanged: false,
			contactRequired: false,
			codeCounter: 0,
			codeNonce: 0,
		});
	});

	test("of a bound one: where it stands, and for how long it was alone", () => {
		const contract = { sealed: true, ownershipReturned: true, serviceClosesAtUnixSeconds: EPOCH + 9 * DAY };
		const lock = { standing: LOCKED_FULL, causes: [debt(FULL)], wrongfulLockMinutes: 7 };
		const contact = { chargedMs: 8 * DAY * 1000 + 1999, required: true };
		expect(status({ at: 5, contract, lock, contact, codes: { ...emptyCodes(), counter: 9, nonce: 417 } })).toMatchObject({
			standing: LOCKED_FULL,
			causes: [wire.LockCause.LOCK_CAUSE_OVERDUE],
			contact: WARNED,
			paidUntilUnixSeconds: EPOCH + PAID_UNTIL,
			trustedTimeUnixSeconds: EPOCH + 5,
			offlineChargedSeconds: 8 * DAY + 1,
			sealed: true,
			serviceOpen: true,
			wrongfulLockMinutes: 7,
			ownershipReturned: true,
			level: FULL,
			contactRequired: true,
			codeCounter: 9,
			codeNonce: 417,
		});
	});

	test("no causes while nothing is locked: a debt that may not lock yet is between borrower and phone", () => {
		expect(status({ lock: { standing: GRACE, causes: [debt(FULL)] } }).causes).toEqual([]);
	});

	test("no budget once the contract has ended", () => {
		const contract = { releasedBy: wire.ReleaseCause.RELEASE_CAUSE_ORDER };
		expect(status({ ...charged(11), contract }).contact).toBe(FRESH);
		expect(status(charged(11)).contact).toBe(EXPIRED);
	});

	test.each([
		["never stated", { revision: 0, appliedRevision: 0, drift: 0 }, false],
		["stated and read back", { revision: 3, appliedRevision: 3, drift: 0 }, true],
		["read back of an earlier revision", { revision: 3, appliedRevision: 2, drift: 0 }, false],
		["read back with something that did not hold", { revision: 3, appliedRevision: 3, drift: 1 << 14 }, false],
	])("whether the posture holds: %s", (_, posture, applied) => {
		const { postureApplied, postureDrift } = status({ posture: { ...emptyLedger().posture, ...posture } });
		expect([postureApplied, postureDrift]).toEqual([applied, posture.drift ? ["debugging"] : []]);
	});

	test("a yes or no for the SIM and for the attestation", () => {
		const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)];
		const seen = (sim: Uint8Array, attestation: Uint8Array) => {
			const known = { simDigest: a, attestationDigest: a, simDigestNow: sim, attestationDigestNow: attestation };
			const { simChanged, attestationChanged } = status({ observations: known });
			return [simChanged, attestationChanged];
		};
		expect([seen(b, a), seen(a, b)]).toEqual([
			[true, false],
			[false, true],
		]);
	});
});
