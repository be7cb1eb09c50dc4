/** Key attestation as the registry judges it: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Bytes, closed, Hex32, Seconds } from "../api-types.ts";
import { AttestationResult } from "../contracts/states.ts";

export const AttestationMode = Type.Union([Type.Literal("required"), Type.Literal("recorded"), Type.Literal("off")], {
	description:
		"required: what is not proven is refused (enrolment) or flagged (check-in). recorded: judged and kept. off: neither.",
});
export type AttestationMode = Static<typeof AttestationMode>;

const PatchFloor = (what: string) =>
	Type.Integer({ minimum: 0, maximum: 99_991_231, description: `Oldest ${what} accepted, YYYYMM or YYYYMMDD; 0 = any.` });
const Digests = (description: string) => Type.Array(Hex32(description), { maxItems: 16, description });

export const AttestationSettings = Type.Object(
	{
		enrollment: AttestationMode,
		checkIn: AttestationMode,
		agentCertificates: Digests("SHA-256 of certificates that may sign the agent. None: not compared."),
		bootKeys: Digests("Verified boot keys of self-signed systems that are accepted."),
		osPatchFloor: PatchFloor("patch of the system"),
		vendorPatchFloor: PatchFloor("patch of the maker's part"),
		bootPatchFloor: PatchFloor("patch of the boot image"),
		needsId: Type.Boolean({ description: "The IMEI must be attested, not only not contradicted." }),
		anyTagOrder: Type.Boolean({ description: "Attestations whose parts are out of order are accepted." }),
	},
	{ ...closed, title: "AttestationSettings" },
);
export type AttestationSettings = Static<typeof AttestationSettings>;

export const AttestationSettingsChange = Type.Partial(AttestationSettings, { ...closed, title: "AttestationSettingsChange" });
export type AttestationSettingsChange = Static<typeof AttestationSettingsChange>;

export const AttestationRoot = Type.Object({
	name: Type.String({ minLength: 1, maxLength: 200, description: "As its certificate names it." }),
	publicKeySha256: Hex32("SHA-256 of its SubjectPublicKeyInfo."),
});

/** What the lender signs: whom to believe. The list of revoked certificates goes beside it, named by its digest. */
export const TrustDocument = Type.Object(
	{
		lenderId: Type.String({ minLength: 1, maxLength: 64 }),
		version: Type.Integer({ minimum: 1, description: "Only grows." }),
		issuedAtUnixSeconds: Seconds("Signed."),
		expiresAtUnixSeconds: Seconds("Too old to go by from then on."),
		roots: Type.Array(AttestationRoot, { minItems: 1, maxItems: 50 }),
		statusSha256: Type.Optional(Hex32("SHA-256 of the status list's bytes.")),
	},
	{ ...closed, title: "AttestationTrustDocument" },
);
export type TrustDocument = Static<typeof TrustDocument>;

/** The status list, as canonical JSON: serial number, lower-case hex, to status. */
export const StatusList = Type.Record(
	Type.String({ pattern: "^[0-9a-f]{1,64}$" }),
	Type.Union([Type.Literal("REVOKED"), Type.Literal("SUSPENDED")]),
	{ ...closed, title: "AttestationStatusList" },
);
export type StatusList = Static<typeof StatusList>;

export const MAX_STATUS_BYTES = 4 * 1024 * 1024;

export const TrustRequest = Type.Object(
	{
		envelope: Bytes("The signed document.", 400_000),
		status: Type.Optional(Bytes("The status list.", Math.ceil(MAX_STATUS_BYTES / 3) * 4)),
	},
	{ ...closed, title: "AttestationTrustRequest" },
);
export type TrustRequest = Static<typeof TrustRequest>;

/** Whom the registry believes now. */
export const TrustState = Type.Object(
	{
		version: Type.Integer({ description: "0: the roots that the program knows, and no list of revoked certificates." }),
		roots: Type.Array(AttestationRoot),
		issuedAtUnixSeconds: Type.Optional(Seconds("Signed.")),
		expiresAtUnixSeconds: Type.Optional(Seconds("Too old to go by from then on.")),
		isExpired: Type.Boolean(),
		revoked: Type.Optional(Type.Integer({ description: "Certificates on the status list; absent: there is no list." })),
	},
	{ title: "AttestationTrust" },
);
export type TrustState = Static<typeof TrustState>;

/** The whole list, for whoever makes the next one. */
export const TrustWithStatus = Type.Object(
	{
		trust: TrustState,
		status: Type.Optional(StatusList),
		nextVersion: Type.Integer({ description: "Lists of a former epoch of keys count no more, but their versions do." }),
	},
	{ title: "AttestationTrustWithStatus" },
);
export type TrustWithStatus = Static<typeof TrustWithStatus>;

export const AttestationState = Type.Object({ settings: AttestationSettings, trust: TrustState }, { title: "AttestationState" });
export type AttestationState = Static<typeof AttestationState>;

export const AttestationFinding = Type.Object({
	code: Type.String({ description: "Stable." }),
	weight: Type.Union([Type.Literal("failed"), Type.Literal("cannot_verify"), Type.Literal("note")]),
	what: Type.String({ description: "In plain words." }),
	next: Type.String({ description: "What to do." }),
	seen: Type.Optional(Type.String()),
});

/** A verdict, as it was given. */
export const AttestationReport = Type.Object(
	{
		result: AttestationResult,
		policy: AttestationMode,
		judgedAtUnixSeconds: Seconds("When."),
		trustVersion: Type.Integer({ description: "By which lists." }),
		findings: Type.Array(AttestationFinding),
		facts: Type.Object({
			attestationVersion: Type.Optional(Type.Integer()),
			securityLevel: Type.Optional(Type.String()),
			bootloaderLocked: Type.Optional(Type.Boolean()),
			bootState: Type.Optional(Type.String()),
			osPatchLevel: Type.Optional(Type.Integer()),
			vendorPatchLevel: Type.Optional(Type.Integer()),
			bootPatchLevel: Type.Optional(Type.Integer()),
			model: Type.Optional(Type.String()),
			provisioning: Type.Optional(Type.String()),
			certificatesIssued: Type.Optional(Type.Integer()),
			root: Type.Optional(Type.String()),
		}),
	},
	{ title: "AttestationReport" },
);
export type AttestationReport = Static<typeof AttestationReport>;

/** What a contract's story says of it. Nothing here locks a phone or keeps one locked. */
export const AttestationStory = Type.Object(
	{
		atEnrollment: Type.Optional(AttestationReport),
		atCheckIn: Type.Optional(AttestationReport),
		needsAttention: Type.Boolean({ description: "It is required, and the latest verdict is another than passed." }),
	},
	{ title: "AttestationStory" },
);
export type AttestationStory = Static<typeof AttestationStory>;
