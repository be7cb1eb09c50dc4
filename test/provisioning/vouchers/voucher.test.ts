import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { encode } from "../../../proto/codec.ts";
import { PayloadType, wrap } from "../../../proto/envelope.ts";
import { type Imei, luhnDigit, parseImei } from "../../../proto/imei.ts";
import { wire } from "../../../proto/wire.ts";
import type { EnrollmentOffer, HandsetIdentity } from "../../../provisioning/procedure/registry-port.ts";
import { handsetOf, isClockWrong, isSameHandset, type Voucher, voucherProblem } from "../../../provisioning/vouchers/voucher.ts";
import { readVoucher, voucherOf, writeVoucher } from "../../../provisioning/vouchers/voucher-text.ts";

const HOUR_MS = 3600_000;
const ISSUED_MS = 1_780_315_200_000;

const imei = fc.integer({ min: 1, max: 999_999_999_999 }).map((number): Imei => {
	const first14 = `35${String(number).padStart(12, "0")}`;
	const parsed = parseImei(first14 + luhnDigit(first14));
	if ("problem" in parsed) throw new Error(parsed.problem);
	return parsed.imei;
});
const handset: fc.Arbitrary<HandsetIdentity> = fc
	.record({ imeis: fc.uniqueArray(imei, { minLength: 1, maxLength: 2 }), serial: fc.stringMatching(/^[A-Z0-9]{4,12}$/) })
	.map(({ imeis: [imei1, imei2], serial }) => {
		if (imei1 === undefined) throw new Error("at least one");
		return { imei1, ...(imei2 === undefined ? {} : { imei2 }), serial, model: "2409BRN2CA" };
	});
const bytes = (minLength = 0) => fc.uint8Array({ minLength, maxLength: 200 });
const voucherFor = (phone: HandsetIdentity, over: Partial<Voucher> = {}): Voucher => ({
	contractId: "C-1",
	handset: phone,
	enrollmentId: "e-1",
	issuedAtMs: ISSUED_MS,
	expiresAtMs: ISSUED_MS + 168 * HOUR_MS,
	used: false,
	...over,
});

describe("a voucher", () => {
	test("is for one phone, whichever SIM comes first, and for no other", () => {
		fc.assert(
			fc.property(handset, handset, (one, other) => {
				const swapped = one.imei2 === undefined ? one : { ...one, imei1: one.imei2, imei2: one.imei1 };
				expect(voucherProblem(voucherFor(one), "C-1", swapped, ISSUED_MS)).toBeUndefined();
				fc.pre(!isSameHandset(one, other));
				expect(voucherProblem(voucherFor(one), "C-1", other, ISSUED_MS)?.fault.code).toBe("VOUCHER_MISSING");
			}),
		);
	});

	test("is not for a phone that shares one IMEI, all IMEIs or the serial number only", () => {
		fc.assert(
			fc.property(handset, imei, (phone, another) => {
				fc.pre(another !== phone.imei1 && another !== phone.imei2);
				const { imei2: _, ...single } = phone;
				const others: HandsetIdentity[] = [
					{ ...phone, serial: `${phone.serial}X` },
					{ ...phone, imei1: another },
					phone.imei2 === undefined ? { ...phone, imei2: another } : single,
				];
				for (const other of others) expect(isSameHandset(phone, other)).toBe(false);
			}),
		);
	});

	test("can be used until its last hour begins", () => {
		fc.assert(
			fc.property(handset, fc.integer({ min: 0, max: 400 * HOUR_MS }), (phone, ageMs) => {
				const problem = voucherProblem(voucherFor(phone), "C-1", phone, ISSUED_MS + ageMs);
				expect(problem?.fault.code).toBe(ageMs > 167 * HOUR_MS ? "VOUCHER_EXPIRED" : undefined);
			}),
		);
	});

	test("cannot be made for a unit without a serial number, or whose second IMEI is not told", () => {
		fc.assert(
			fc.property(handset, ({ imei1, imei2, serial }) => {
				fc.pre(imei2 !== undefined);
				const both: [Imei, ...Imei[]] = imei2 === undefined ? [imei1] : [imei1, imei2];
				expect(handsetOf({ contractId: "C", imeis: both, serial })).toEqual({ imei1, imei2, serial, model: "" });
				expect(handsetOf({ contractId: "C", imeis: both })).toBe("no serial number");
				expect(handsetOf({ contractId: "C", imeis: [imei1], serial })).toBe("second IMEI not told");
			}),
		);
	});
});

test("a clock is called wrong when a voucher was made more than minutes after what it shows, never when it is late", () => {
	const made = [voucherFor({ imei1: "356938035643809" as Imei, serial: "S", model: "" })]; // a valid one
	expect(isClockWrong(made, ISSUED_MS)).toBe(false);
	expect(isClockWrong(made, ISSUED_MS - 60_000)).toBe(false);
	expect(isClockWrong(made, ISSUED_MS - HOUR_MS)).toBe(true);
	expect(isClockWrong(made, ISSUED_MS + 10_000 * HOUR_MS)).toBe(false);
	expect(isClockWrong([], 0)).toBe(false);
});

describe("a voucher's file", () => {
	const offer: fc.Arbitrary<EnrollmentOffer> = fc.record({
		enrollmentId: fc.constant("0123456789abcdef0123456789abcdef-1"),
		deviceId: fc.constant("0123456789abcdef0123456789abcdef"),
		contractId: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
		keySetEnvelopes: fc.array(bytes(1), { minLength: 1, maxLength: 3 }),
		bindingEnvelope: bytes(1),
		terms: bytes(),
		consent: bytes(),
		codeKey: fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ minLength: 32, maxLength: 32 })),
		state: fc.constant("offered" as const),
	});

	test("gives back exactly what was written", () => {
		fc.assert(
			fc.property(handset, offer, (phone, given) => {
				expect(readVoucher(writeVoucher({ handset: phone, offer: given }))).toEqual({ handset: phone, offer: given });
			}),
		);
	});

	test("that is cut off, or is something else, is no voucher and no error", () => {
		fc.assert(
			fc.property(handset, offer, fc.nat(), (phone, given, cut) => {
				const text = writeVoucher({ handset: phone, offer: given }).trimEnd();
				expect(readVoucher(text.slice(0, cut % text.length))).toBeUndefined();
			}),
		);
		fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => readVoucher(text) === undefined));
	});

	test("tells when its binding was made and ends, or is no voucher", () => {
		const binding = encode(wire.Binding, { contractId: "C", issuedAtUnixSeconds: 5, expiresAtUnixSeconds: 9 });
		const envelope = wrap(PayloadType.binding, binding, "0".repeat(32), new Uint8Array(64).fill(1));
		fc.assert(
			fc.property(handset, offer, (phone, given) => {
				const content = { handset: phone, offer: { ...given, bindingEnvelope: envelope } };
				expect(voucherOf(content, true)).toMatchObject({ issuedAtMs: 5000, expiresAtMs: 9000, used: true });
				expect(
					voucherOf({ handset: phone, offer: { ...given, bindingEnvelope: new Uint8Array([1, 2]) } }, false),
				).toBeUndefined();
			}),
		);
	});
});
