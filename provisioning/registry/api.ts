/**
 * The registry's JSON, as schemas: the server checks requests by them, the client checks answers by them, and the OpenAPI
 * document is made of them. Times are seconds since 1970-01-01T00:00:00Z, amounts are in the currency's minor unit, bytes
 * are base64. Runs anywhere.
 */
import { type Static, Type } from "typebox";

import { Amount, Bytes, ContractId, closed, Hex32, ImeiText, Reference, Seconds } from "./api-types.ts";
import { AttestationResult, ContractState, PaymentStanding } from "./contracts/states.ts";
import { StationName } from "./enrollment/station-request.ts";

export { ContractId, Level } from "./api-types.ts";
export { ConsentInput, ContractRequest, Instalment, TermsInput } from "./contracts/contract-request.ts";

export const EnrollmentState = Type.Union([
	Type.Literal("offered"),
	Type.Literal("confirmed"),
	Type.Literal("contacted"),
	Type.Literal("sealed"),
	Type.Literal("released"),
]);

export const Enrollment = Type.Object(
	{
		enrollmentId: Type.String(),
		deviceId: Type.String(),
		contractId: Type.String(),
		imei1: Type.String(),
		imei2: Type.Optional(Type.String()),
		serial: Type.String(),
		model: Type.String(),
		state: EnrollmentState,
		bindingSha256: Hex32("SHA-256 of the binding's bytes."),
		deviceKeyId: Type.Optional(
			Type.String({ pattern: "^[0-9a-f]{32}$", description: "Id of the device key that signed the receipt." }),
		),
		standing: Type.Optional(Type.String({ description: "As the phone last reported it, such as unlocked or locked_full." })),
		lockCauses: Type.Optional(Type.Array(Type.String())),
		lastCheckInUnixSeconds: Type.Optional(Seconds("Last answered check-in.")),
		agentVersion: Type.Optional(Type.String()),
		attestation: Type.Optional(
			Type.Object(
				{ result: AttestationResult, findings: Type.Array(Type.String(), { description: "Stable codes." }) },
				{ description: "What was found of the phone's attestation: with its latest check-in, else at enrolment." },
			),
		),
	},
	{ title: "Enrollment" },
);
export type Enrollment = Static<typeof Enrollment>;

export const Contract = Type.Object(
	{
		contractId: Type.String(),
		deviceId: Type.String(),
		state: ContractState,
		imeis: Type.Array(Type.String(), { description: "IMEIs that the contract names." }),
		currency: Type.String(),
		totalMinor: Type.Integer(),
		paidMinor: Type.Integer(),
		paidUntilUnixSeconds: Seconds("Paid until."),
		paymentStanding: PaymentStanding,
		nextDue: Type.Optional(
			Type.Object({ dueAtUnixSeconds: Seconds("Due date."), amountMinor: Type.Integer({ description: "Still to pay of it." }) }),
		),
		termsSha256: Hex32("SHA-256 of the terms' bytes."),
		createdAtUnixSeconds: Seconds("When it was entered."),
		payoffReference: Type.Optional(Type.String()),
		certificateId: Type.Optional(Type.String({ description: "Number of the payoff certificate." })),
		pendingOrders: Type.Integer({ description: "Orders that the phone has not acknowledged." }),
		enrollment: Type.Optional(Enrollment),
	},
	{ title: "Contract" },
);
export type Contract = Static<typeof Contract>;

export const ContractList = Type.Object(
	{
		contracts: Type.Array(Contract),
		next: Type.Optional(Type.String({ description: "Give it as `after` for the next page." })),
	},
	{ title: "ContractList" },
);
export type ContractList = Static<typeof ContractList>;

export const PaymentRequest = Type.Object(
	{
		reference: Reference,
		amountMinor: Type.Optional(Amount("Amount received: covers instalments in order of due date.")),
		paidUntilUnixSeconds: Type.Optional(Seconds("Set paid-until; never moves it back.")),
		receivedAtUnixSeconds: Type.Optional(
			Seconds("When the lender received the money. Default: now. What stays locked too long after it is counted as wrongful."),
		),
	},
	{ ...closed, title: "PaymentRequest", description: "An amount, a new paid-until, or both." },
);
export type PaymentRequest = Static<typeof PaymentRequest>;

export const PaymentResult = Type.Object(
	{
		contract: Contract,
		reference: Type.String(),
		repeated: Type.Boolean({ description: "This reference was known already; nothing changed." }),
	},
	{ title: "PaymentResult" },
);
export type PaymentResult = Static<typeof PaymentResult>;

export const PayoffRequest = Type.Object(
	{
		reference: Reference,
		reason: Type.Optional(
			Type.Union([Type.Literal("paid_off"), Type.Literal("returned")], { description: "Default: paid_off." }),
		),
	},
	{ ...closed, title: "PayoffRequest" },
);
export type PayoffRequest = Static<typeof PayoffRequest>;

export const ReleaseGrant = Type.Object(
	{
		certificateId: Type.String(),
		releaseEnvelope: Bytes("The signed Release order."),
		serviceWindowEnvelope: Bytes("A signed ServiceWindow order, for a phone whose debugging is off."),
	},
	{ title: "ReleaseGrant" },
);

export const EnrollmentRequest = Type.Object(
	{
		contractId: ContractId,
		imei1: ImeiText,
		imei2: Type.Optional(ImeiText),
		serial: Type.String({ pattern: "^[\\x21-\\x7e]{1,64}$", description: "ro.serialno." }),
		model: Type.String({ maxLength: 80, description: "As the phone names itself." }),
		station: Type.Optional(StationName),
	},
	{ ...closed, title: "EnrollmentRequest" },
);

export const EnrollmentOffer = Type.Object(
	{
		enrollmentId: Type.String(),
		deviceId: Type.String(),
		contractId: Type.String(),
		keySetEnvelopes: Type.Array(Bytes("A key set."), { minItems: 1, maxItems: 1000 }),
		bindingEnvelope: Bytes("The signed binding."),
		terms: Bytes("Terms, as signed for by their hash."),
		consent: Bytes("Consent, as signed for by its hash."),
		codeKey: Type.Optional(Bytes("Secret of time codes, as signed for by its hash: for the phone alone.", 44)),
		state: EnrollmentState,
	},
	{ title: "EnrollmentOffer" },
);

export const ReceiptRequest = Type.Object(
	{ receiptEnvelope: Bytes("The handset's signed receipt."), evidence: Bytes("EnrollmentEvidence.") },
	{ ...closed, title: "ReceiptRequest" },
);

export const EnrollmentList = Type.Object({ enrollments: Type.Array(Enrollment) }, { title: "EnrollmentList" });

export const KeySets = Type.Object(
	{ lenderId: Type.String(), keySetEnvelopes: Type.Array(Bytes("A key set."), { minItems: 1, maxItems: 1000 }) },
	{ title: "KeySets" },
);

export const Health = Type.Object(
	{
		status: Type.Literal("ok"),
		withoutKeys: Type.Optional(
			Type.Array(Type.String(), {
				description: "Roles whose key cannot be used just now. What needs them is refused, all else goes on.",
			}),
		),
	},
	{ title: "Health" },
);

export * from "./codes/code-request.ts";
export * from "./contracts/imei-status.ts";
export * from "./contracts/states.ts";
export * from "./enrollment/station-request.ts";
export * from "./orders/order-request.ts";
export * from "./problem-details.ts";
