import { type Imei, imeiTail } from "../../proto/imei.ts";
import type { HandsetFacts } from "../handset/facts.ts";
import { faultError } from "../handset/fault.ts";
import type { HandsetIdentity } from "./registry-port.ts";

/** Who a handset was when we last saw it. Proven again after every reconnect. */
export interface KnownHandset {
	readonly serial: string;
	readonly imeis: readonly string[];
	/** Identifier of its last start, where it told one: another one after a reconnect means that it restarted. */
	readonly bootId?: string | undefined;
}

/**
 * Who this handset is, from its facts.
 *
 * @throws {FaultError} IMEI_UNREADABLE, IMEI_INVALID; HANDSET_BOOTING for a phone whose telephony is not there yet.
 */
export function identityOf(facts: HandsetFacts): HandsetIdentity {
	if (!facts.booted && !facts.imei.imei1) throw faultError("HANDSET_BOOTING");
	if (facts.imei.fault) throw faultError(facts.imei.fault.code, facts.imei.fault);
	const { imei1, imei2 } = facts.imei;
	if (!imei1) throw faultError("IMEI_UNREADABLE");
	return {
		imei1,
		...(imei2 ? { imei2 } : {}),
		serial: facts.serial,
		model: facts.model,
	};
}

/** IMEIs of a handset in slot order. */
export function imeisOf({ imei1, imei2 }: HandsetIdentity): Imei[] {
	return imei2 ? [imei1, imei2] : [imei1];
}

/**
 * Stops if this is another handset than the one known. Serials repeat and cables get swapped, so serial and every IMEI count.
 *
 * @throws {FaultError} IDENTITY_CHANGED, with the tails of both.
 */
export function requireSame(known: KnownHandset | undefined, seen: HandsetIdentity): void {
	if (!known) return;
	const same = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((imei) => b.includes(imei));
	if (known.serial === seen.serial && same(known.imeis, imeisOf(seen))) return;
	throw faultError("IDENTITY_CHANGED", {
		details: {
			expected: `${known.serial}, IMEI …${known.imeis.map(imeiTail).join(", …")}`,
			found: `${seen.serial}, IMEI …${imeisOf(seen).map(imeiTail).join(", …")}`,
		},
	});
}
