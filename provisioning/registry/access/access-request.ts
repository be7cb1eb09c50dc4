/** People, sessions and sign-in over the registry's API: JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

import { closed, Seconds, Text } from "../api-types.ts";
import { PageEnd } from "../page-request.ts";

export const Role = Type.Union(
	[Type.Literal("admin"), Type.Literal("agent"), Type.Literal("operator"), Type.Literal("technician"), Type.Literal("auditor")],
	{ description: "What somebody may do." },
);
export type Role = Static<typeof Role>;
export const Roles = Type.Array(Role, { maxItems: 5, uniqueItems: true });

/** Id of a person: it stands in the audit log as `person/<id>`. */
export const PersonId = Type.String({ pattern: "^[0-9a-f]{20}$", description: "The person." });
const Secret = (description: string) => Type.String({ pattern: "^[A-Za-z0-9_-]{43}$", description });
const Email = Type.String({
	maxLength: 254,
	pattern: "^[^\\s@]{1,64}@[^\\s@]+\\.[^\\s@]+$",
	description: "As the lender's identity provider knows it. Case does not count.",
});

/** What the WebAuthn API takes and gives is checked by the library that reads it; here only that it is an object. */
const WebAuthn = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });

export const SessionView = Type.Object(
	{
		actor: Type.String({ description: "Who asks, as the audit log names them." }),
		kind: Type.Union([Type.Literal("person"), Type.Literal("program"), Type.Literal("token")]),
		roles: Roles,
		pages: Type.Array(Type.String(), { description: "Pages that these roles may use, such as console." }),
		personId: Type.Optional(PersonId),
		name: Type.Optional(Type.String()),
		hasPasskey: Type.Optional(Type.Boolean({ description: "Without one, acts that ask for it again cannot be done." })),
		expiresAtUnixSeconds: Type.Optional(Seconds("Over then, whatever is done.")),
		idleEndsAtUnixSeconds: Type.Optional(Seconds("Over then, if nothing is done.")),
		stepUpEndsAtUnixSeconds: Type.Optional(Seconds("Until then, grave acts ask for no passkey.")),
	},
	{ title: "Session" },
);
export type SessionView = Static<typeof SessionView>;

export const SignedOut = Type.Object({ sessions: Type.Integer({ description: "How many ended." }) }, { title: "SignedOut" });

export const OwnSession = Type.Object(
	{
		sessionId: Type.String({ pattern: "^[0-9a-f]{32}$" }),
		isThis: Type.Boolean({ description: "The one that asks." }),
		signedInAtUnixSeconds: Seconds("When it was opened."),
		lastSeenAtUnixSeconds: Seconds("Its last request, to the minute."),
		expiresAtUnixSeconds: Seconds("Over then, whatever is done."),
	},
	{ title: "OwnSession" },
);
export type OwnSession = Static<typeof OwnSession>;
export const OwnSessionList = Type.Object(
	{ sessions: Type.Array(OwnSession), ...PageEnd.properties },
	{ title: "OwnSessionList" },
);
export type OwnSessionList = Static<typeof OwnSessionList>;

export const SignInMethods = Type.Object(
	{
		origin: Type.String({ description: "The only address under which the pages are signed in to." }),
		passkey: Type.Boolean({ description: "False where browsers allow none: no https, or no name but an IP address." }),
		oidc: Type.Optional(Type.Object({ name: Type.String({ description: "The identity provider, for people." }) })),
	},
	{ title: "SignInMethods" },
);
export type SignInMethods = Static<typeof SignInMethods>;

const ChallengeId = Secret("Names the challenge; good once.");
export const PasskeyChallenge = Type.Object(
	{ challengeId: ChallengeId, options: WebAuthn("For navigator.credentials, with bytes as base64url.") },
	{ title: "PasskeyChallenge" },
);
export type PasskeyChallenge = Static<typeof PasskeyChallenge>;
export const PasskeyAnswer = Type.Object(
	{ challengeId: ChallengeId, response: WebAuthn("From navigator.credentials, with bytes as base64url.") },
	{ ...closed, title: "PasskeyAnswer" },
);
export type PasskeyAnswer = Static<typeof PasskeyAnswer>;

