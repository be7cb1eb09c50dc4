import { PayloadType } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import type { Ledger, PendingSignature } from "../policy/ledger.ts";

/** Asks the host for a signature by the device key. One at a time for each purpose: a new one takes the old one's place. */
export function askForSignature(ledger: Ledger, purpose: wire.SignaturePurpose, payload: Uint8Array): Ledger {
	const requestId = ledger.lastRequestId + 1;
	const others = ledger.signatures.filter((pending) => pending.purpose !== purpose);
	return { ...ledger, lastRequestId: requestId, signatures: [...others, { requestId, purpose, payload }] };
}

/** Takes a request off the list; `undefined` if it is not on it. */
export function takeRequest(ledger: Ledger, requestId: number): { ledger: Ledger; request: PendingSignature } | undefined {
	const request = ledger.signatures.find((pending) => pending.requestId === requestId);
	if (!request) return undefined;
	return { ledger: { ...ledger, signatures: ledger.signatures.filter((pending) => pending !== request) }, request };
}

/** Forgets requests of some purposes. */
export function dropRequests(ledger: Ledger, ...purposes: wire.SignaturePurpose[]): Ledger {
	return { ...ledger, signatures: ledger.signatures.filter((pending) => !purposes.includes(pending.purpose)) };
}

/** Media type that a signature of some purpose covers. */
export function payloadTypeOf(purpose: wire.SignaturePurpose): PayloadType {
	switch (purpose) {
		case wire.SignaturePurpose.SIGNATURE_PURPOSE_BINDING_RECEIPT:
			return PayloadType.bindingReceipt;
		case wire.SignaturePurpose.SIGNATURE_PURPOSE_HELLO:
			return PayloadType.hello;
		case wire.SignaturePurpose.SIGNATURE_PURPOSE_RECORD:
			return PayloadType.recordCheckpoint;
		default:
			return PayloadType.checkIn;
	}
}
