/** Programs that ask the registry, and their tokens: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { closed, Seconds, Text } from "../api-types.ts";
import { StationName } from "../enrollment/station-request.ts";
import { PageEnd } from "../page-request.ts";

/** Lives of a program's token, in days. */
export const PROGRAM_DAYS = { least: 1, usual: 90, most: 365 } as const;
/** How long the token before the last rotation stays good, in hours. */
export const OVERLAP_HOURS = { usual: 24, most: 168 } as const;

/** What a program may be: everything but an administrator, who decides about people and programs. */
export const PROGRAM_ROLES = ["agent", "operator", "technician", "auditor"] as const;
export type ProgramRole = (typeof PROGRAM_ROLES)[number];

const ProgramRoles = Type.Array(
	Type.Union([Type.Literal("agent"), Type.Literal("operator"), Type.Literal("technician"), Type.Literal("auditor")]),
	{ minItems: 1, maxItems: 4, uniqueItems: true, description: "operator for a station, agent for a loan system." },
);

/** Id of a program: it stands in the audit log as `program/<id>`. */
export const ProgramId = Type.String({ pattern: "^[0-9a-f]{20}$", description: "The program." });

const Days = Type.Integer({
	minimum: PROGRAM_DAYS.least,
	maximum: PROGRAM_DAYS.most,
	description: `The token ends after so many days. Default: ${PROGRAM_DAYS.usual}.`,
});

export const ProgramRequest = Type.Object(
	{
		name: Text("What it is, as colleagues know it.", 80),
		roles: ProgramRoles,
		station: Type.Optional(StationName),
		days: Type.Optional(Days),
	},
	{
		...closed,
		title: "ProgramRequest",
		description: "With a station, the token leases and enrolls as that station alone.",
	},
);
export type ProgramRequest = Static<typeof ProgramRequest>;

export const ProgramRotation = Type.Object(
	{
		days: Type.Optional(Days),
		overlapHours: Type.Optional(
			Type.Integer({
				minimum: 0,
				maximum: OVERLAP_HOURS.most,
				description: `So long the token before is good as well. Default: ${OVERLAP_HOURS.usual}; 0 if it was stolen.`,
			}),
		),
	},
	{ ...closed, title: "ProgramRotation" },
);
export type ProgramRotation = Static<typeof ProgramRotation>;

export const Program = Type.Object(
	{
		programId: ProgramId,
		name: Type.String(),
		roles: ProgramRoles,
		station: Type.Optional(Type.String({ description: "It asks as this station alone." })),
		createdBy: Type.String({ description: "Who made it, as the audit log names them." }),
		createdAtUnixSeconds: Seconds("When it was made."),
		expiresAtUnixSeconds: Seconds("Its token ends then."),
		earlierTokenUntilUnixSeconds: Type.Optional(Seconds("The token before the last rotation is good as well until then.")),
		lastUsedAtUnixSeconds: Type.Optional(Seconds("Last use, to the hour.")),
		revokedAtUnixSeconds: Type.Optional(Seconds("It was revoked then.")),
	},
	{ title: "Program" },
);
export type Program = Static<typeof Program>;

export const ProgramList = Type.Object({ programs: Type.Array(Program), ...PageEnd.properties }, { title: "ProgramList" });
export type ProgramList = Static<typeof ProgramList>;

export const ProgramToken = Type.Object(
	{
		program: Program,
		token: Type.String({
			pattern: "^hfp_[0-9a-f]{20}_[A-Za-z0-9_-]{43}$",
			description: "Sent as Bearer. Shown only now: the registry keeps its hash alone.",
		}),
	},
	{ title: "ProgramToken" },
);
export type ProgramToken = Static<typeof ProgramToken>;
