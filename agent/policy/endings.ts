import { wire } from "../../proto/wire.ts";
import type { Situation } from "./situation.ts";
import { finalDue } from "./terms.ts";
import { poweredOnAt } from "./trusted-time.ts";

/**
 * Powered-on time at which the phone frees itself because its lender is gone (F16): long after the final due date, after
 * paid-until, and after the lender's last signed answer. The last of these keeps whoever steals a heartbeat key from
 * freeing phones by signing a far future.
 */
export function deadLenderAt({ ledger, contract, terms }: Situation): number {
	const lastWord = Math.max(finalDue(terms), contract.paidUntilUnixSeconds, ledger.contact.lastReplyUnixSeconds);
	return poweredOnAt(ledger.time, lastWord + terms.deadLenderReleaseSeconds);
}

/** Powered-on time at which a binding that the lender never confirmed frees the phone. `undefined` once it is confirmed. */
export function unconfirmedReleaseAt({ contract, terms }: Situation): number | undefined {
	return contract.confirmed ? undefined : contract.boundAtPoweredOnMs + terms.unconfirmedReleaseSeconds * 1000;
}

/** How the contract ends by itself now; `undefined` while it does not. */
export function endedByItself(situation: Situation): wire.ReleaseCause | undefined {
	const now = situation.ledger.time.poweredOnMs;
	const unconfirmed = unconfirmedReleaseAt(situation);
	if (unconfirmed !== undefined && now >= unconfirmed) return wire.ReleaseCause.RELEASE_CAUSE_UNCONFIRMED;
	if (now >= deadLenderAt(situation)) return wire.ReleaseCause.RELEASE_CAUSE_DEAD_LENDER;
	return undefined;
}
