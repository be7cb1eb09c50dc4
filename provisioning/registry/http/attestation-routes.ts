import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
	AttestationSettings,
	AttestationSettingsChange,
	AttestationState,
	MAX_STATUS_BYTES,
	TrustRequest,
	TrustWithStatus,
} from "../attestation/attestation-request.ts";
import { changeAttestationSettings, installTrust, readAttestation, readTrustWithStatus } from "../attestation/manage.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

/** The status list in base64, and the document that names it. */
const MAX_TRUST_BODY = Math.ceil(MAX_STATUS_BYTES * 1.4) + 512 * 1024;

/** By what attestation chains are judged. Who serves borrowers sees it; only an admin changes it. */
export function attestationRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.get(
			"/v1/attestation",
			{
				config: { allow: ["agent", "auditor"] },
				schema: described(
					"readAttestation",
					"What is asked of attestation, and whom the registry believes",
					AttestationState,
					{},
				),
			},
			async (request) => readAttestation(asCaller(context, request)),
		);
		app.post(
			"/v1/attestation/settings",
			{
				config: { allow: [] },
				schema: described("changeAttestation", "What is asked of attestation", AttestationSettings, {
					body: AttestationSettingsChange,
				}),
			},
			async (request) => changeAttestationSettings(asCaller(context, request), request.body),
		);
		app.get(
			"/v1/attestation/trust",
			{
				config: { allow: [] },
				schema: described("readAttestationTrust", "Roots and revoked certificates, whole", TrustWithStatus, {}),
			},
			async (request) => readTrustWithStatus(asCaller(context, request)),
		);
		app.post(
			"/v1/attestation/trust",
			{
				config: { allow: [] },
				bodyLimit: MAX_TRUST_BODY,
				schema: described("installAttestationTrust", "Take newer roots and revoked certificates, signed", AttestationState, {
					body: TrustRequest,
				}),
			},
			async (request) => installTrust(asCaller(context, request), request.body),
		);
	};
}
