import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import {
	OwnSession,
	OwnSessionList,
	PasskeyAnswer,
	PasskeyChallenge,
	PasskeyList,
	SessionView,
	SignedOut,
} from "../access/access-request.ts";
import {
	askForNewPasskey,
	askForPasskey,
	checkNewPasskey,
	checkPasskey,
	keepPasskey,
	listPasskeys,
	MOST_PASSKEYS,
} from "../access/passkeys.ts";
import { removePasskey } from "../access/remove-passkey.ts";
import { type CallerSession, ROLES } from "../access/role.ts";
import { closeSession, endOneSession, listSessions, STEP_UP_SECONDS, stepUpSession } from "../access/session.ts";
import { PageQuery } from "../page-request.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";
import { clearSessionCookie, setSessionCookie } from "./session-cookie.ts";
import { type ShowSession, showSecret } from "./show-session.ts";

const Empty = Type.Object({}, { additionalProperties: false });
const allow = ROLES;
const own = { allow, isPersonal: true } as const;

/** One's own session and passkeys: whoever is signed in. */
export function sessionRoutes(
	context: RegistryContext,
	show: ShowSession,
	limit: (request: FastifyRequest) => void,
): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.get(
			"/v1/session",
			{ config: { allow }, schema: described("getSession", "Who asks, and until when", SessionView, {}) },
			async (request) => show(callerOf(request)),
		);
		app.delete(
			"/v1/session",
			{
				config: { allow },
				schema: described("signOut", "End this session, or all of the person's", SignedOut, {
					querystring: Type.Object({ everywhere: Type.Optional(Type.Boolean()) }),
				}),
			},
			async (request, reply) => {
				const { session } = callerOf(request);
				clearSessionCookie(reply);
				if (!session) return { sessions: 0 }; // a token has none
				return { sessions: await closeSession(asCaller(context, request), session, request.query.everywhere ?? false) };
			},
		);
		app.get(
			"/v1/sessions",
			{
				config: own,
				schema: described("listSessions", "One's own sessions that still run, a page at a time", OwnSessionList, {
					querystring: PageQuery,
				}),
			},
			async (request) => listSessions(asCaller(context, request), sessionOf(request), request.query),
		);
		app.delete(
			"/v1/sessions/:id",
			{
				config: own,
				schema: described("endSession", "End one of one's own sessions", SignedOut, {
					params: Type.Object({ id: OwnSession.properties.sessionId }),
				}),
			},
			async (request) => ({
				sessions: await endOneSession(asCaller(context, request), sessionOf(request), request.params.id),
			}),
		);
		app.post(
			"/v1/session/step-up/options",
			{
				config: own,
				schema: described("startStepUp", "Ask the browser for the person's passkey again", PasskeyChallenge, { body: Empty }),
			},
			async (request) => {
				limit(request);
				const session = sessionOf(request);
				return askForPasskey(context, useOf("step-up", session), session.personId);
			},
		);
		app.post(
			"/v1/session/step-up/verify",
			{
				config: own,
				schema: described("finishStepUp", "Allow grave acts for five minutes", SessionView, { body: PasskeyAnswer }),
			},
			async (request, reply) => {
				limit(request);
				const session = sessionOf(request);
				const personId = await checkPasskey(context, useOf("step-up", session), request.body);
				if (personId !== session.personId) {
					throw refusal("SIGN_IN_REFUSED", "This is somebody else's passkey.", "Use your own.");
				}
				const secret = await inTransaction(context, (transaction) => stepUpSession(context, transaction, session));
				setSessionCookie(reply, secret);
				return showSecret(context, show, secret);
			},
		);
		await app.register(ownPasskeyRoutes(context));
	};
}

function ownPasskeyRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		const list = async (personId: string) => ({ passkeys: await listPasskeys(context.database.kysely, personId) });
		app.get(
			"/v1/passkeys",
			{ config: own, schema: described("listPasskeys", `One's own passkeys: at most ${MOST_PASSKEYS}`, PasskeyList, {}) },
			async (request) => list(sessionOf(request).personId),
		);
		app.post(
			"/v1/passkeys/options",
			{
				config: own,
				schema: described("startPasskey", "Ask the browser to make another passkey", PasskeyChallenge, { body: Empty }),
			},
			async (request) => {
				const session = sessionOf(request);
				await requireRecentProof(context, session);
				return askForNewPasskey(context, useOf("passkey", session), session);
			},
		);
		app.post(
			"/v1/passkeys/verify",
			{
				config: own,
				schema: described("finishPasskey", "Keep the passkey that the browser made", PasskeyList, { body: PasskeyAnswer }),
			},
			async (request) => {
				const session = sessionOf(request);
				await requireRecentProof(context, session);
				const passkey = await checkNewPasskey(context, useOf("passkey", session), request.body);
				await inTransaction(context, (transaction) => keepPasskey(context, transaction, session.personId, passkey));
				return list(session.personId);
			},
		);
		app.delete(
			"/v1/passkeys/:id",
			{
				config: { allow, stepUp: true },
				schema: described("removePasskey", "Remove one of one's own passkeys, but not the last", PasskeyList, {
					params: Type.Object({ id: Type.String({ maxLength: 1400, pattern: "^[A-Za-z0-9_-]+$" }) }),
				}),
			},
			async (request) => {
				const { personId } = sessionOf(request);
				await removePasskey(asCaller(context, request), personId, request.params.id);
				return list(personId);
			},
		);
	};
}

/** Whoever has a passkey shows it first; whoever has none has signed in a moment ago. A stolen open screen gains no passkey. */
async function requireRecentProof(context: RegistryContext, session: CallerSession): Promise<void> {
	const hasOne = (await listPasskeys(context.database.kysely, session.personId)).length > 0;
	const provenAt = hasOne ? (session.steppedUpAt ?? 0) : session.signedInAt;
	if (provenAt > nowSeconds(context) - STEP_UP_SECONDS) return;
	throw refusal(
		hasOne ? "STEP_UP_REQUIRED" : "SIGN_IN_REFUSED",
		hasOne ? "This asks for your passkey again." : "You signed in too long ago to register a passkey.",
		hasOne ? "Show your passkey, then do it again." : "Sign in again, then register it within five minutes.",
	);
}

function useOf(purpose: "step-up" | "passkey", { idSha256 }: CallerSession) {
	return { purpose, holder: Buffer.from(idSha256).toString("hex") };
}

function callerOf({ caller }: FastifyRequest) {
	if (caller) return caller;
	throw new Error("a route of requireCaller() without a caller");
}

/** @throws {Refusal} FORBIDDEN for a program. */
function sessionOf(request: FastifyRequest): CallerSession {
	const { session } = callerOf(request);
	if (session) return session;
	throw refusal("FORBIDDEN", "A token is no person.", "Sign in on a page.");
}