export const Passkey = Type.Object(
	{
		passkeyId: Type.String(),
		isSynced: Type.Boolean({ description: "Kept by its maker's cloud as well." }),
		createdAtUnixSeconds: Seconds("When it was registered."),
		lastUsedAtUnixSeconds: Type.Optional(Seconds("Last sign-in with it.")),
	},
	{ title: "Passkey" },
);
export type Passkey = Static<typeof Passkey>;
export const PasskeyList = Type.Object({ passkeys: Type.Array(Passkey) }, { title: "PasskeyList" });
export type PasskeyList = Static<typeof PasskeyList>;

export const Person = Type.Object(
	{
		personId: PersonId,
		name: Type.String(),
		email: Type.Optional(Type.String()),
		roles: Roles,
		rolesFrom: Type.Union([Type.Literal("registry"), Type.Literal("provider")], {
			description: "provider: set by the identity provider's claim at each sign-in.",
		}),
		isDisabled: Type.Boolean(),
		passkeys: Type.Integer(),
		hasProvider: Type.Boolean({ description: "Signs in through the identity provider." }),
		invitedUntilUnixSeconds: Type.Optional(Seconds("An invitation is open until then.")),
		createdAtUnixSeconds: Seconds("When they were entered."),
		lastSeenAtUnixSeconds: Type.Optional(Seconds("Last request of a session that still runs.")),
	},
	{ title: "Person" },
);
export type Person = Static<typeof Person>;
export const PersonList = Type.Object({ people: Type.Array(Person), ...PageEnd.properties }, { title: "PersonList" });
export type PersonList = Static<typeof PersonList>;

export const PersonRequest = Type.Object(
	{
		name: Text("Name, as colleagues know them.", 80),
		roles: Type.Array(Role, { minItems: 1, maxItems: 5, uniqueItems: true }),
		email: Type.Optional(Email),
		passkey: Type.Optional(Type.Boolean({ description: "Whether a passkey may be registered. Default: true without an email." })),
	},
	{ ...closed, title: "PersonRequest" },
);
export type PersonRequest = Static<typeof PersonRequest>;

export const PersonChange = Type.Object(
	{
		roles: Type.Optional(Roles),
		isDisabled: Type.Optional(Type.Boolean()),
	},
	{ ...closed, title: "PersonChange", description: "What is not named stays. Every session of the person ends." },
);
export type PersonChange = Static<typeof PersonChange>;

export const InvitationRequest = Type.Object(
	{ personId: PersonId },
	{ ...closed, title: "InvitationRequest", description: "Another invitation for somebody, such as after a lost passkey." },
);
export type InvitationRequest = Static<typeof InvitationRequest>;

export const Invitation = Type.Object(
	{
		person: Person,
		address: Type.Optional(
			Type.String({ description: "Opens the registration of a passkey, once. Shown only now: hand it over in person." }),
		),
		expiresAtUnixSeconds: Seconds("Good until then."),
	},
	{ title: "Invitation" },
);
export type Invitation = Static<typeof Invitation>;

export const InvitationCode = Type.Object(
	{ code: Secret("From the invitation's address.") },
	{ ...closed, title: "InvitationCode" },
);
export const OpenInvitation = Type.Object(
	{
		name: Type.String(),
		roles: Roles,
		expiresAtUnixSeconds: Seconds("Good until then."),
		challengeId: ChallengeId,
		options: WebAuthn("For navigator.credentials.create, with bytes as base64url."),
	},
	{ title: "OpenInvitation" },
);
export type OpenInvitation = Static<typeof OpenInvitation>;
export const InvitationAnswer = Type.Object(
	{ code: InvitationCode.properties.code, ...PasskeyAnswer.properties },
	{ ...closed, title: "InvitationAnswer" },
);
export type InvitationAnswer = Static<typeof InvitationAnswer>;
