/** Two-person approval over the registry's API: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";
import { closed, Hex32, Seconds, Text } from "../api-types.ts";
import { PageEnd, PageQuery } from "../page-request.ts";
import { PersonId } from "./access-request.ts";

export const ApprovalId = Type.String({ pattern: "^[0-9a-f]{20}$", description: "The approval." });
const Named = Type.Object({ personId: PersonId, name: Type.String() });

export const ApprovalRequest = Type.Object(
	{
		kind: Type.String({ pattern: "^[a-z-]{1,40}(\\.[a-z-]{1,40}){0,3}$", description: "Which act, such as people.admin." }),
		subject: Text("What it is about, as the act itself names it.", 300),
		request: Type.Record(Type.String(), Type.Unknown(), { description: "The act, exactly as it will be done." }),
		reason: Text("Why, for whoever approves.", 500),
	},
	{ ...closed, title: "ApprovalRequest" },
);
export type ApprovalRequest = Static<typeof ApprovalRequest>;

export const ApprovalState = Type.Union(
	[Type.Literal("asked"), Type.Literal("approved"), Type.Literal("refused"), Type.Literal("done"), Type.Literal("expired")],
	{ description: "approved: whoever asked may do it, once. done: it was done." },
);

export const Approval = Type.Object(
	{
		approvalId: ApprovalId,
		kind: Type.String(),
		subject: Type.String(),
		request: Type.Record(Type.String(), Type.Unknown()),
		requestSha256: Hex32("SHA-256 of the request as canonical JSON."),
		reason: Type.String(),
		state: ApprovalState,
		askedBy: Named,
		askedAtUnixSeconds: Seconds("Asked."),
		expiresAtUnixSeconds: Seconds("Void then, approved or not."),
		decidedBy: Type.Optional(Named),
		decidedAtUnixSeconds: Type.Optional(Seconds("Approved or refused.")),
		note: Type.Optional(Type.String({ description: "What whoever decided wrote." })),
		doneAtUnixSeconds: Type.Optional(Seconds("Done.")),
		mayDecide: Type.Boolean({ description: "Whether you may approve it." }),
	},
	{ title: "Approval" },
);
export type Approval = Static<typeof Approval>;

export const ApprovalList = Type.Object({ approvals: Type.Array(Approval), ...PageEnd.properties }, { title: "ApprovalList" });
export type ApprovalList = Static<typeof ApprovalList>;

export const ApprovalQuery = Type.Object(
	{ open: Type.Optional(Type.Boolean({ description: "Only what still waits." })), ...PageQuery.properties },
	closed,
);
export type ApprovalQuery = Static<typeof ApprovalQuery>;

export const ApprovalDecision = Type.Object(
	{ requestSha256: Hex32("Of the request that was read."), note: Type.Optional(Text("Why.", 500)) },
	{ ...closed, title: "ApprovalDecision" },
);
export type ApprovalDecision = Static<typeof ApprovalDecision>;
