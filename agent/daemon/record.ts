import { decode, encode } from "../../proto/codec.ts";
import { keyidOf } from "../../proto/crypto.ts";
import { PayloadType, wrap } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import type { ContractRecord, Ledger, RecordEntry } from "../policy/ledger.ts";
import { trustedNow } from "../policy/trusted-time.ts";
import { askForSignature } from "./signatures.ts";
import type { Tools, Turn } from "./turn.ts";

/** Evidence of one event that still fits, with everything else, into one HostEffects. */
const MAX_EVIDENCE_BYTES = 128 * 1024;

/**
 * What an event decided, for the host's record. Evidence beyond what one message holds is left out, and whoever checks the
 * record says so: no lender has a reason to send that much at once.
 */
export function entriesOf({ decided }: Pick<Ledger, "decided">): RecordEntry[] {
	let left = MAX_EVIDENCE_BYTES;
	return decided.map((entry) => {
		left -= evidenceBytes(entry);
		return left >= 0 || !entry.decision ? entry : { decision: entry.decision };
	});
}

function evidenceBytes({ bound, orderEnvelope, replyEnvelope }: RecordEntry): number {
	const single = (orderEnvelope?.length ?? 0) + (replyEnvelope?.length ?? 0);
	return bound ? encode(wire.BindingEvidence, bound).length : single;
}

/** The borrower wants the record: where it stands is written down, for the device key to sign. Without a contract there is no key. */
export function recordWanted(tools: Tools, ledger: Ledger): Turn {
	const { contract } = ledger;
	if (!contract) return { ledger };
	const checkpoint = encode(wire.RecordCheckpoint, checkpointOf(tools, ledger, contract));
	return { ledger: askForSignature(ledger, wire.SignaturePurpose.SIGNATURE_PURPOSE_RECORD, checkpoint) };
}

function checkpointOf(tools: Tools, ledger: Ledger, contract: ContractRecord): wire.RecordCheckpoint.$Properties {
	const { log, time, lock } = ledger;
	const { deviceId, contractId } = decode(wire.Binding, contract.binding);
	return {
		deviceId,
		contractId,
		logLength: log.length,
		logHead: log.head.length > 0 ? log.head : new Uint8Array(32),
		atUnixSeconds: trustedNow(time),
		atPoweredOnSeconds: Math.floor(time.poweredOnMs / 1000),
		paidUntilUnixSeconds: contract.paidUntilUnixSeconds,
		terms: contract.terms,
		keySet: contract.keySet,
		wrongfulLockMinutes: lock.wrongfulLockMinutes,
		bindingSha256: tools.crypto.sha256(contract.binding),
	};
}

/** The signed checkpoint, as an envelope. */
export function sealCheckpoint(
	tools: Pick<Tools, "crypto">,
	contract: ContractRecord,
	payload: Uint8Array,
	signature: Uint8Array,
): Uint8Array {
	return wrap(PayloadType.recordCheckpoint, payload, keyidOf(tools.crypto, contract.devicePublicKey), signature);
}
