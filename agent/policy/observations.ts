import { equalBytes } from "../../proto/codec.ts";
import type { ObservationRecord } from "./ledger.ts";

/**
 * Whether something that the phone observes about itself is another than at binding. What was never known then, or cannot be
 * read now (no SIM in it, a platform that attests nothing), has not changed.
 */
export function hasChanged(before: Uint8Array, now: Uint8Array): boolean {
	return before.length > 0 && now.length > 0 && !equalBytes(before, now);
}

/** Whether another SIM is in the phone. */
export function isSimChanged({ simDigest, simDigestNow }: ObservationRecord): boolean {
	return hasChanged(simDigest, simDigestNow);
}

/** Whether the platform attests itself otherwise. */
export function isAttestationChanged({ attestationDigest, attestationDigestNow }: ObservationRecord): boolean {
	return hasChanged(attestationDigest, attestationDigestNow);
}
