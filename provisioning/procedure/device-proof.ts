import { equalBytes, type Message } from "../../proto/codec.ts";
import { type Crypto, keyidOf, toHex } from "../../proto/crypto.ts";
import { PayloadType, preAuthenticationEncoding } from "../../proto/envelope.ts";
import { ProtocolError } from "../../proto/error.ts";
import { hasLowS } from "../../proto/low-s.ts";
import { acceptReceipt, type BindingReceipt } from "../../proto/receipt.ts";
import type { wire } from "../../proto/wire.ts";
import { request } from "../handset/agent-channel.ts";
import { faultError } from "../handset/fault.ts";
import { imeisOf } from "./identity.ts";
import type { EnrollmentStatus, HandsetIdentity } from "./registry-port.ts";
import type { Surroundings } from "./surroundings.ts";

export type AgentIdentity = Message<wire.AgentIdentity.$Properties>;

const CHALLENGE_BYTES = 16;

/**
 * Asks the agent who it is. A bound agent signs our challenge with its device key, so the answer cannot be an old one.
 *
 * @throws {FaultError} AGENT_UNREACHABLE, AGENT_REPLY_INVALID, RECEIPT_INVALID if the signature does not prove the key.
 */
export async function askIdentity({ port, crypto, randomBytes }: Surroundings): Promise<AgentIdentity> {
	const challenge = randomBytes(CHALLENGE_BYTES);
	const identity = await request(port, { hello: { challenge } }, "identity");
	if (identity.contractId === "") return identity;
	const signed = preAuthenticationEncoding(PayloadType.hello, challenge);
	const { devicePublicKey, challengeSignature } = identity;
	const proven =
		challengeSignature.length === 64 &&
		hasLowS(challengeSignature) &&
		crypto.verifyP256(devicePublicKey, signed, challengeSignature);
	if (!proven)
		throw faultError("RECEIPT_INVALID", {
			details: { what: "the agent did not prove its device key" },
		});
	return identity;
}

/** What a valid receipt proves. */
export interface ProvenReceipt {
	readonly devicePublicKey: Uint8Array;
	readonly bindingSha256: string;
}

/**
 * Checks a BindingReceipt: signed by the device key it names, for exactly the binding we sent, by an agent that reads the
 * same IMEIs as we did.
 *
 * @param bindingPayload the Binding's own bytes.
 * @throws {FaultError} RECEIPT_INVALID, IMEI_MISMATCH.
 */
export function proveReceipt(
	crypto: Crypto,
	receiptEnvelope: Uint8Array,
	bindingPayload: Uint8Array,
	handset: HandsetIdentity,
): ProvenReceipt {
	const receipt = readReceipt(crypto, receiptEnvelope);
	const binding = crypto.sha256(bindingPayload);
	if (!equalBytes(receipt.bindingSha256, binding)) {
		throw faultError("RECEIPT_INVALID", {
			details: { what: "the receipt is for another binding" },
		});
	}
	const expected = imeisOf(handset);
	if (receipt.imeis.length !== expected.length || expected.some((imei) => !receipt.imeis.includes(imei))) {
		throw faultError("IMEI_MISMATCH", {
			details: {
				"read over the cable": expected.join(", "),
				"read by the agent": receipt.imeis.join(", "),
			},
		});
	}
	return {
		devicePublicKey: receipt.devicePublicKey,
		bindingSha256: toHex(binding),
	};
}

function readReceipt(crypto: Crypto, envelope: Uint8Array): BindingReceipt {
	try {
		return acceptReceipt(crypto, envelope);
	} catch (cause) {
		if (cause instanceof ProtocolError) throw faultError("RECEIPT_INVALID", { details: { what: cause.message } }, { cause });
		throw cause;
	}
}

/**
 * Stops if the agent's device key is not the one whose receipt the registry holds: then its check-ins would not be heard.
 *
 * @throws {FaultError} RECEIPT_INVALID.
 */
export function requireRegisteredKey(crypto: Crypto, agent: AgentIdentity, status: EnrollmentStatus): void {
	if (status.deviceKeyId === keyidOf(crypto, agent.devicePublicKey)) return;
	throw faultError("RECEIPT_INVALID", { details: { what: "the agent holds another device key than the registry knows" } });
}
