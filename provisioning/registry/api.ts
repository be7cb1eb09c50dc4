/**
 * The registry's JSON, as schemas: the server checks requests by them, the client checks answers by them, and the OpenAPI
 * document is made of them. Times are seconds since 1970-01-01T00:00:00Z, amounts are in the currency's minor unit, bytes
 * are base64. Runs anywhere.
 */
import { type Static, Type } from "typebox";

const closed = { additionalProperties: false } as const;

const ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
const Seconds = (description: string) => Type.Integer({ minimum: 0, maximum: 253_402_300_799, description });
const Duration = (description: string, maximum: number) => Type.Integer({ minimum: 0, maximum, description });
const Amount = (description: string) => Type.Integer({ minimum: 1, maximum: 1_000_000_000_000, description });
const Text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description });
const Bytes = (description: string, maxLength = 400_000) =>
	Type.String({ maxLength, pattern: "^[A-Za-z0-9+/]*={0,2}$", description: `${description} Base64.` });
const Hex32 = (description: string) => Type.String({ pattern: "^[0-9a-f]{64}$", description });

const DAY = 24 * 3600;

export const ContractId = Type.String({ pattern: ID_PATTERN, description: "The contract, unique for the lender." });
const Reference = Type.String({
	pattern: "^[\\x21-\\x7e]{1,80}$",
	description: "The lender's own reference; the same one again changes nothing.",
});
const ImeiText = Type.String({ pattern: "^[0-9]{15}$", description: "15 digits with a valid check digit." });
const Level = Type.Union([Type.Literal("none"), Type.Literal("limited"), Type.Literal("full")]);
export type Level = Static<typeof Level>;

export const Instalment = Type.Object(
	{ dueAtUnixSeconds: Seconds("Due date."), amountMinor: Amount("Amount.") },
	{ ...closed, title: "Instalment" },
);

/** Terms as a lender writes them. What is left out has the default named in its description. */
export const TermsInput = Type.Object(
	{
		lenderName: Text("Name shown to the borrower.", 80),
		accountShown: Text("Account number as the borrower knows it.", 40),
		currency: Type.String({ pattern: "^[A-Z]{3}$", description: "ISO 4217." }),
		instalments: Type.Array(Instalment, { minItems: 1, maxItems: 120, description: "In order of due date." }),
		initialPaidUntilUnixSeconds: Type.Optional(Seconds("Paid until this time at hand-over. Default: the first due date.")),
		contact: Type.Object(
			{
				supportPhone: Type.String({ pattern: "^\\+[0-9]{6,15}$", description: "E.164." }),
				supportUrl: Type.Optional(Text("Support page.", 300)),
				payUrl: Type.Optional(Text("Where to pay.", 300)),
				payInstructions: Type.Optional(Text("How to pay, in the borrower's first language.", 200)),
				disputeUrl: Type.Optional(Text("Where to dispute.", 300)),
			},
			closed,
		),
		ladder: Type.Optional(
			Type.Object(
				{
					graceSeconds: Duration("Time past paid-until before anything is restricted.", 365 * DAY),
					limitedDwellSeconds: Duration("Least time in limited before full.", 365 * DAY),
					maxLevel: Level,
				},
				{ ...closed, description: "Default: 5 days of grace, 2 days in limited, at most full." },
			),
		),
		notices: Type.Optional(
			Type.Object(
				{
					count: Type.Integer({ minimum: 1, maximum: 8 }),
					minSpacingSeconds: Duration("Least time between two, and before the lock.", 90 * DAY),
					minChannels: Type.Integer({ minimum: 1, maximum: 4 }),
				},
				{ ...closed, description: "Default: 3 notices, 24 h apart, over 2 channels." },
			),
		),
		offline: Type.Optional(
			Type.Object(
				{
					budgetSeconds: Duration("Powered-on time without contact before an offline lock. 0 = no offline lock.", 365 * DAY),
					warnAtRemainingSeconds: Type.Array(Duration("Warn when this much remains.", 365 * DAY), {
						maxItems: 8,
						description: "From the longest to the shortest.",
					}),
					level: Level,
				},
				{ ...closed, description: "Default: 30 days, warnings at 10, 5 and 1 days, limited." },
			),
		),
		passes: Type.Optional(
			Type.Object(
				{
					perYear: Type.Integer({ minimum: 0, maximum: 52 }),
					durationSeconds: Duration("How long a pass lasts.", 7 * DAY),
				},
				{ ...closed, description: "Default: 4 passes of 48 h." },
			),
		),
		languages: Type.Optional(
			Type.Array(Type.String({ pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$" }), {
				minItems: 1,
				maxItems: 8,
				description: "BCP 47, the borrower's first. Default: en.",
			}),
		),
		jurisdiction: Type.Optional(
			Type.String({ pattern: "^(default|[A-Z]{2})$", description: "Profile whose floors apply. Default: default." }),
		),
		deadLenderReleaseSeconds: Type.Optional(
			Duration("After the last due date without a signed extension the phone frees itself. Default: 90 days.", 730 * DAY),
		),
		unconfirmedReleaseSeconds: Type.Optional(
			Type.Integer({
				minimum: 3600,
				maximum: 30 * DAY,
				description: "A binding never confirmed frees the phone. Default: 7 days.",
			}),
		),
		quietHours: Type.Optional(
			Type.Object(
				{
					startMinute: Type.Integer({ minimum: 0, maximum: 1439 }),
					endMinute: Type.Integer({ minimum: 0, maximum: 1439 }),
					utcOffsetMinutes: Type.Integer({ minimum: -840, maximum: 840 }),
				},
				{ ...closed, description: "Local hours without a new lock. Default: the profile's." },
			),
		),
		checkInUrl: Type.Optional(
			Text("Base URL of the device endpoint: https, or http on loopback. Default: this registry's own.", 300),
		),
		essentialPackages: Type.Optional(
			Type.Array(Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*)+$", maxLength: 200 }), {
				maxItems: 16,
				description: "Support and pay apps that stay usable. Default: none.",
			}),
		),
	},
	{ ...closed, title: "Terms" },
);
export type TermsInput = Static<typeof TermsInput>;

