/** Payments from a file or from the lender's payment system: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Amount, Bytes, ContractId, closed, Reference, Seconds } from "../api-types.ts";

export const PaymentImport = Type.Object(
	{
		file: Bytes(
			"CSV with a row of column names: contract, reference, amount (such as 1234.50) or amount_minor, and if wanted currency and received (ISO 8601). UTF-8 or UTF-16; at most 5,000 payments.",
			4_000_000,
		),
		dryRun: Type.Optional(Type.Boolean({ description: "Check only; book nothing." })),
	},
	{ ...closed, title: "PaymentImport" },
);
export type PaymentImport = Static<typeof PaymentImport>;

/** One thing that is wrong with a file, for whoever made it. */
export const ImportError = Type.Object(
	{
		code: Type.String({ description: "Stable: the page has words for each, see `payment-file-error.ts`." }),
		cell: Type.String({ description: "As a spreadsheet names it, such as B17; `file` where it is about all of it." }),
		row: Type.Optional(Type.Integer({ description: "1, 2, 3 ... The header is 1." })),
		column: Type.Optional(Type.String({ description: "Letters, such as B." })),
		value: Type.String({ description: "What stands there, cut at 40 characters." }),
		problem: Type.String(),
		remedy: Type.String(),
	},
	{ title: "ImportError" },
);
export type ImportError = Static<typeof ImportError>;

export const PaymentImportResult = Type.Object(
	{
		fileSha256: Type.String(),
		dryRun: Type.Boolean(),
		rows: Type.Integer({ description: "Payments in the file." }),
		booked: Type.Integer({ description: "Booked now; with dryRun, those that would be." }),
		repeated: Type.Integer({ description: "Known already by contract and reference: nothing changed." }),
		left: Type.Integer({ description: "Not booked yet: one answer books for some seconds only. Give the same file again." }),
		totals: Type.Array(Type.Object({ currency: Type.String(), amountMinor: Type.Integer() }), {
			description: "Of what was, or would be, booked.",
		}),
		paidOff: Type.Array(Type.String(), {
			description: "Contracts that these payments end: their phones are set free. At most 100.",
		}),
		errors: Type.Array(ImportError, { description: "If there is one, nothing was booked. At most 200." }),
		errorCount: Type.Integer(),
		failed: Type.Array(
			Type.Object({
				row: Type.Integer(),
				contractId: Type.String(),
				reference: Type.String(),
				code: Type.String(),
				detail: Type.String(),
			}),
			{ description: "Rows that changed meanwhile and could not be booked. Give the file again once they are put right." },
		),
	},
	{ title: "PaymentImportResult" },
);
export type PaymentImportResult = Static<typeof PaymentImportResult>;

/** What a payment system tells. Signed as Standard Webhooks 1.0 asks. */
export const PaymentEvent = Type.Union(
	[
		Type.Object({
			type: Type.Literal("payment.received"),
			data: Type.Object({
				contractId: ContractId,
				reference: Reference,
				amountMinor: Amount("Amount received."),
				currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$", description: "If given, it must be the contract's." })),
				receivedAtUnixSeconds: Type.Optional(Seconds("When the lender received the money. Default: now.")),
			}),
		}),
		Type.Object({ type: Type.Literal("feed.alive", { description: "Nothing was paid, and the feed works." }) }),
	],
	{ title: "PaymentEvent" },
);
export type PaymentEvent = Static<typeof PaymentEvent>;

export const PaymentEventResult = Type.Object(
	{ accepted: Type.Literal(true), repeated: Type.Boolean() },
	{ title: "PaymentEventResult" },
);
export type PaymentEventResult = Static<typeof PaymentEventResult>;
