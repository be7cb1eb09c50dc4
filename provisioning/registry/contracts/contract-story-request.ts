/** All that the registry knows of one contract: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Contract, OrderState } from "../api.ts";
import { Bytes, closed, Hex32, Level, Seconds } from "../api-types.ts";
import { AttestationStory } from "../attestation/attestation-request.ts";
import { CodeKind } from "../codes/code-request.ts";

const SecondsLong = (description: string) => Type.Integer({ minimum: 0, description: `${description} In seconds.` });

/** Terms as a person reads them. */
export const ReadableTerms = Type.Object(
	{
		lenderName: Type.String(),
		accountShown: Type.String(),
		currency: Type.String(),
		instalments: Type.Array(
			Type.Object({
				dueAtUnixSeconds: Seconds("Due date."),
				amountMinor: Type.Integer(),
				paidMinor: Type.Integer({ description: "What payments in all cover of it, the earliest due first." }),
				state: Type.Union([Type.Literal("paid"), Type.Literal("part_paid"), Type.Literal("due"), Type.Literal("upcoming")]),
			}),
		),
		ladder: Type.Object({
			graceSeconds: SecondsLong("Past paid-until before anything is restricted."),
			limitedDwellSeconds: SecondsLong("Least time in limited before full."),
			maxLevel: Level,
		}),
		notices: Type.Object({
			count: Type.Integer(),
			minSpacingSeconds: SecondsLong("Least time between two, and before the lock."),
			minChannels: Type.Integer(),
		}),
		offline: Type.Object({
			budgetSeconds: SecondsLong("Powered-on time without contact before an offline lock; 0 = none."),
			warnAtRemainingSeconds: Type.Array(Type.Integer()),
			level: Level,
		}),
		passes: Type.Object({ perYear: Type.Integer(), durationSeconds: SecondsLong("How long one lasts.") }),
		jurisdiction: Type.Object({
			id: Type.String(),
			status: Type.String({ description: "How far the law behind it has come." }),
			source: Type.String(),
			minPastDueSeconds: SecondsLong("Nothing is restricted sooner after paid-until (F3)."),
			maxLevel: Level,
			restoreMaxMinutes: Type.Integer({ description: "Unlock no later than this after payment (F6)." }),
			neverRestricted: Type.Array(Type.String()),
		}),
		quietHours: Type.Optional(
			Type.Object({ startMinute: Type.Integer(), endMinute: Type.Integer(), utcOffsetMinutes: Type.Integer() }),
		),
		contact: Type.Object({
			supportPhone: Type.String(),
			supportUrl: Type.String(),
			payUrl: Type.String(),
			payInstructions: Type.String(),
			disputeUrl: Type.String(),
		}),
		languages: Type.Array(Type.String()),
		deadLenderReleaseSeconds: SecondsLong("After the last due date and contact the phone frees itself."),
		consent: Type.Object({
			language: Type.String(),
			givenAtUnixSeconds: Seconds("When, by the clock of whoever took it."),
			method: Type.Union([Type.Literal("on_device"), Type.Literal("document"), Type.Literal("unknown")]),
		}),
	},
	{ title: "ReadableTerms" },
);
export type ReadableTerms = Static<typeof ReadableTerms>;

/** What a phone said with its last check-in. */
export const PhoneReport = Type.Object(
	{
		atUnixSeconds: Seconds("When, by the registry's clock."),
		standing: Type.String(),
		level: Level,
		lockCauses: Type.Array(Type.String()),
		contact: Type.Union([Type.Literal("fresh"), Type.Literal("warned"), Type.Literal("expired"), Type.Literal("unknown")]),
		paidUntilUnixSeconds: Seconds("As the phone knows it."),
		trustedTimeUnixSeconds: Seconds("The phone's own time."),
		offlineChargedSeconds: Type.Integer(),
		sealed: Type.Boolean(),
		serviceOpen: Type.Boolean(),
		postureApplied: Type.Boolean(),
		postureDrift: Type.Array(Type.String()),
		wrongfulLockMinutes: Type.Integer({ description: "Minutes that it was locked wrongly, as the phone counted them (F6)." }),
		ownershipReturned: Type.Boolean(),
		simChanged: Type.Boolean(),
		attestationChanged: Type.Boolean(),
		contactRequired: Type.Boolean(),
		takesCodes: Type.Boolean(),
		agentVersion: Type.String(),
	},
	{ title: "PhoneReport" },
);
export type PhoneReport = Static<typeof PhoneReport>;

export const StoryOrder = Type.Object({
	epoch: Type.Integer(),
	sequence: Type.Integer(),
	action: Type.String(),
	reason: Type.String(),
	issuedAtUnixSeconds: Seconds("Issued."),
	expiresAtUnixSeconds: Type.Optional(Seconds("A tightening order is refused after this.")),
	state: OrderState,
	rule: Type.Optional(Type.String({ description: "Rule of the borrower's floor that forbade it, such as F3." })),
	level: Type.Optional(Level),
	paidUntilUnixSeconds: Type.Optional(Seconds("Of an extend.")),
	noticeId: Type.Optional(Type.String()),
});