export const ConsentInput = Type.Object(
	{
		language: Type.String({ pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description: "BCP 47." }),
		givenAtUnixSeconds: Seconds("When, by the clock of whoever took it."),
		method: Type.Union([Type.Literal("on_device"), Type.Literal("document")]),
		recordSha256: Type.Optional(Hex32("SHA-256 of the record that the lender keeps.")),
	},
	{ ...closed, title: "Consent" },
);
export type ConsentInput = Static<typeof ConsentInput>;

export const ContractRequest = Type.Object(
	{
		contractId: ContractId,
		imeis: Type.Optional(
			Type.Array(ImeiText, { minItems: 1, maxItems: 2, description: "If named, only a phone with one of these is enrolled." }),
		),
		terms: TermsInput,
		consent: ConsentInput,
	},
	{ ...closed, title: "ContractRequest" },
);
export type ContractRequest = Static<typeof ContractRequest>;

export const ContractState = Type.Union(
	[Type.Literal("open"), Type.Literal("paid_off"), Type.Literal("returned"), Type.Literal("released")],
	{ description: "released: the phone reported that it is free." },
);
export type ContractState = Static<typeof ContractState>;

/** Where the payments stand, by the registry's own books and clock. */
export const PaymentStanding = Type.Union([
	Type.Literal("paid"),
	Type.Literal("grace"),
	Type.Literal("overdue"),
	Type.Literal("closed"),
]);

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
		standing: Type.Optional(Type.String({ description: "As the phone last reported it, such as unlocked or locked_full." })),
		lockCauses: Type.Optional(Type.Array(Type.String())),
		lastCheckInUnixSeconds: Type.Optional(Seconds("Last answered check-in.")),
		agentVersion: Type.Optional(Type.String()),
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

export const Reason = Type.Union([
	Type.Literal("payment"),
	Type.Literal("overdue"),
	Type.Literal("lender_error"),
	Type.Literal("dispute"),
	Type.Literal("promise_to_pay"),
	Type.Literal("disaster"),
	Type.Literal("theft_reported"),
	Type.Literal("fraud"),
	Type.Literal("paid_off"),
	Type.Literal("returned"),
	Type.Literal("service"),
	Type.Literal("goodwill"),
]);
export type Reason = Static<typeof Reason>;

const orderBase = {
	reason: Reason,
	requestId: Type.Optional(
		Type.String({ pattern: ID_PATTERN, description: "Chosen by the caller; the same one again gives the same order." }),
	),
};

