import { describe, expect, test } from "vitest";

import {
	emptyCodes,
	emptyContact,
	emptyLedger,
	emptyLock,
	emptyNotices,
	emptyObservations,
} from "../../../agent/policy/ledger.ts";
import { decode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";

const nothing = new Uint8Array();

describe("a phone that was never bound", () => {
	// What is not written is read as zero, so only this makes a part that was never stored the same as one that was stored empty.
	test.each<[string, () => unknown, () => unknown]>([
		["time", () => emptyLedger().time, () => decode(wire.TimeRecord, nothing)],
		["handset", () => emptyLedger().handset, () => decode(wire.HandsetRecord, nothing)],
		["contact", emptyContact, () => decode(wire.ContactRecord, nothing)],
		["notices", emptyNotices, () => decode(wire.NoticeRecord, nothing)],
		["posture", () => emptyLedger().posture, () => decode(wire.PostureRecord, nothing)],
		["log", () => emptyLedger().log, () => decode(wire.DecisionLog, nothing)],
		["codes", emptyCodes, () => decode(wire.CodeRecord, nothing)],
		["observations", emptyObservations, () => decode(wire.ObservationRecord, nothing)],
		["lock", emptyLock, () => ({ ...decode(wire.LockRecord, nothing), standing: wire.Standing.STANDING_UNBOUND })],
	])("has in its %s what no bytes at all are read as", (_, empty, read) => {
		expect(empty()).toEqual(read());
	});

	test("has no contract, no recovery, nothing that waits and nothing decided", () => {
		const { pendingBinding, contract, recovery, signatures, decided, lastRequestId, generation } = emptyLedger();
		expect([pendingBinding, contract, recovery]).toEqual([undefined, undefined, undefined]);
		expect([signatures, decided, lastRequestId, generation]).toEqual([[], [], 0, 0]);
	});
});
