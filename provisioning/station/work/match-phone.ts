import { imeiTail } from "../../../proto/imei.ts";
import { type Fault, fault } from "../../handset/fault.ts";
import type { BatchState } from "../journal/batch-state.ts";
import type { Unit } from "../unit.ts";
import { knownHandset } from "./known-handset.ts";
import type { UnitIndex } from "./unit-index.ts";

/** Who a plugged-in phone says it is. */
export interface SeenPhone {
	readonly serial: string;
	readonly imeis: readonly string[];
}

/** What to do about a phone in a slot. */
export type Match =
	| { readonly kind: "run"; readonly unit: Unit }
	/** The batch knows it, and nobody has scanned its box yet. */
	| { readonly kind: "scan-its-box"; readonly unit: Unit }
	/** Another phone than the one whose box was scanned: stop, and let a person look. */
	| { readonly kind: "other-phone"; readonly fault: Fault }
	| { readonly kind: "refused"; readonly unit?: Unit; readonly fault: Fault };

export interface MatchQuestion {
	readonly units: UnitIndex;
	readonly batch: BatchState;
	readonly phone: SeenPhone;
	/** Contract of the box that was scanned last and whose phone has not come yet. */
	readonly scanned?: string | undefined;
	/** The phone was plugged in after that scan, so it should be the one. */
	readonly cameAfterScan: boolean;
	/** Where it is plugged in: a phone that comes back to its slot is no wrong phone. */
	readonly usbPath: string;
}

/**
 * Finds the unit that a phone is, by either IMEI, and whether it may be worked on now. Never guesses: a phone that fits two
 * units, or only half of one, fits none.
 */
export function matchPhone(question: MatchQuestion): Match {
	const { units, batch, phone, scanned, cameAfterScan } = question;
	const found = new Set(phone.imeis.flatMap((imei) => units.byImei(imei) ?? []));
	const [unit, ...others] = found;
	if (scanned !== undefined && cameAfterScan && unit?.contractId !== scanned && !isBack(unit, question)) {
		return { kind: "other-phone", fault: otherPhone(units, scanned, phone) };
	}
	if (!unit) return { kind: "refused", fault: fault("UNIT_NOT_IN_BATCH", { details: { phone: tails(phone.imeis) } }) };
	if (others.length > 0 || !isWhole(unit, phone)) {
		return {
			kind: "refused",
			unit,
			fault: fault("IMEI_MISMATCH", { details: { manifest: describe(unit), phone: describePhone(phone) } }),
		};
	}
	const state = batch.units.get(unit.contractId);
	const worked = knownHandset(state?.runs ?? []);
	switch (state?.standing) {
		case "hold":
			return { kind: "refused", unit, fault: fault("UNIT_ON_HOLD", { details: { reason: state.hold?.reason ?? "" } }) };
		case "running":
			return { kind: "refused", unit, fault: fault("UNIT_IN_OTHER_SLOT", { details: { contract: unit.contractId } }) };
		default: {
			// The same IMEIs, and not the phone that was worked on: "done" would be a lie about this one.
			if (worked && worked.serial !== phone.serial) return { kind: "refused", unit, fault: identityChanged(worked, phone) };
			if (state?.standing === "pass") {
				return { kind: "refused", unit, fault: fault("UNIT_DONE", { details: { contract: unit.contractId } }) };
			}
			// A box that was scanned once is known; its phone may be plugged in again as often as it takes.
			const isScanned = batch.opened.match === "manifest" || state?.scannedImei !== undefined || scanned === unit.contractId;
			return { kind: isScanned ? "run" : "scan-its-box", unit };
		}
	}
}

/** A phone that was being worked on, and lost its cable or its station. */
function isBack(unit: Unit | undefined, { batch, usbPath }: MatchQuestion): boolean {
	const last = unit && batch.units.get(unit.contractId)?.runs.at(-1);
	return last !== undefined && (last.usbPath === usbPath || last.end?.verdict === "error");
}

/** All that the manifest tells of a unit holds for the phone. */
function isWhole(unit: Unit, phone: SeenPhone): boolean {
	const isComplete = unit.imeis.length < 2 || phone.imeis.length < 2 || unit.imeis.every((imei) => phone.imeis.includes(imei));
	return isComplete && (unit.serial === undefined || unit.serial === phone.serial);
}

function otherPhone(units: UnitIndex, scanned: string, phone: SeenPhone): Fault {
	const expected = units.byContract(scanned);
	return fault("SCAN_MISMATCH", {
		details: { scanned: expected === undefined ? scanned : describe(expected), "plugged in": describePhone(phone) },
	});
}

function identityChanged(worked: SeenPhone, phone: SeenPhone): Fault {
	return fault("IDENTITY_CHANGED", { details: { expected: describePhone(worked), found: describePhone(phone) } });
}

function describe({ contractId, imeis, serial }: Unit): string {
	return `${contractId}, IMEI ${tails(imeis)}${serial === undefined ? "" : `, serial ${serial}`}`;
}

function describePhone({ imeis, serial }: SeenPhone): string {
	return `IMEI ${tails(imeis)}, serial ${serial}`;
}

function tails(imeis: readonly string[]): string {
	return imeis.map((imei) => `…${imeiTail(imei)}`).join(" and ");
}
