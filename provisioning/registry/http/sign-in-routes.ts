import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import {
	InvitationAnswer,
	InvitationCode,
	OpenInvitation,
	PasskeyAnswer,
	PasskeyChallenge,
	SessionView,
	SignInMethods,
} from "../access/access-request.ts";
import { acceptInvitation, openInvitation } from "../access/invitations.ts";
import { requireOwnPage } from "../access/own-page.ts";
import { askForPasskey, checkPasskey } from "../access/passkeys.ts";
import type { Provider } from "../access/provider.ts";
import { openSession } from "../access/session.ts";
import { siteOf } from "../access/site.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, type RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { networkOf } from "./network-of.ts";
import { createRateLimit } from "./rate-limit.ts";
import { readCookie, SESSION_COOKIE, setSessionCookie } from "./session-cookie.ts";
import { type ShowSession, showSecret } from "./show-session.ts";

/** Enough for an office behind one address. There is nothing to guess here; this only bounds what somebody can make us work. */
const BURST = 30;
const PER_MINUTE = 60;

export interface SignInOptions {
	readonly provider: Provider | undefined;
	readonly show: ShowSession;
}

/**
 * A limit on sign-ins for each address. By address and never by person: nobody is locked out by what somebody else tries, and
 * whoever shares an attacker's address waits a second for the next attempt.
 *
 * @throws {Refusal} RATE_LIMITED, from what it returns.
 */
export function createSignInLimit({ monotonicMs }: RegistryContext): (request: FastifyRequest) => void {
	const mayTry = createRateLimit({ burst: BURST, perMinute: PER_MINUTE, nowMs: monotonicMs });
	return ({ ip }) => {
		const network = networkOf(ip);
		if (mayTry(network)) return;
		const retryAfterSeconds = String(mayTry.secondsToWait(network));
		throw refusal("RATE_LIMITED", "Too many attempts to sign in at once.", "Wait a minute.", { retryAfterSeconds });
	};
}

const Empty = Type.Object({}, { additionalProperties: false });
const SIGN_IN = { purpose: "sign-in", holder: "" } as const;

/** Signing in, and taking up an invitation: what nobody has to be signed in for. Each only from our own page. */
export function signInRoutes(
	context: RegistryContext,
	{ provider, show }: SignInOptions,
	limit: (request: FastifyRequest) => void,
): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.get(
			"/v1/sign-in/methods",
			{ schema: described("signInMethods", "How people may sign in here", SignInMethods, {}) },
			async () => {
				const { origin, passkeyName, isSecure } = siteOf(context.publicUrl());
				return {
					origin,
					passkey: passkeyName !== undefined,
					...(provider && isSecure ? { oidc: { name: provider.name } } : {}),
				};
			},
		);
		await app.register(async (own) => {
			// Before the body is read.
			own.addHook("onRequest", async (request) => {
				requireOwnPage(request, siteOf(context.publicUrl()));
				limit(request);
			});
			await own.register(passkeyRoutes(context, show));
		});
	};
}

function passkeyRoutes(context: RegistryContext, show: ShowSession): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.post(
			"/v1/session/passkey/options",
			{ schema: described("startPasskeySignIn", "Ask the browser for a passkey", PasskeyChallenge, { body: Empty }) },
			async () => askForPasskey(context, SIGN_IN),
		);
		app.post(
			"/v1/session/passkey/verify",
			{
				schema: described("finishPasskeySignIn", "Sign in with what the browser answered", SessionView, {
					body: PasskeyAnswer,
				}),
			},
			async (request, reply) => {
				const personId = await checkPasskey(context, SIGN_IN, request.body);
				const replaces = readCookie(request, SESSION_COOKIE);
				const secret = await inTransaction(context, (transaction) =>
					openSession(context, transaction, { personId, method: "passkey", replaces }),
				);
				setSessionCookie(reply, secret);
				return showSecret(context, show, secret);
			},
		);
		app.post(
			"/v1/invitations/open",
			{ schema: described("openInvitation", "Whom an invitation is for", OpenInvitation, { body: InvitationCode }) },
			async (request) => openInvitation(context, request.body.code),
		);
		app.post(
			"/v1/invitations/accept",
			{
				schema: described("acceptInvitation", "Register a passkey by an invitation, and sign in", SessionView, {
					body: InvitationAnswer,
				}),
			},
			async (request, reply) => {
				const { secret } = await acceptInvitation(context, request.body, readCookie(request, SESSION_COOKIE));
				setSessionCookie(reply, secret);
				return showSecret(context, show, secret);
			},
		);
	};
}
