/** All phones together: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { closed, Hex32, ID_PATTERN, Seconds } from "../api-types.ts";
import { ContractFilter } from "../contracts/contract-search-request.ts";
import { Note } from "../orders/order-request.ts";

const Permille = (description: string) =>
	Type.Integer({ minimum: 1, maximum: 1000, description: `${description} In thousandths of the fleet.` });

/** Of new locks by order, in one window. */
const LockWindow = Type.Object({
	used: Type.Integer({ description: "Restrict orders that were issued in it." }),
	allowed: Type.Integer(),
});

export const FleetSettings = Type.Object(
	{
		locksPerHourPermille: Permille("Most restrict orders in an hour."),
		locksPerDayPermille: Permille("Most restrict orders in a day."),
		leastLocksPerHour: Type.Integer({ minimum: 1, maximum: 100, description: "Allowed in an hour however small the fleet is." }),
		leastLocksPerDay: Type.Integer({ minimum: 1, maximum: 500, description: "Allowed in a day however small the fleet is." }),
		feedStaleAfterHours: Type.Integer({
			minimum: 0,
			maximum: 720,
			description: "No news of the payment feed for so long: new locks pause (F5). 0 = there is no feed to watch.",
		}),
	},
	{ ...closed, title: "FleetSettings" },
);
export type FleetSettings = Static<typeof FleetSettings>;

export const FleetSettingsChange = Type.Partial(FleetSettings, { ...closed, title: "FleetSettingsChange" });
export type FleetSettingsChange = Static<typeof FleetSettingsChange>;

export const FleetExtension = Type.Object(
	{
		extensionId: Type.String(),
		kind: Type.Union([Type.Literal("disaster"), Type.Literal("clearing")]),
		untilUnixSeconds: Seconds("The holds end."),
		count: Type.Integer({ description: "Contracts in its list." }),
		done: Type.Integer({ description: "Contracts whose hold was issued, or that had ended." }),
		state: Type.Union([Type.Literal("running"), Type.Literal("done")]),
		createdAtUnixSeconds: Seconds("Begun."),
		actor: Type.String(),
		note: Type.String(),
	},
	{ title: "FleetExtension" },
);
export type FleetExtension = Static<typeof FleetExtension>;

export const Fleet = Type.Object(
	{
		contracts: Type.Object({
			open: Type.Integer(),
			paidOff: Type.Integer(),
			returned: Type.Integer(),
			released: Type.Integer(),
		}),
		standings: Type.Record(Type.String(), Type.Integer(), {
			description: "Open contracts by what their phones last reported: none, unlocked, grace, locked_limited, locked_full ...",
		}),
		payments: Type.Object({
			overdue: Type.Integer({ description: "Open contracts past their paid-until." }),
		}),
		silent: Type.Array(Type.Object({ days: Type.Integer(), phones: Type.Integer() }), {
			description: "Open contracts whose phone was not heard of for so many days or more.",
		}),
		newLocks: Type.Array(
			Type.Object({ dayStartUnixSeconds: Seconds("Midnight UTC."), locks: Type.Integer(), orders: Type.Integer() }),
			{
				description:
					"The last 14 days, the oldest first. locks: phones that reported a new lock. orders: restrict orders issued.",
			},
		),
		breaker: Type.Object({
			open: Type.Boolean({ description: "true: new restrict orders are refused until a second person agrees." }),
			fleet: Type.Integer({ description: "Open contracts with a phone." }),
			hour: LockWindow,
			day: LockWindow,
		}),
		feed: Type.Object({
			stale: Type.Boolean({ description: "New locks pause, on the phones and here (F5)." }),
			lastUnixSeconds: Type.Optional(Seconds("Last news of it.")),
			staleAtUnixSeconds: Type.Optional(Seconds("Stale from then on without news.")),
			pausedUntilUnixSeconds: Type.Optional(Seconds("New locks pause until then by an extension of the whole fleet.")),
		}),
		settings: FleetSettings,
		extensions: Type.Array(FleetExtension, { description: "The latest first, at most 10." }),
	},
	{ title: "Fleet" },
);
export type Fleet = Static<typeof Fleet>;

export const FleetListRequest = Type.Object(
	{
		filter: Type.Optional(ContractFilter),
		contractIds: Type.Optional(
			Type.Array(Type.String({ pattern: ID_PATTERN }), { minItems: 1, maxItems: 5000, description: "Instead of a filter." }),
		),
	},
	{ ...closed, title: "FleetListRequest", description: "Which open contracts. Without a filter or a list: all of them." },
);
export type FleetListRequest = Static<typeof FleetListRequest>;

/** A list as it is now, to look at before it is used. */
export const FleetList = Type.Object(
	{
		count: Type.Integer(),
		listSha256: Hex32("SHA-256 of the contract numbers in order of their bytes, a line feed after each."),
		sample: Type.Array(Type.String(), { description: "The first 20." }),
	},
	{ title: "FleetList" },
);
export type FleetList = Static<typeof FleetList>;

export const FleetExtendRequest = Type.Object(
	{
		...FleetListRequest.properties,
		kind: Type.Union([Type.Literal("disaster"), Type.Literal("clearing")]),
		hours: Type.Integer({ minimum: 1, maximum: 168 }),
		listSha256: Hex32("As the list was when it was looked at."),
		count: Type.Integer({ minimum: 1, description: "How many contracts, typed by whoever does it." }),
		note: Note,
		requestId: Type.String({ pattern: ID_PATTERN, description: "The same one again gives the same extension." }),
	},
	{ ...closed, title: "FleetExtendRequest" },
);
export type FleetExtendRequest = Static<typeof FleetExtendRequest>;
