/** What technicians ask of the registry, and who approves it: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Contract, Order } from "../api.ts";
import { ContractId, closed, ID_PATTERN, ImeiText, Reference, Seconds, Text } from "../api-types.ts";
import { IssuedCode } from "../codes/code-request.ts";
import { PageEnd } from "../page-request.ts";

/** A phone as it was read at the cable. */
export const ReadHandset = Type.Object(
	{
		imei1: ImeiText,
		imei2: Type.Optional(ImeiText),
		serial: Type.String({ pattern: "^[\\x21-\\x7e]{1,64}$", description: "ro.serialno." }),
		model: Type.String({ maxLength: 80, description: "As the phone names itself." }),
	},
	closed,
);
export type ReadHandset = Static<typeof ReadHandset>;

const Reason = Text("Why, in the technician's words: whoever approves reads it.", 300);
const dualScan = {
	handset: ReadHandset,
	oldImei: Type.Unsafe<string>({ ...ImeiText, description: "An IMEI of the phone as it was, from the contract or the box." }),
	labelImeis: Type.Array(ImeiText, {
		minItems: 1,
		maxItems: 2,
		description: "New IMEIs as the label says them: all of the phone's.",
	}),
	reason: Reason,
};

export const RebindRequest = Type.Object(dualScan, {
	...closed,
	title: "RebindRequest",
	description: "The phone kept its agent, and reads other IMEIs or another serial number than before.",
});
export type RebindRequest = Static<typeof RebindRequest>;

/** What became of the phone before. One that still works is returned instead: two phones must not live under one contract. */
export const OldPhone = Type.Union([Type.Literal("board_replaced"), Type.Literal("destroyed"), Type.Literal("lost_or_stolen")]);
export type OldPhone = Static<typeof OldPhone>;

export const ExchangeRequest = Type.Object(
	{ ...dualScan, oldPhone: OldPhone },
	{
		...closed,
		title: "ExchangeRequest",
		description: "The agent went with the old board or phone: the contract is enrolled anew on this one.",
	},
);
export type ExchangeRequest = Static<typeof ExchangeRequest>;

export const ReturnRequest = Type.Object(
	{
		imeiTail: Type.String({ pattern: "^[0-9]{4}$", description: "Last four digits of an IMEI, read off the phone in hand." }),
		reference: Reference,
		reason: Reason,
	},
	{ ...closed, title: "ReturnRequest", description: "The phone came back: once approved, the contract ends as returned." },
);
export type ReturnRequest = Static<typeof ReturnRequest>;

export const ServiceCaseKind = Type.Union([Type.Literal("rebind"), Type.Literal("exchange"), Type.Literal("return")]);
export type ServiceCaseKind = Static<typeof ServiceCaseKind>;

export const ServiceCaseState = Type.Union(
	[
		Type.Literal("asked"),
		Type.Literal("approved"),
		Type.Literal("done"),
		Type.Literal("refused"),
		Type.Literal("failed"),
		Type.Literal("expired"),
	],
	{ description: "approved: the phone has yet to take it. failed: the phone refused it." },
);
export type ServiceCaseState = Static<typeof ServiceCaseState>;

export const ServiceCase = Type.Object(
	{
		caseId: Type.String(),
		contractId: ContractId,
		kind: ServiceCaseKind,
		state: ServiceCaseState,
		reason: Type.String(),
		handset: Type.Optional(ReadHandset),
		oldImei: Type.Optional(Type.String()),
		oldPhone: Type.Optional(OldPhone),
		imeiTail: Type.Optional(Type.String()),
		reference: Type.Optional(Type.String()),
		askedBy: Type.String({ description: "As in the audit log." }),
		askedAtUnixSeconds: Seconds("Asked."),
		decidedBy: Type.Optional(Type.String({ description: "As in the audit log." })),
		decidedAtUnixSeconds: Type.Optional(Seconds("Approved or refused.")),
		note: Type.Optional(Type.String({ description: "Of whoever decided." })),
		rule: Type.Optional(Type.String({ description: "Why the phone refused." })),
	},
	{ title: "ServiceCase" },
);
export type ServiceCase = Static<typeof ServiceCase>;

