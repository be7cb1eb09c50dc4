import { type Static, Type } from "typebox";

/** What anybody hears of an IMEI: nothing personal. */
export const ImeiStatus = Type.Object(
	{
		status: Type.Union([Type.Literal("financed"), Type.Literal("clear"), Type.Literal("unknown")], {
			description: "financed: on a running contract. clear: was on one, and is free. unknown: never seen here.",
		}),
	},
	{ title: "ImeiStatus" },
);
export type ImeiStatus = Static<typeof ImeiStatus>;
