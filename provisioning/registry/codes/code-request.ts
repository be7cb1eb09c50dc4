/** Offline codes over the registry's API: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { closed, ID_PATTERN, Seconds } from "../api-types.ts";

const RequestNumber = Type.String({
	pattern: "^[0-9]{4}[ -]?[0-9]{4}$",
	description: "Eight digits as the phone shows them; one that was misheard is refused.",
});
const Days = Type.Integer({ minimum: 1, maximum: 999 });
const RequestId = Type.Optional(
	Type.String({ pattern: ID_PATTERN, description: "Chosen by the caller; the same one again gives the same code." }),
);

export const CodeRequest = Type.Union(
	[
		Type.Object(
			{
				kind: Type.Union([Type.Literal("set"), Type.Literal("add")], {
					description: "set: paid until so many days from now, or longer. add: so many days more.",
				}),
				days: Days,
				requestNumber: RequestNumber,
				requestId: RequestId,
			},
			closed,
		),
		Type.Object(
			{
				kind: Type.Literal("contact", { description: "Proves contact, extends nothing." }),
				requestNumber: RequestNumber,
				requestId: RequestId,
			},
			closed,
		),
		Type.Object(
			{
				kind: Type.Literal("service", { description: "Debugging over USB for a technician." }),
				hours: Type.Integer({ minimum: 1, maximum: 24 }),
				requestNumber: RequestNumber,
				requestId: RequestId,
			},
			closed,
		),
		Type.Object(
			{
				kind: Type.Literal("automatic", { description: "As add, to be sent after a payment without asking for a number." }),
				days: Days,
				requestId: RequestId,
			},
			closed,
		),
	],
	{ title: "CodeRequest", description: "A code is not a payment: book that as well." },
);
export type CodeRequest = Static<typeof CodeRequest>;

export const CodeKind = Type.Union([
	Type.Literal("set"),
	Type.Literal("add"),
	Type.Literal("contact"),
	Type.Literal("service"),
	Type.Literal("automatic"),
]);
export type CodeKind = Static<typeof CodeKind>;

export const IssuedCode = Type.Object(
	{
		code: Type.String({ pattern: "^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]$", description: "To be read out or sent." }),
		kind: CodeKind,
		value: Type.Integer({ description: "Days; hours for service; 0 for contact." }),
		counter: Type.Integer(),
		issuedAtUnixSeconds: Seconds("Issued."),
		rivals: Type.Array(Type.Object({ kind: CodeKind, value: Type.Integer() }), {
			description: "Other codes given out for the same counter: of all of these the phone takes the first that is typed.",
		}),
	},
	{ title: "IssuedCode" },
);
export type IssuedCode = Static<typeof IssuedCode>;

export const ReleaseCode = Type.Object(
	{ releaseCode: Type.String({ description: "Frees the phone for ever." }), certificateId: Type.String() },
	{ title: "ReleaseCode" },
);
export type ReleaseCode = Static<typeof ReleaseCode>;

export const EscrowShares = Type.Object(
	{
		contractId: Type.String(),
		deviceId: Type.String(),
		set: Type.String({ description: "Names this splitting." }),
		fingerprint: Type.String({ description: "Tells whether two shares gave the right secret." }),
		shares: Type.Array(Type.String(), { minItems: 3, maxItems: 3, description: "Shares 1 to 3, each for another place." }),
	},
	{ title: "EscrowShares", description: "Two of the three free the phone for ever. They are stored nowhere." },
);
export type EscrowShares = Static<typeof EscrowShares>;

export const EscrowDepositPage = Type.Object(
	{
		lenderId: Type.String(),
		key: Type.String({ description: "Fingerprint of the escrow key that it is sealed with." }),
		sealed: Type.String({ description: "Base64. Opens with the shares of the escrow key's holders alone." }),
		count: Type.Integer({ description: "Phones on this page." }),
		next: Type.Optional(Type.String({ description: "Ask for the next page after this; absent on the last." })),
	},
	{ title: "EscrowDepositPage" },
);
export type EscrowDepositPage = Static<typeof EscrowDepositPage>;