export const OrderRequest = Type.Union(
	[
		Type.Object(
			{ action: Type.Literal("restrict"), level: Type.Union([Type.Literal("limited"), Type.Literal("full")]), ...orderBase },
			closed,
		),
		Type.Object({ action: Type.Literal("restore"), ...orderBase }, closed),
		Type.Object(
			{
				action: Type.Literal("notice"),
				noticeId: Type.String({ pattern: ID_PATTERN, description: "Unique within the contract." }),
				kind: Type.Union([
					Type.Literal("due_soon"),
					Type.Literal("overdue"),
					Type.Literal("lock_warning"),
					Type.Literal("offline_warning"),
					Type.Literal("information"),
				]),
				texts: Type.Array(
					Type.Object(
						{ language: Type.String({ pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$" }), text: Text("Plain text.", 500) },
						closed,
					),
					{ minItems: 1, maxItems: 8 },
				),
				...orderBase,
			},
			closed,
		),
		Type.Object(
			{
				action: Type.Literal("hold"),
				kind: Type.Union([
					Type.Literal("dispute"),
					Type.Literal("promise_to_pay"),
					Type.Literal("disaster"),
					Type.Literal("clearing"),
				]),
				untilUnixSeconds: Seconds("Ends at this time."),
				...orderBase,
			},
			closed,
		),
		Type.Object(
			{
				action: Type.Literal("service_window"),
				opensAtUnixSeconds: Type.Optional(Seconds("Default: now.")),
				durationSeconds: Type.Integer({ minimum: 60, maximum: DAY, description: "At most 24 h." }),
				...orderBase,
			},
			closed,
		),
	],
	{ title: "OrderRequest" },
);
export type OrderRequest = Static<typeof OrderRequest>;

export const OrderState = Type.Union(
	[
		Type.Literal("pending"),
		Type.Literal("accepted"),
		Type.Literal("refused"),
		Type.Literal("below_floor"),
		Type.Literal("superseded"),
	],
	{ description: "below_floor: the borrower's floor forbade it. superseded: issued again after a key rotation." },
);

export const Order = Type.Object(
	{
		epoch: Type.Integer(),
		sequence: Type.Integer(),
		action: Type.String(),
		reason: Type.String(),
		issuedAtUnixSeconds: Seconds("Issued."),
		expiresAtUnixSeconds: Type.Optional(Seconds("A tightening order is refused after this.")),
		state: OrderState,
		rule: Type.Optional(Type.String({ description: "Rule of the borrower's floor, such as F3." })),
		envelope: Bytes("The signed order."),
	},
	{ title: "Order" },
);
export type Order = Static<typeof Order>;

export const OrderList = Type.Object({ orders: Type.Array(Order) }, { title: "OrderList" });

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
		state: EnrollmentState,
	},
	{ title: "EnrollmentOffer" },
);

export const ReceiptRequest = Type.Object(
	{ receiptEnvelope: Bytes("The handset's signed receipt."), evidence: Bytes("EnrollmentEvidence.") },
	{ ...closed, title: "ReceiptRequest" },
);

export const EnrollmentList = Type.Object({ enrollments: Type.Array(Enrollment) }, { title: "EnrollmentList" });

export const ImeiStatus = Type.Object(
	{
		status: Type.Union([Type.Literal("financed"), Type.Literal("clear"), Type.Literal("unknown")], {
			description: "financed: on a running contract. clear: was on one, and is free. unknown: never seen here.",
		}),
	},
	{ title: "ImeiStatus" },
);
export type ImeiStatus = Static<typeof ImeiStatus>;

export const KeySets = Type.Object(
	{ lenderId: Type.String(), keySetEnvelopes: Type.Array(Bytes("A key set."), { minItems: 1, maxItems: 1000 }) },
	{ title: "KeySets" },
);

export const Health = Type.Object({ status: Type.Literal("ok") }, { title: "Health" });

/** RFC 9457 problem details, with what an operator needs beside it. */
export const Problem = Type.Object(
	{
		type: Type.String(),
		title: Type.String(),
		status: Type.Integer(),
		code: Type.String({ description: "Stable: a fault code where one fits, otherwise one of the registry's own." }),
		detail: Type.String({ description: "What happened." }),
		next: Type.String({ description: "What to do." }),
		details: Type.Optional(Type.Record(Type.String(), Type.String())),
	},
	{ title: "Problem" },
);
export type Problem = Static<typeof Problem>;
