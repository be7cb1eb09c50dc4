/** Looking for contracts over the registry's API: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Contract, ContractState } from "../api.ts";
import { closed } from "../api-types.ts";

/** What the phone last reported; `none`: no phone has reported anything yet. */
export const PhoneStanding = Type.Union([
	Type.Literal("none"),
	Type.Literal("unbound"),
	Type.Literal("unlocked"),
	Type.Literal("grace"),
	Type.Literal("locked_limited"),
	Type.Literal("locked_full"),
	Type.Literal("released"),
]);
export type PhoneStanding = Static<typeof PhoneStanding>;

export const ContractSort = Type.Union([Type.Literal("number"), Type.Literal("due"), Type.Literal("contact")], {
	description:
		"number: by contract number. due: by the time it is paid until, the longest overdue first. contact: by the day of the last check-in, the longest silent first; phones that never checked in come before all.",
});
export type ContractSort = Static<typeof ContractSort>;

const Days = (description: string) => Type.Optional(Type.Integer({ minimum: 0, maximum: 3650, description }));

/** Which contracts: every condition that is given must hold. */
export const ContractFilter = Type.Object(
	{
		text: Type.Optional(
			Type.String({
				minLength: 1,
				maxLength: 64,
				description: "Beginning of a contract number, a whole IMEI, or the last 4 to 14 digits of one. Capitals count.",
			}),
		),
		state: Type.Optional(ContractState),
		standing: Type.Optional(PhoneStanding),
		overdueSinceDays: Days("Open contracts that are not paid since so many days or more."),
		silentSinceDays: Days("Open contracts whose phone was heard of, and not since so many days (UTC) or more."),
	},
	{ ...closed, title: "ContractFilter" },
);
export type ContractFilter = Static<typeof ContractFilter>;

export const ContractSearch = Type.Object(
	{
		...ContractFilter.properties,
		sort: Type.Optional(ContractSort),
		after: Type.Optional(Type.String({ maxLength: 400, description: "`next` of the page before, with the same conditions." })),
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: "Default: 50." })),
	},
	{ ...closed, title: "ContractSearch" },
);
export type ContractSearch = Static<typeof ContractSearch>;

export const ContractPage = Type.Object(
	{
		contracts: Type.Array(Contract),
		next: Type.Optional(Type.String({ description: "Give it as `after` for the next page. None: this was the last." })),
	},
	{ title: "ContractPage" },
);
export type ContractPage = Static<typeof ContractPage>;
