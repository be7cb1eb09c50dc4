/** By what the registry judges attestation, over HTTP. Exports `createAttestationClient(address): AttestationClient`. Runs in Node and browsers. */
import {
	AttestationSettings,
	type AttestationSettingsChange,
	AttestationState,
	type TrustRequest,
	TrustWithStatus,
} from "../attestation/attestation-request.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** Every method has a deadline. @throws {FaultError} from every method. */
export interface AttestationClient {
	/** What is asked for, and whom the registry believes. */
	read(): Promise<AttestationState>;
	/** The lists whole. Admin only. */
	trust(): Promise<TrustWithStatus>;
	/** Admin only. */
	changeSettings(change: AttestationSettingsChange): Promise<AttestationSettings>;
	/** Takes newer signed lists. Admin only. The same ones again are refused as not newer, which changes nothing. */
	install(request: TrustRequest): Promise<AttestationState>;
}

export function createAttestationClient(address: RegistryAddress): AttestationClient {
	const caller = createRegistryCaller(address);
	return {
		read: () => caller.json({ method: "GET", path: "/v1/attestation", answer: AttestationState }),
		trust: () => caller.json({ method: "GET", path: "/v1/attestation/trust", answer: TrustWithStatus }),
		changeSettings: (change) =>
			caller.json({ method: "POST", path: "/v1/attestation/settings", json: change, answer: AttestationSettings }),
		install: (request) => caller.json({ method: "POST", path: "/v1/attestation/trust", json: request, answer: AttestationState }),
	};
}
