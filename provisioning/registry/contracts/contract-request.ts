/** A contract as a lender writes it: JSON schemas. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Amount, ContractId, closed, DAY, Duration, Hex32, ImeiText, Level, Seconds, Text } from "../api-types.ts";

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
				{ ...closed, description: "Default: the preset of the jurisdiction." },
			),
		),
		notices: Type.Optional(
			Type.Object(
				{
					count: Type.Integer({ minimum: 1, maximum: 8 }),
					minSpacingSeconds: Duration("Least time between two, and before the lock.", 90 * DAY),
					minChannels: Type.Integer({ minimum: 1, maximum: 4 }),
				},
				{ ...closed, description: "Default: the preset of the jurisdiction." },
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
				{ ...closed, description: "Default: the preset of the jurisdiction." },
			),
		),
		observations: Type.Optional(
			Type.Object(
				{ onSimChange: Type.Optional(Level), onAttestationChange: Type.Optional(Level) },
				{
					...closed,
					description: "What follows from another SIM or attestation, after warnings. Default: a report, nothing else.",
				},
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
			Duration("After the last due date without a signed extension the phone frees itself. Default: the preset.", 730 * DAY),
		),
		unconfirmedReleaseSeconds: Type.Optional(
			Type.Integer({
				minimum: 3600,
				maximum: 30 * DAY,
				description: "A binding never confirmed frees the phone. Default: the preset.",
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