export const ServiceCaseList = Type.Object(
	{ cases: Type.Array(ServiceCase), ...PageEnd.properties },
	{ title: "ServiceCaseList" },
);
export type ServiceCaseList = Static<typeof ServiceCaseList>;

export const CaseDecision = Type.Object(
	{ note: Type.Optional(Text("For whoever asked.", 300)) },
	{ ...closed, title: "CaseDecision" },
);
export type CaseDecision = Static<typeof CaseDecision>;

export const ServiceWindowRequest = Type.Object(
	{
		hours: Type.Integer({ minimum: 1, maximum: 24 }),
		requestNumber: Type.Optional(
			Type.String({
				pattern: "^[0-9]{4}[ -]?[0-9]{4}$",
				description: "The eight digits on the phone's screen: gives a code. Without it an order waits for the next check-in.",
			}),
		),
		requestId: Type.Optional(
			Type.String({ pattern: ID_PATTERN, description: "Chosen by the caller; the same one again gives the same." }),
		),
	},
	{ ...closed, title: "ServiceWindowRequest" },
);
export type ServiceWindowRequest = Static<typeof ServiceWindowRequest>;

export const ServiceWindow = Type.Object(
	{
		order: Type.Optional(Order),
		code: Type.Optional(IssuedCode),
		lastCheckInUnixSeconds: Type.Optional(Seconds("When the phone was last heard of: an order reaches it at the next one.")),
	},
	{ title: "ServiceWindow" },
);
export type ServiceWindow = Static<typeof ServiceWindow>;

export const FoundContracts = Type.Object(
	{ contracts: Type.Array(Contract, { description: "The running one first." }), ...PageEnd.properties },
	{ title: "FoundContracts" },
);
export type FoundContracts = Static<typeof FoundContracts>;

export const ScreenLockHelpRequest = Type.Object(
	{
		identityBy: Type.Union([Type.Literal("id_document"), Type.Literal("borrower_code"), Type.Literal("not_checked")], {
			description: "How the borrower showed who they are.",
		}),
		note: Text("What was asked and what was answered.", 300),
	},
	{
		...closed,
		title: "ScreenLockHelpRequest",
		description: "Writes down that help was asked for. Nobody at the lender can open a phone's own screen lock.",
	},
);
export type ScreenLockHelpRequest = Static<typeof ScreenLockHelpRequest>;

export const ScreenLockHelp = Type.Object(
	{
		contractId: ContractId,
		paidUntilUnixSeconds: Seconds("What a phone that was erased and enrolled anew is given back."),
		loggedAtUnixSeconds: Seconds("When it was written into the audit log."),
	},
	{ title: "ScreenLockHelp" },
);
export type ScreenLockHelp = Static<typeof ScreenLockHelp>;

const Verdicts = (description: string) =>
	Type.Array(
		Type.Object(
			{ name: Type.String({ pattern: "^[A-Za-z]{1,30}$" }), verdict: Type.String({ pattern: "^[a-z]{1,20}$" }) },
			closed,
		),
		{ maxItems: 30, description },
	);

export const ReleaseReport = Type.Object(
	{
		health: Verdicts("The phone before and after its release, line by line: same, moves, agent, changed or unknown."),
		sheet: Verdicts("What was read off the phone afterwards, line by line: good, bad or unknown."),
	},
	{
		...closed,
		title: "ReleaseReport",
		description: "What whoever released a phone saw. Names and verdicts only, nothing of the phone.",
	},
);
export type ReleaseReport = Static<typeof ReleaseReport>;

export const ReleaseReportKept = Type.Object(
	{ contractId: ContractId, loggedAtUnixSeconds: Seconds("When it was written into the audit log.") },
	{ title: "ReleaseReportKept" },
);
