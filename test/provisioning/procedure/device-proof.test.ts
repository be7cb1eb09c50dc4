import { expect, test } from "vitest";

import { keyidOf } from "../../../proto/crypto.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { type AgentIdentity, requireRegisteredKey } from "../../../provisioning/procedure/device-proof.ts";
import type { EnrollmentStatus } from "../../../provisioning/procedure/registry-port.ts";
import { newSigner } from "../../proto/test-signer.ts";

const status: EnrollmentStatus = {
	enrollmentId: "e",
	deviceId: "d",
	contractId: "c",
	imei1: "869401000000018",
	serial: "VH1",
	state: "contacted",
	bindingSha256: "00".repeat(32),
};

function agentWith(devicePublicKey: Uint8Array): AgentIdentity {
	const none = new Uint8Array();
	return {
		agentVersion: "0.1.0",
		imeis: [],
		serial: "VH1",
		deviceOwner: true,
		deviceId: "d",
		contractId: "c",
		bindingSha256: none,
		devicePublicKey,
		challengeSignature: none,
		status: null,
		confirmed: true,
	};
}

const refused = expect.objectContaining({ fault: expect.objectContaining({ code: "RECEIPT_INVALID" }) });

test("the agent's device key must be the one whose receipt the registry holds", () => {
	const [ours, other] = [newSigner().publicKey, newSigner().publicKey];
	const known = { ...status, deviceKeyId: keyidOf(nobleCrypto, ours) };
	expect(() => requireRegisteredKey(nobleCrypto, agentWith(ours), known)).not.toThrow();
	expect(() => requireRegisteredKey(nobleCrypto, agentWith(other), known)).toThrow(refused);
});

test("a registry that holds no receipt knows no key", () => {
	expect(() => requireRegisteredKey(nobleCrypto, agentWith(newSigner().publicKey), status)).toThrow(refused);
});
