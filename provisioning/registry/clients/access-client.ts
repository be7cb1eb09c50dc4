/**
 * People, sessions and sign-in over HTTP, for pages and the command line. Exports `createAccessClient(address): AccessClient`.
 * Shapes are those of `access/access-request.ts`. Runs in Node and browsers.
 */
import {
	Invitation,
	type InvitationAnswer,
	OpenInvitation,
	OwnSessionList,
	type PasskeyAnswer,
	PasskeyChallenge,
	PasskeyList,
	Person,
	type PersonChange,
	PersonList,
	type PersonRequest,
	SessionView,
	SignedOut,
	SignInMethods,
} from "../access/access-request.ts";
import { Program, ProgramList, type ProgramRequest, type ProgramRotation, ProgramToken } from "../access/program-request.ts";
import { allRows } from "./all-pages.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** Every method has a deadline. @throws {FaultError} from every method. */
export interface AccessClient {
	/** How people may sign in here. Needs nobody. */
	signInMethods(): Promise<SignInMethods>;
	/**
	 * Who asks. REGISTRY_REFUSED with reason UNAUTHORIZED when nobody is signed in.
	 *
	 * @param options `isPoll`: the page asks by itself; that keeps no session alive.
	 */
	session(options?: { isPoll?: boolean }): Promise<SessionView>;
	/** Ends this session, or every one of the person. */
	signOut(options?: { everywhere?: boolean }): Promise<void>;
	/** All of one's own sessions that still run, the one seen last first. */
	listSessions(): Promise<OwnSessionList["sessions"]>;
	/** Ends one of them. */
	endSession(sessionId: string): Promise<void>;
	startPasskeySignIn(): Promise<PasskeyChallenge>;
	finishPasskeySignIn(answer: PasskeyAnswer): Promise<SessionView>;
	startStepUp(): Promise<PasskeyChallenge>;
	finishStepUp(answer: PasskeyAnswer): Promise<SessionView>;
	openInvitation(code: string): Promise<OpenInvitation>;
	acceptInvitation(answer: InvitationAnswer): Promise<SessionView>;
	listPasskeys(): Promise<PasskeyList["passkeys"]>;
	startPasskey(): Promise<PasskeyChallenge>;
	finishPasskey(answer: PasskeyAnswer): Promise<PasskeyList["passkeys"]>;
	removePasskey(passkeyId: string): Promise<PasskeyList["passkeys"]>;
	/** Everybody by name, those who left last. */
	listPeople(): Promise<PersonList["people"]>;
	/** Enters a person and invites them. */
	addPerson(request: PersonRequest): Promise<Invitation>;
	/** Invites somebody again; the invitation before is void. */
	invite(personId: string): Promise<Invitation>;
	changePerson(personId: string, change: PersonChange): Promise<Person>;
	/** All by name, those that were revoked last. */
	listPrograms(): Promise<ProgramList["programs"]>;
	/** Enters a program. Its token is told once. */
	addProgram(request: ProgramRequest): Promise<ProgramToken>;
	/** Gives a program another token; the one before is good for a while longer. */
	rotateProgram(programId: string, rotation: ProgramRotation): Promise<ProgramToken>;
	/** Ends a program at once. */
	revokeProgram(programId: string): Promise<Program>;
}

export function createAccessClient(address: RegistryAddress): AccessClient {
	const reader = createRegistryCaller(address);
	// A challenge is good once and an invitation is another one each time: what got no answer is not sent again by itself.
	const writer = createRegistryCaller({ ...address, attempts: 1 });
	return {
		signInMethods: () => reader.json({ method: "GET", path: "/v1/sign-in/methods", answer: SignInMethods }),
		session: ({ isPoll = false } = {}) => reader.json({ method: "GET", path: "/v1/session", answer: SessionView, isPoll }),
		async signOut({ everywhere = false } = {}) {
			await writer.json({ method: "DELETE", path: `/v1/session?everywhere=${everywhere}`, answer: SignedOut });
		},
		listSessions: async () =>
			(
				await allRows(
					(query) => reader.json({ method: "GET", path: `/v1/sessions?${query}`, answer: OwnSessionList }),
					({ sessions }) => sessions,
				)
			).sort((one, other) => other.lastSeenAtUnixSeconds - one.lastSeenAtUnixSeconds),
		async endSession(sessionId) {
			await writer.json({ method: "DELETE", path: `/v1/sessions/${encodeURIComponent(sessionId)}`, answer: SignedOut });
		},
		startPasskeySignIn: () =>
			writer.json({ method: "POST", path: "/v1/session/passkey/options", json: {}, answer: PasskeyChallenge }),
		finishPasskeySignIn: (answer) =>
			writer.json({ method: "POST", path: "/v1/session/passkey/verify", json: answer, answer: SessionView }),
		startStepUp: () => writer.json({ method: "POST", path: "/v1/session/step-up/options", json: {}, answer: PasskeyChallenge }),
		finishStepUp: (answer) =>
			writer.json({ method: "POST", path: "/v1/session/step-up/verify", json: answer, answer: SessionView }),
		openInvitation: (code) =>
			writer.json({ method: "POST", path: "/v1/invitations/open", json: { code }, answer: OpenInvitation }),
		acceptInvitation: (answer) =>
			writer.json({ method: "POST", path: "/v1/invitations/accept", json: answer, answer: SessionView }),
		listPasskeys: async () => (await reader.json({ method: "GET", path: "/v1/passkeys", answer: PasskeyList })).passkeys,
		startPasskey: () => writer.json({ method: "POST", path: "/v1/passkeys/options", json: {}, answer: PasskeyChallenge }),
		finishPasskey: async (answer) =>
			(await writer.json({ method: "POST", path: "/v1/passkeys/verify", json: answer, answer: PasskeyList })).passkeys,
		removePasskey: async (passkeyId) =>
			(
				await writer.json({
					method: "DELETE",
					path: `/v1/passkeys/${encodeURIComponent(passkeyId)}`,
					answer: PasskeyList,
				})
			).passkeys,
		listPeople: () =>
			allRows(
				(query) => reader.json({ method: "GET", path: `/v1/people?${query}`, answer: PersonList }),
				({ people }) => people,
			),
		addPerson: (request) => writer.json({ method: "POST", path: "/v1/people", json: request, answer: Invitation }),
		invite: (personId) => writer.json({ method: "POST", path: "/v1/invitations", json: { personId }, answer: Invitation }),
		changePerson: (personId, change) =>
			writer.json({ method: "PATCH", path: `/v1/people/${encodeURIComponent(personId)}`, json: change, answer: Person }),
		listPrograms: () =>
			allRows(
				(query) => reader.json({ method: "GET", path: `/v1/programs?${query}`, answer: ProgramList }),
				({ programs }) => programs,
			),
		addProgram: (request) => writer.json({ method: "POST", path: "/v1/programs", json: request, answer: ProgramToken }),
		rotateProgram: (programId, rotation) =>
			writer.json({
				method: "POST",
				path: `/v1/programs/${encodeURIComponent(programId)}/rotate`,
				json: rotation,
				answer: ProgramToken,
			}),
		revokeProgram: (programId) =>
			writer.json({ method: "POST", path: `/v1/programs/${encodeURIComponent(programId)}/revoke`, json: {}, answer: Program }),
	};
}
