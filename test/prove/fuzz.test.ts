import { expect, test } from "vitest";

import { runFuzz } from "./fuzz.ts";

test("5,000 inputs of every kind: no throw, no tightening, nothing restricted that helps", () => {
	const { ok, lines } = runFuzz({ inputs: 5_000, seed: 11 });
	const told = lines.join("\n");
	expect(told).toContain("no throw, no tightening");
	expect(ok).toBe(true);
	// A campaign that provokes nothing proves nothing.
	for (const outcome of [
		"fault: EVENT_UNREADABLE",
		"fault: LEDGER_UNREADABLE",
		"fault: LEDGER_NEWER",
		"fault: LEDGER_FROM_ANCHOR",
		"fault: REPLY_REFUSED",
		"order refused: UNTRUSTED",
		"order refused: F3",
		"order refused: REPLAYED",
		"cable: MALFORMED",
		"cable: KEY_SETS_REFUSED",
		"borrower: MISTYPED",
		"borrower: WRONG_CODE",
	]) {
		expect(told).toContain(outcome);
	}
}, 60_000);
