import { describe, expect, test } from "vitest";

import type { Imei } from "../../../proto/imei.ts";
import { requireSame } from "../../../provisioning/procedure/identity.ts";

const first = "869401000000017" as Imei; // shape only: this test compares, it does not check digits
const second = "869401000000025" as Imei;
const seen = { serial: "VH1", model: "M", imei1: first, imei2: second };

describe("after a reconnect", () => {
	test("the same handset passes, whichever slot is read first", () => {
		expect(() => requireSame({ serial: "VH1", imeis: [second, first] }, seen)).not.toThrow();
		expect(() => requireSame(undefined, seen)).not.toThrow();
	});

	test.each([
		["another serial", { serial: "VH2", imeis: [first, second] }],
		["another IMEI in one slot", { serial: "VH1", imeis: [first, "869401000000033"] }],
		["one SIM fewer", { serial: "VH1", imeis: [first] }],
	])("%s is a full stop", (_, known) => {
		expect(() => requireSame(known, seen)).toThrow(
			expect.objectContaining({ fault: expect.objectContaining({ code: "IDENTITY_CHANGED" }) }),
		);
	});

	test("the fault shows tails only, never whole IMEIs", () => {
		try {
			requireSame({ serial: "VH2", imeis: [first] }, seen);
			expect.unreachable();
		} catch (error) {
			expect(JSON.stringify(error)).not.toContain(first);
		}
	});
});
