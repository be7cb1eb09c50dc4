/** What would become of an order: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { Seconds } from "../api-types.ts";

export const OrderObjection = Type.Object(
	{
		by: Type.Union([Type.Literal("registry"), Type.Literal("phone")], {
			description: "registry: it would not be sent. phone: it would be sent, and the borrower's floor would stop it.",
		}),
		code: Type.String({ description: "Stable: the page has words for each." }),
		rule: Type.Optional(Type.String({ description: "Promise to the borrower, F1 to F18." })),
		why: Type.String(),
		certain: Type.Boolean({
			description: "false: it rests on what only the phone knows, such as which notices were on the screen.",
		}),
		untilUnixSeconds: Type.Optional(Seconds("It stands at least until then.")),
	},
	{ title: "OrderObjection" },
);
export type OrderObjection = Static<typeof OrderObjection>;

export const OrderCheck = Type.Object(
	{
		wouldSend: Type.Boolean({ description: "The registry would sign it and send it." }),
		wouldObey: Type.Union([Type.Literal("yes"), Type.Literal("no"), Type.Literal("later"), Type.Literal("unknown")], {
			description: "What the phone would do, as far as can be told from here. The real decision stays on the phone.",
		}),
		objections: Type.Array(OrderObjection),
		steps: Type.Array(
			Type.Object({
				code: Type.String({ description: "Stable: the page has words for each." }),
				atUnixSeconds: Type.Optional(Seconds("Not before. None: with the next check-in.")),
				text: Type.String(),
			}),
			{ description: "What would happen, in order." },
		),
		needsSecondPerson: Type.Boolean(),
	},
	{ title: "OrderCheck" },
);
export type OrderCheck = Static<typeof OrderCheck>;
