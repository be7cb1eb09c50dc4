import { type Static, Type } from "typebox";

/** RFC 9457 problem details, with what an operator needs beside it. */
export const Problem = Type.Object(
	{
		type: Type.String(),
		title: Type.String(),
		status: Type.Integer(),
		code: Type.String({ description: "Stable: a fault code where one fits, otherwise one of the registry's own." }),
		detail: Type.String({ description: "What happened." }),
		next: Type.String({ description: "What to do." }),
		details: Type.Optional(Type.Record(Type.String(), Type.String())),
	},
	{ title: "Problem" },
);
export type Problem = Static<typeof Problem>;
