import { describe, expect, it } from "vitest";

import { claimedGeneration, closeLedger, openLedger } from "../../../agent/daemon/ledger-file.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { phoneAt } from "../../prove/standing-phones.ts";

const stored = closeLedger(phoneAt("limited").phone.ledger);

const isRead = (bytes: Uint8Array) => openLedger(nobleCrypto, bytes).kind === "ledger";

function flipped(...bits: readonly number[]): Uint8Array {
	const bytes = Uint8Array.from(stored);
	for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
	return bytes;
}

describe("a stored ledger", () => {
	it("is read as it was written", () => {
		expect(isRead(stored)).toBe(true);
		expect(claimedGeneration(stored)).toBeGreaterThan(0);
	});

	it("is not read with any one bit of it turned", () => {
		for (let bit = 0; bit < stored.length * 8; bit += 1) expect(isRead(flipped(bit)), `bit ${bit}`).toBe(false);
	});

	it("is not read with the highest bits of two of its words turned, at any distance", () => {
		const highest = Array.from({ length: Math.floor(stored.length / 4) - 4 }, (_, word) => (word + 2) * 32);
		for (const offset of [7, 15, 23, 31]) {
			for (const at of highest) expect(isRead(flipped(highest[0] ?? 0, at + offset)), `bit ${at + offset}`).toBe(false);
			for (const at of highest.slice(1)) {
				expect(isRead(flipped((highest[0] ?? 0) + offset, at + offset)), `bits apart by ${at - (highest[0] ?? 0)}`).toBe(false);
			}
		}
	});

	it("is not read when cut or continued anywhere", () => {
		for (let length = 1; length < stored.length; length += 1) expect(isRead(stored.subarray(0, length))).toBe(false);
		expect(isRead(Uint8Array.from([...stored, 0]))).toBe(false);
	});
});
