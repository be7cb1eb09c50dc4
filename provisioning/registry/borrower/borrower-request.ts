/** What borrowers and buyers ask of the registry: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";
import { ContractId, closed, ImeiText, Level, Seconds } from "../api-types.ts";
import { IssuedCode } from "../codes/code-request.ts";
import { ContractState, OrderState, PaymentStanding } from "../contracts/states.ts";

/** 50 random bits as ten symbols and a check symbol, with what people type between them. */
const TypedCode = Type.String({ minLength: 11, maxLength: 40, description: "As on the receipt, blanks and dashes anywhere." });
const RequestNumber = Type.String({
	pattern: "^[0-9]{4}[ -]?[0-9]{4}$",
	description: "The eight digits on the phone's screen.",
});

export const BorrowerCodeRequest = Type.Object(
	{ renew: Type.Optional(Type.Boolean({ description: "Make a new one; the earlier ones open nothing any more." })) },
	{ ...closed, title: "BorrowerCodeRequest" },
);
export const BorrowerCode = Type.Object(
	{ contractId: ContractId, code: Type.String({ description: "To be given to the borrower alone." }) },
	{ title: "BorrowerCode" },
);
export type BorrowerCode = Static<typeof BorrowerCode>;

export const BorrowerSignIn = Type.Object({ contractId: ContractId, code: TypedCode }, { ...closed, title: "BorrowerSignIn" });
export const BorrowerSession = Type.Object(
	{
		token: Type.String({ description: "Bearer token for the borrower's own contract, kept in the page's memory alone." }),
		expiresAtUnixSeconds: Seconds("Good until then."),
		expiresInSeconds: Type.Integer({ minimum: 0, description: "The same from now on: a cheap phone's clock may be wrong." }),
	},
	{ title: "BorrowerSession" },
);
export type BorrowerSession = Static<typeof BorrowerSession>;

const BorrowerInstalment = Type.Object({
	dueAtUnixSeconds: Seconds("Due date."),
	amountMinor: Type.Integer(),
	paidMinor: Type.Integer({ description: "How much of it is paid." }),
});

/** Why a phone may still be as it is although something was paid, or the other way round. Each is one plain sentence on the page. */
export const Finding = Type.Union([
	Type.Literal("nothing_wrong"),
	Type.Literal("not_paid"),
	Type.Literal("unlock_on_its_way"),
	Type.Literal("phone_was_not_online"),
	Type.Literal("offline_lock"),
	Type.Literal("ordered_lock"),
	Type.Literal("observed_lock"),
	Type.Literal("on_hold"),
	Type.Literal("released"),
	Type.Literal("not_enrolled"),
]);
export type Finding = Static<typeof Finding>;

/** A borrower's contract, as the borrower may see it: everything that concerns the phone, and nobody else's data. */
export const BorrowerView = Type.Object(
	{
		contractId: Type.String(),
		asOfUnixSeconds: Seconds("When all this was read, by the registry's clock."),
		state: ContractState,
		lenderName: Type.String(),
		accountShown: Type.String(),
		currency: Type.String(),
		totalMinor: Type.Integer(),
		paidMinor: Type.Integer(),
		paidUntilUnixSeconds: Seconds("Paid until."),
		paymentStanding: PaymentStanding,
		instalments: Type.Array(BorrowerInstalment),
		terms: Type.Object({
			graceSeconds: Type.Integer(),
			limitedDwellSeconds: Type.Integer(),
			maxLevel: Level,
			noticeCount: Type.Integer(),
			noticeSpacingSeconds: Type.Integer(),
			offlineBudgetSeconds: Type.Integer(),
			offlineLevel: Level,
			passesPerYear: Type.Integer(),
			passSeconds: Type.Integer(),
			jurisdiction: Type.String(),
			alwaysOpen: Type.Array(Type.String(), { description: "Controls that the place's rules keep open at every level." }),
			termsSha256: Type.String(),
		}),
		contact: Type.Object({
			supportPhone: Type.String(),
			supportUrl: Type.String(),
			payUrl: Type.String(),
			payInstructions: Type.String(),
			disputeUrl: Type.String(),
		}),
		phone: Type.Optional(
			Type.Object({
				model: Type.String(),
				imeiTail: Type.String(),
				standing: Type.Optional(Type.String()),
				lockCauses: Type.Array(Type.String()),
				level: Type.Optional(Level),
				lastCheckInUnixSeconds: Type.Optional(Seconds("Last word of the phone.")),
				wrongfulLockMinutes: Type.Integer(),
				recordEntries: Type.Integer({ description: "Decisions in the record on the phone." }),
				recordHead: Type.String({ description: "Hash of the last one, hex." }),
			}),
		),
		orders: Type.Array(
			Type.Object({
				action: Type.String(),
				reason: Type.String(),
				issuedAtUnixSeconds: Seconds("Issued."),
				state: OrderState,
				rule: Type.Optional(Type.String()),
			}),
		),
		payments: Type.Array(
			Type.Object({
				reference: Type.String(),
				amountMinor: Type.Optional(Type.Integer()),
				paidUntilUnixSeconds: Type.Optional(Seconds("Paid until, where it was set.")),
				atUnixSeconds: Seconds("Booked."),
			}),
		),
		findings: Type.Array(Finding),
		heldUntilUnixSeconds: Type.Optional(Seconds("A dispute or another hold keeps the phone from being locked further.")),
		mayDispute: Type.Boolean({ description: "No dispute was opened for this period yet." }),
		mayAskCode: Type.Boolean({ description: "What is paid can be carried to the phone by a code, without network." }),
		certificateId: Type.Optional(Type.String()),
	},
	{ title: "BorrowerView" },
);
export type BorrowerView = Static<typeof BorrowerView>;

export const DisputeRequest = Type.Object(
	{ text: Type.String({ minLength: 1, maxLength: 1000, description: "What is wrong, in the borrower's words." }) },
	{ ...closed, title: "DisputeRequest" },
);
export const BorrowerCodeQuestion = Type.Object({ requestNumber: RequestNumber }, { ...closed, title: "BorrowerCodeQuestion" });
export const BorrowerTimeCode = Type.Pick(IssuedCode, ["code", "kind", "value"], { title: "BorrowerTimeCode" });
export type BorrowerTimeCode = Static<typeof BorrowerTimeCode>;

export const PossessionRequest = Type.Object(
	{ imei: ImeiText, requestNumber: RequestNumber },
	{ ...closed, title: "PossessionRequest" },
);
export const PossessionAnswer = Type.Object(
	{
		inHand: Type.Union([Type.Literal("same"), Type.Literal("other"), Type.Literal("unknown")], {
			description:
				"same: this is the phone that the contract is about. other: the number is not what that phone last reported. unknown: no phone with this IMEI can be asked.",
		}),
		reportedAtUnixSeconds: Type.Optional(Seconds("When that phone last reported. Only for `same`.")),
	},
	{ title: "PossessionAnswer" },
);
export type PossessionAnswer = Static<typeof PossessionAnswer>;

export const Certificate = Type.Object(
	{
		certificateId: Type.String(),
		contractEndedAs: Type.Union([Type.Literal("paid_off"), Type.Literal("returned")]),
		phone: Type.Union([Type.Literal("free"), Type.Literal("not_reported")], {
			description: "free: the phone itself reported that it gave everything back.",
		}),
		imeiTails: Type.Array(Type.String(), { description: "Last four digits of the phone's IMEIs." }),
		endedAtUnixSeconds: Seconds("When the contract ended."),
		lenderId: Type.String(),
	},
	{ title: "Certificate" },
);
export type Certificate = Static<typeof Certificate>;