export const HoldKind = Type.Union([
	Type.Literal("dispute"),
	Type.Literal("promise_to_pay"),
	Type.Literal("disaster"),
	Type.Literal("clearing"),
]);
export type HoldKind = Static<typeof HoldKind>;

export const StoryHold = Type.Object({
	kind: HoldKind,
	untilUnixSeconds: Seconds("Ends."),
	givenAtUnixSeconds: Seconds("Ordered."),
	state: OrderState,
	inForce: Type.Boolean({ description: "Its time is not over, and the phone has not refused it." }),
});

/** What the borrower disputed on their own page; the hold that it brought is among the holds. */
export const StoryDispute = Type.Object({
	text: Type.String({ description: "The borrower's own words." }),
	openedAtUnixSeconds: Seconds("Opened."),
	paidUntilUnixSeconds: Seconds("The period that was paid for then: once for each."),
});

export const PaymentSource = Type.Union([
	Type.Literal("manual"),
	Type.Literal("api"),
	Type.Literal("import"),
	Type.Literal("webhook"),
]);
export type PaymentSource = Static<typeof PaymentSource>;

export const StoryPayment = Type.Object({
	reference: Type.String(),
	amountMinor: Type.Optional(Type.Integer()),
	paidUntilUnixSeconds: Type.Optional(Seconds("Paid-until that it set.")),
	bookedAtUnixSeconds: Seconds("When it was booked."),
	receivedAtUnixSeconds: Seconds("When the lender received the money."),
	source: PaymentSource,
});

/** A code that was given out. Never its digits: they are worked out again where the same request asks for them again. */
export const StoryCode = Type.Object({
	number: Type.Integer(),
	kind: CodeKind,
	value: Type.Integer({ description: "Days, or hours for service." }),
	counter: Type.Integer(),
	issuedAtUnixSeconds: Seconds("Given out."),
});

export const StandingChange = Type.Object({
	atUnixSeconds: Seconds("Check-in that reported it."),
	before: Type.String(),
	after: Type.String(),
});

export const AuditEntryJson = Type.Object(
	{
		subject: Type.String(),
		entry: Type.Integer({ description: "1, 2, 3 ... within its subject." }),
		atUnixSeconds: Seconds("When."),
		actor: Type.String(),
		action: Type.String(),
		details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
		hash: Hex32("SHA-256 of it and of the one before."),
	},
	{ title: "AuditEntry" },
);
export type AuditEntryJson = Static<typeof AuditEntryJson>;

export type StoryHolds = readonly Static<typeof StoryHold>[];

export const ContractStory = Type.Object(
	{
		contract: Contract,
		terms: ReadableTerms,
		termsBytes: Bytes("The terms as the phone has them."),
		report: Type.Optional(PhoneReport),
		attestation: Type.Optional(AttestationStory),
		orders: Type.Array(StoryOrder, { description: "The latest first, at most 200." }),
		payments: Type.Array(StoryPayment, { description: "The latest first, at most 200." }),
		codes: Type.Array(StoryCode, { description: "The latest first, at most 200." }),
		holds: Type.Array(StoryHold, { description: "All, the latest first." }),
		disputes: Type.Array(StoryDispute, { description: "The latest first, at most 200." }),
		appeals: Type.Array(
			Type.Object({
				imei: Type.String(),
				proofReference: Type.String(),
				openedAtUnixSeconds: Seconds("Opened."),
				openUntilUnixSeconds: Seconds("No lock before this."),
				closedAtUnixSeconds: Type.Optional(Seconds("Decided.")),
			}),
		),
		standingChanges: Type.Array(StandingChange, { description: "The latest first, at most 100." }),
		leftOut: Type.Optional(
			Type.Array(
				Type.Union([
					Type.Literal("orders"),
					Type.Literal("payments"),
					Type.Literal("codes"),
					Type.Literal("disputes"),
					Type.Literal("standingChanges"),
				]),
				{ description: "Parts of which there are older rows than these. Orders are all in /v1/contracts/{id}/orders." },
			),
		),
		audit: Type.Array(AuditEntryJson, { description: "The latest first." }),
		auditBefore: Type.Optional(Type.Integer({ description: "Give it as `auditBefore` for older entries." })),
	},
	{ title: "ContractStory" },
);
export type ContractStory = Static<typeof ContractStory>;

export const StoryQuery = Type.Object(
	{
		auditBefore: Type.Optional(Type.Integer({ minimum: 1, description: "Entries before this one." })),
		auditLimit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: "Default: 50." })),
	},
	{ ...closed, title: "StoryQuery" },
);
export type StoryQuery = Static<typeof StoryQuery>;
