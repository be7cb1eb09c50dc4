import { describe, expect, test } from "vitest";

import type { Imei } from "../../../proto/imei.ts";
import type { HandsetFacts } from "../../../provisioning/handset/facts.ts";
import { fault } from "../../../provisioning/handset/fault.ts";
import { identityOf, requireSame } from "../../../provisioning/procedure/identity.ts";

const first = "869401000000017" as Imei; // shape only: this test compares, it does not check digits
const second = "869401000000025" as Imei;
const seen = { serial: "VH1", model: "M", imei1: first, imei2: second };

describe("a handset whose IMEI cannot be read", () => {
	// As much of the facts as an identity is made of.
	const facts = (booted: boolean) =>
		({ serial: "VH1", model: "M", booted, imei: { fault: fault("IMEI_UNREADABLE") } }) as HandsetFacts;

	test.each([
		["is asked to wait while it starts: its telephony is not there yet", false, "HANDSET_BOOTING"],
		["is refused once it has started", true, "IMEI_UNREADABLE"],
	])("%s", (_, booted, code) => {
		expect(() => identityOf(facts(booted))).toThrow(expect.objectContaining({ fault: expect.objectContaining({ code }) }));
	});
});

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
