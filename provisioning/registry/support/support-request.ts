/** What an agent does for a borrower who calls: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Contract } from "../api.ts";
import { closed, ID_PATTERN, ImeiText, Reference, Seconds, Text } from "../api-types.ts";
import { IssuedCode } from "../codes/code-request.ts";
import { Note } from "../orders/order-request.ts";

const base = {
	requestId: Type.String({ pattern: ID_PATTERN, description: "Chosen by the caller; the same one again changes nothing more." }),
	note: Type.Optional(Note),
};

export const PaidButLockedRequest = Type.Object(
	{
		...base,
		requestNumber: Type.Optional(
			Type.String({
				pattern: "^[0-9]{4}[ -]?[0-9]{4}$",
				description: "Eight digits as the phone shows them: then a code is made for it, if the payments allow one.",
			}),
		),
	},
	{ ...closed, title: "PaidButLockedRequest" },
);
export type PaidButLockedRequest = Static<typeof PaidButLockedRequest>;

export const LockedInErrorRequest = Type.Object(
	{
		...base,
		imei: ImeiText,
		proofReference: Text("What proves the purchase: number of the receipt, the letter, the case.", 80),
		apology: Type.Optional(
			Type.Array(
				Type.Object(
					{ language: Type.String({ pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$" }), text: Text("Plain text.", 500) },
					closed,
				),
				{
					minItems: 1,
					maxItems: 8,
					description: "Shown on the phone. Default: a text of the registry in the contract's languages that it has.",
				},
			),
		),
		holdDays: Type.Optional(
			Type.Integer({ minimum: 1, maximum: 30, description: "How long the appeal may stay open. Default: 14." }),
		),
	},
	{ ...closed, title: "LockedInErrorRequest" },
);
export type LockedInErrorRequest = Static<typeof LockedInErrorRequest>;

export const AppealDecision = Type.Object(
	{
		...base,
		note: Note,
		outcome: Type.Union([Type.Literal("upheld"), Type.Literal("rejected")], {
			description: "upheld: the lock was wrong. rejected: new locks are possible again, as far as the floor lets them.",
		}),
	},
	{ ...closed, title: "AppealDecision" },
);
export type AppealDecision = Static<typeof AppealDecision>;

export const InClearingRequest = Type.Object(
	{
		...base,
		hours: Type.Integer({ minimum: 24, maximum: 72, description: "How long the money may still take." }),
		paymentReference: Type.Optional(Text("Reference that the borrower named.", 80)),
	},
	{ ...closed, title: "InClearingRequest" },
);
export type InClearingRequest = Static<typeof InClearingRequest>;

export const ReturnRequest = Type.Object(
	{
		...base,
		note: Note,
		reference: Reference,
		imeiTail: Type.String({
			pattern: "^[0-9]{4,6}$",
			description: "Last digits of the IMEI of the phone in hand: it cannot be undone.",
		}),
	},
	{ ...closed, title: "ReturnRequest" },
);
export type ReturnRequest = Static<typeof ReturnRequest>;

/** One thing that was found. `code` and `values` are for a page that says it in another language. */
export const Finding = Type.Object(
	{
		code: Type.String(),
		tone: Type.Union([Type.Literal("good"), Type.Literal("warn"), Type.Literal("bad"), Type.Literal("plain")]),
		text: Type.String(),
		values: Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer()])),
	},
	{ title: "Finding" },
);
export type Finding = Static<typeof Finding>;

export const SupportResult = Type.Object(
	{
		contract: Contract,
		repeated: Type.Boolean({ description: "This request id was known: nothing more was changed." }),
		atUnixSeconds: Seconds("When."),
		findings: Type.Array(Finding, { description: "Why it is so." }),
		done: Type.Array(Finding, { description: "What was done now." }),
		tell: Type.Array(Finding, { description: "What to tell the borrower, in order." }),
		code: Type.Optional(IssuedCode),
		wrongfulLockMinutes: Type.Integer({ description: "As the phone last reported (F6)." }),
	},
	{ title: "SupportResult" },
);
export type SupportResult = Static<typeof SupportResult>;
