import { requireImeis } from "../contracts/imei-claims.ts";
import type { EnrollmentRow } from "../database/schema.ts";
import { refusal } from "../refusal.ts";
import { imeisOfEnrolled } from "./enrolled.ts";
import type { RebindRequest } from "./service-request.ts";

/**
 * Two readings of each side of a change: the old IMEI is the contract's, and the new ones are the same on the phone and on its label.
 *
 * @throws {Refusal} IMEI_INVALID, IMEI_MISMATCH; CONFLICT if nothing has changed.
 */
export function requireDualScan(enrolled: EnrollmentRow, { handset, oldImei, labelImeis }: RebindRequest): void {
	const fresh = imeisOfRead(handset);
	requireImeis(fresh);
	requireImeis(labelImeis);
	const known = imeisOfEnrolled(enrolled);
	if (!known.includes(oldImei)) {
		throw refusal("IMEI_MISMATCH", "The old IMEI is not this contract's.", "Read it from the contract's papers or the box.", {
			contractImeiTails: tails(known),
			scannedImeiTail: oldImei.slice(-4),
		});
	}
	if (!isSameSet(fresh, labelImeis)) {
		throw refusal(
			"IMEI_MISMATCH",
			"The label and the phone do not say the same IMEIs.",
			"Read both again; a label must be this board's.",
			{
				phoneImeiTails: tails(fresh),
				labelImeiTails: tails(labelImeis),
			},
		);
	}
	if (isSameSet(fresh, known) && handset.serial === enrolled.serial)
		throw refusal("CONFLICT", "This is the phone that the contract has already.", "Nothing needs to be done.");
}

/** The phone in hand is the contract's, as far as four digits tell. @throws {Refusal} IMEI_MISMATCH. */
export function requireTail(enrolled: EnrollmentRow, imeiTail: string): void {
	const known = imeisOfEnrolled(enrolled);
	if (known.some((imei) => imei.endsWith(imeiTail))) return;
	throw refusal("IMEI_MISMATCH", "The phone in hand is not this contract's.", "Read its IMEI again: dial *#06#.", {
		contractImeiTails: tails(known),
		typed: imeiTail,
	});
}

/** IMEIs of a phone that was read, in slot order. */
export function imeisOfRead({ imei1, imei2 }: RebindRequest["handset"]): string[] {
	return imei2 === undefined ? [imei1] : [imei1, imei2];
}

const tails = (imeis: readonly string[]) => imeis.map((imei) => imei.slice(-4)).join(", ");
const isSameSet = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((imei) => b.includes(imei));
