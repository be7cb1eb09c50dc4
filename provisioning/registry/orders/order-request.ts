/** Orders to a phone over the registry's API: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Bytes, closed, DAY, ID_PATTERN, Seconds, Text } from "../api-types.ts";
import { OrderState } from "../contracts/states.ts";
import { PageEnd } from "../page-request.ts";

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

/** Reasons for which a lender may restrict: the phone takes no other (F3). */
export const RestrictReason = Type.Union([
	Type.Literal("overdue"),
	Type.Literal("theft_reported"),
	Type.Literal("fraud"),
	Type.Literal("returned"),
]);
export type RestrictReason = Static<typeof RestrictReason>;

/** Why somebody did something, in their own words. */
export const Note = Type.String({
	minLength: 3,
	maxLength: 500,
	pattern: "\\S.*\\S",
	description: "Why, in your own words: for the audit log, never for the phone.",
});

const orderBase = {
	reason: Reason,
	requestId: Type.Optional(
		Type.String({ pattern: ID_PATTERN, description: "Chosen by the caller; the same one again gives the same order." }),
	),
};

export const OrderRequest = Type.Union(
	[
		Type.Object(
			{
				action: Type.Literal("restrict"),
				level: Type.Union([Type.Literal("limited"), Type.Literal("full")]),
				...orderBase,
				reason: RestrictReason,
				note: Note,
			},
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

export const OrderList = Type.Object({ orders: Type.Array(Order), ...PageEnd.properties }, { title: "OrderList" });
export type OrderList = Static<typeof OrderList>;
