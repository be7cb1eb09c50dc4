import type { Message } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import type { Ledger } from "./ledger.ts";
import { isAttestationChanged, isSimChanged } from "./observations.ts";
import { spentMs } from "./offline-budget.ts";
import { controlsOf } from "./posture.ts";
import { contactState, isServiceOpen, situationOf } from "./settle.ts";
import { isLocked, levelOf } from "./standings.ts";
import type { Agreement } from "./terms.ts";
import { trustedNow } from "./trusted-time.ts";

/** What holds on the phone, for lender and station. Closed: nothing personal is in it (F9). */
export function deviceStatus(ledger: Ledger, agreement: Agreement | undefined): Message<wire.DeviceStatus.$Properties> {
	const { lock, posture, contract, contact, time, observations, codes } = ledger;
	const situation = situationOf(ledger, agreement);
	return {
		standing: lock.standing,
		causes: isLocked(lock.standing) ? lock.causes.map((cause) => cause.cause) : [],
		contact: situation && !situation.contract.releasedBy ? contactState(situation) : wire.ContactState.CONTACT_STATE_FRESH,
		paidUntilUnixSeconds: contract?.paidUntilUnixSeconds ?? 0,
		trustedTimeUnixSeconds: trustedNow(time),
		offlineChargedSeconds: Math.floor(spentMs(contact, time.elapsedMs) / 1000),
		sealed: contract?.sealed ?? false,
		serviceOpen: isServiceOpen(ledger),
		postureApplied: posture.revision > 0 && posture.appliedRevision === posture.revision && posture.drift === 0,
		postureDrift: controlsOf(posture.drift),
		wrongfulLockMinutes: lock.wrongfulLockMinutes,
		ownershipReturned: contract?.ownershipReturned ?? false,
		level: levelOf(lock.standing),
		simChanged: isSimChanged(observations),
		attestationChanged: isAttestationChanged(observations),
		contactRequired: contact.required,
		codeCounter: codes.counter,
		codeNonce: codes.nonce,
	};
}
