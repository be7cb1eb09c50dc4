/** What a desk asks beside contracts and enrolments: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Bytes, Hex32 } from "../api-types.ts";

export const ContractPapers = Type.Object(
	{
		contractId: Type.String(),
		terms: Bytes("Terms, as the phone is given them."),
		termsSha256: Hex32("SHA-256 of the terms' bytes."),
		consent: Bytes("Consent, as the phone is given it."),
		consentSha256: Hex32("SHA-256 of the consent's bytes: stands in the binding that the phone signs for."),
	},
	{ title: "ContractPapers" },
);
export type ContractPapers = Static<typeof ContractPapers>;

export const AgentApkFacts = Type.Object(
	{
		sha256: Hex32("SHA-256 of the file: its address is /v1/agent-apk/<sha256>."),
		size: Type.Integer({ minimum: 1, description: "In bytes." }),
		signerSha256: Type.Array(Type.String({ pattern: "^[0-9a-f]{64}$" }), {
			description: "SHA-256 of the certificates that signed it.",
		}),
		versionName: Type.String(),
		versionCode: Type.Integer(),
	},
	{ title: "AgentApk" },
);
export type AgentApkFacts = Static<typeof AgentApkFacts>;
