import { describe, expect, test } from "vitest";

import { emptyLedger, emptyObservations, type ObservationRecord } from "../../../agent/policy/ledger.ts";
import { isAttestationChanged, isSimChanged, levelObserved, observe, takeAsRight } from "../../../agent/policy/observations.ts";
import { wire } from "../../../proto/wire.ts";
import { boundPhone } from "./bound-phone.ts";

const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
const DIGESTS: Readonly<Record<string, Uint8Array>> = { "-": new Uint8Array(), a: Uint8Array.of(1, 2), b: Uint8Array.of(1, 3) };
const digest = (letter = "-") => Uint8Array.from(DIGESTS[letter] ?? []);
const read = (letters: string) => ({ simDigest: digest(letters[0]), attestationDigest: digest(letters[1]) });
/** Readings of a SIM and an attestation, each a letter: "ab" is SIM a with attestation b; "-" is nothing to read. */
const afterReading = (readings: string) =>
	readings
		.split(" ")
		.filter(Boolean)
		.reduce((before, letters) => observe(before, read(letters)), emptyObservations());
const changes = (known: ObservationRecord) => ({ sim: isSimChanged(known), attestation: isAttestationChanged(known) });

describe("what the phone observes", () => {
	test.each([
		["never read", "", false, false],
		["read once", "aa", false, false],
		["read again the same", "aa aa", false, false],
		["another SIM", "aa ba", true, false],
		["another attestation", "aa ab", false, true],
		["the SIM taken out", "aa -a", false, false],
		["an attestation that is no longer given", "aa a-", false, false],
		["the SIM put in only later", "-a aa", false, false],
		["an attestation given only later", "a- aa", false, false],
		["put in later, and then another", "-- aa bb", true, true],
		["out, and another in", "aa -- bb", true, true],
		["changed and back", "aa bb aa", false, false],
	])("%s: %j", (_, readings, sim, attestation) => {
		expect(changes(afterReading(readings))).toEqual({ sim, attestation });
	});

	test("that was never read before has not changed, whatever is read now", () => {
		const { simDigestNow, attestationDigestNow } = afterReading("aa");
		expect(changes({ ...emptyObservations(), simDigestNow, attestationDigestNow })).toEqual({ sim: false, attestation: false });
	});

	test("is right as it is now, once the lender says so", () => {
		const right = takeAsRight(afterReading("aa bb"));
		expect(changes(right)).toEqual({ sim: false, attestation: false });
		expect(changes(observe(right, read("aa")))).toEqual({ sim: true, attestation: true });
	});
});

describe("the level for what is observed", () => {
	const cases = {
		none: afterReading("aa"),
		sim: afterReading("aa ba"),
		attestation: afterReading("aa ab"),
		both: afterReading("aa bb"),
	};
	const level = (what: keyof typeof cases, onSimChange: wire.RestrictionLevel, onAttestationChange: wire.RestrictionLevel) =>
		levelObserved(
			{ ...emptyLedger(), observations: cases[what] },
			boundPhone({ terms: { observations: { onSimChange, onAttestationChange } } }).terms,
		);

	test.each<[keyof typeof cases, wire.RestrictionLevel, wire.RestrictionLevel, wire.RestrictionLevel]>([
		["none", LIMITED, LIMITED, NONE],
		["sim", LIMITED, NONE, LIMITED],
		["sim", NONE, LIMITED, NONE],
		["attestation", NONE, LIMITED, LIMITED],
		["attestation", LIMITED, NONE, NONE],
		["both", NONE, LIMITED, LIMITED],
		["both", NONE, NONE, NONE],
		["both", FULL, FULL, LIMITED],
	])("changed: %s, under terms of %i and %i, is %i: never above LIMITED", (what, onSim, onAttestation, expected) => {
		expect(level(what, onSim, onAttestation)).toBe(expected);
	});

	test("is none under terms that say nothing of it", () => {
		expect(levelObserved({ ...emptyLedger(), observations: cases.both }, boundPhone().terms)).toBe(NONE);
	});
});
