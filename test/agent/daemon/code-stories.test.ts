import { createHash } from "node:crypto";

import fc from "fast-check";
import { expect, test } from "vitest";

import { dammDigit } from "../../../proto/damm.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { readRequestNumber } from "../../../proto/request-number.ts";
import { timeCodeSecret, writeTimeCode } from "../../../proto/time-code.ts";
import { DAY, EPOCH, TestLender } from "../test-lender.ts";
import { boundPhone, type TestPhone } from "../test-phone.ts";

const CONTRACT = "C-1001";
const WINDOW = 8;

/** What may happen to a phone's codes, in the hands of somebody who can do anything to it but write its anchor. */
const moves = fc.array(
	fc.oneof(
		fc.record({ what: fc.constant("right" as const), kind: fc.constantFrom("set" as const, "add" as const) }),
		fc.record({ what: fc.constant("sms" as const), ahead: fc.nat(WINDOW - 1) }),
		fc.record({ what: fc.constant("wrong" as const), seed: fc.nat() }),
		fc.record({ what: fc.constant("again" as const), which: fc.nat() }),
		fc.record({ what: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 600 }) }),
		fc.record({ what: fc.constant("reboot" as const), offDays: fc.nat(30) }),
		fc.record({ what: fc.constant("restore" as const), which: fc.nat() }),
		fc.record({ what: fc.constant("lose" as const) }),
	),
	{ minLength: 5, maxLength: 40 },
);

class Story {
	readonly images: Uint8Array[];
	readonly taken: string[] = [];
	readonly secret: Uint8Array;

	constructor(
		readonly phone: TestPhone,
		readonly lender: TestLender,
	) {
		this.images = [phone.stored];
		this.secret = timeCodeSecret(nobleCrypto, lender.codeKey, phone.key.publicKey);
	}

	code(kind: "set" | "add" | "automatic", ahead = 0): string {
		const { counterDigits = 0, nonce = 0 } = readRequestNumber(this.phone.effects.screen?.requestNumber ?? "") ?? {};
		const address = { deviceId: this.lender.deviceId, contractId: CONTRACT };
		const question = { counter: counterDigits + ahead, nonce: kind === "automatic" ? undefined : nonce };
		return writeTimeCode(nobleCrypto, this.secret, address, { kind, value: 1, ...question });
	}

	wrongCode(seed: number): string {
		const mac = createHash("sha256").update(String(seed)).digest().readUInt32BE() % 100_000_000;
		const digits = `1001${String(mac).padStart(8, "0")}`;
		return digits + dammDigit(digits);
	}

	enter(code: string): string {
		const { answer } = this.phone.send({ codeEntered: { code } });
		if (answer?.accepted) this.taken.push(code);
		return answer?.accepted ? "accepted" : (answer?.code ?? "");
	}
}

test("no code counts twice, no counter goes back and no waiting is shortened, whatever is rebooted, put back or lost", async () => {
	const lender = await TestLender.create();
	lender.codeKey = new Uint8Array(32).fill(8);
	await fc.assert(
		fc.asyncProperty(moves, async (story) => {
			const phone = await boundPhone(lender);
			const it = new Story(phone, lender);
			for (const move of story) {
				const before = phone.ledger.codes;
				const paidBefore = phone.ledger.contract?.paidUntilUnixSeconds ?? 0;
				const takenBefore = new Set(it.taken);
				let answer = "";
				if (move.what === "right") answer = it.enter(it.code(move.kind));
				if (move.what === "sms") answer = it.enter(it.code("automatic", move.ahead));
				if (move.what === "wrong") answer = it.enter(it.wrongCode(move.seed));
				if (move.what === "again" && it.taken.length > 0) {
					answer = it.enter(it.taken[move.which % it.taken.length] ?? "");
					expect(answer).not.toBe("accepted");
				}
				if (move.what === "wait") phone.jump(move.minutes * 60);
				if (move.what === "reboot") phone.reboot(move.offDays * DAY);
				if (move.what === "restore" || move.what === "lose") {
					phone.stored = move.what === "lose" ? new Uint8Array() : (it.images[move.which % it.images.length] ?? new Uint8Array());
					phone.send({ tick: {} });
				}
				it.images.push(phone.stored);

				const { codes, contract } = phone.ledger;
				expect(codes.counter).toBeGreaterThanOrEqual(before.counter);
				if (answer === "accepted") {
					expect(takenBefore.has(it.taken.at(-1) ?? "")).toBe(false);
					expect(codes.badCodes).toBe(0);
					continue;
				}
				expect(codes.badCodes).toBe(before.badCodes + (answer === "WRONG_CODE" ? 1 : 0));
				expect(codes.backingOffUntilPoweredOnMs).toBeGreaterThanOrEqual(before.backingOffUntilPoweredOnMs);
				expect(contract?.paidUntilUnixSeconds ?? 0).toBe(paidBefore);
			}
			// Each accepted code paid for its one day at the most.
			expect((phone.ledger.contract?.paidUntilUnixSeconds ?? 0) - EPOCH).toBeLessThanOrEqual((30 + it.taken.length) * DAY);
		}),
		{ numRuns: 60 },
	);
}, 60_000);
