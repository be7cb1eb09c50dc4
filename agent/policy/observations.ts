import { equalBytes } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import type { Ledger, ObservationRecord } from "./ledger.ts";
import type { Terms } from "./terms.ts";

/** Digests as the platform gives them now. Empty: there is nothing to read, such as no SIM. */
export interface Observed {
	readonly simDigest: Uint8Array;
	readonly attestationDigest: Uint8Array;
}

/** Takes a reading. The first one that says anything is what later ones are compared with. */
export function observe(before: ObservationRecord, now: Observed): ObservationRecord {
	const first = (known: Uint8Array, read: Uint8Array) => (known.length > 0 ? known : read);
	return {
		simDigest: first(before.simDigest, now.simDigest),
		attestationDigest: first(before.attestationDigest, now.attestationDigest),
		simDigestNow: now.simDigest,
		attestationDigestNow: now.attestationDigest,
	};
}

/** What is observed now is right: at binding, and when the lender says so. */
export function takeAsRight({ simDigestNow, attestationDigestNow }: ObservationRecord): ObservationRecord {
	return { simDigest: simDigestNow, attestationDigest: attestationDigestNow, simDigestNow, attestationDigestNow };
}

/** Whether another SIM is in the phone. A SIM that was never read, or that is out, has not changed. */
export function isSimChanged({ simDigest, simDigestNow }: ObservationRecord): boolean {
	return hasChanged(simDigest, simDigestNow);
}

/** Whether the platform attests itself otherwise. A platform that attests nothing has not changed. */
export function isAttestationChanged({ attestationDigest, attestationDigestNow }: ObservationRecord): boolean {
	return hasChanged(attestationDigest, attestationDigestNow);
}

/** The level that the terms give to what is observed: NONE, a report and nothing else, unless they name one. Never above LIMITED. */
export function levelObserved({ observations }: Pick<Ledger, "observations">, terms: Terms): wire.RestrictionLevel {
	const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED } = wire.RestrictionLevel;
	const onSim = isSimChanged(observations) ? (terms.observations?.onSimChange ?? NONE) : NONE;
	const onAttestation = isAttestationChanged(observations) ? (terms.observations?.onAttestationChange ?? NONE) : NONE;
	return Math.min(LIMITED, Math.max(onSim, onAttestation));
}

function hasChanged(before: Uint8Array, now: Uint8Array): boolean {
	return before.length > 0 && now.length > 0 && !equalBytes(before, now);
}
