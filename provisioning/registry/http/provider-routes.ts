import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { Check } from "typebox/value";

import { keepChallenge, takeChallenge } from "../access/challenge.ts";
import { requireOwnHost, requireOwnPage } from "../access/own-page.ts";
import type { Provider } from "../access/provider.ts";
import { signInByProvider } from "../access/provider-person.ts";
import { siteOf } from "../access/site.ts";
import { Problem } from "../api.ts";
import { Refusal, refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";
import {
	clearProviderCookie,
	PROVIDER_COOKIE,
	readCookie,
	SESSION_COOKIE,
	setProviderCookie,
	setSessionCookie,
} from "./session-cookie.ts";

const CALLBACK = "/v1/session/oidc/callback";
const USE = { purpose: "provider", holder: "" } as const;
const Attempt = Type.Object({ state: Type.String(), nonce: Type.String(), verifier: Type.String() });

const redirects = (operationId: string, summary: string) => ({
	operationId,
	summary,
	response: { 303: Type.Null({ description: "On to the next page." }), default: Problem },
});

/**
 * Sign-in through the identity provider, as two addresses that a browser is sent to. Where the person wanted to go is the
 * sign-in page's affair and never passes through here, so that nobody can be sent elsewhere.
 */
export function providerRoutes(
	context: RegistryContext,
	provider: Provider | undefined,
	limit: (request: FastifyRequest) => void,
): FastifyPluginAsyncTypebox {
	return async (app) => {
		const requireProvider = () => {
			if (provider) return provider;
			throw refusal("NOT_FOUND", "No identity provider is configured.", "Sign in with a passkey.");
		};
		app.get(
			"/v1/session/oidc/start",
			{ schema: redirects("startProviderSignIn", "To the identity provider") },
			async (request, reply) => {
				const site = siteOf(context.publicUrl());
				requireOwnPage(request, site); // nobody is signed in by a link on another site
				limit(request);
				const at = requireProvider();
				const begun = await at.begin(`${site.origin}${CALLBACK}`).catch((error: unknown) => {
					request.log.warn({ reason: reasonOf(error) }, "the identity provider does not answer");
				});
				if (!begun) return reply.redirect("/sign-in/#problem=PROVIDER_SILENT", 303);
				setProviderCookie(reply, await keepChallenge(context, USE, JSON.stringify(begun.attempt)));
				return reply.redirect(begun.url, 303);
			},
		);
		app.get(
			CALLBACK,
			{ schema: redirects("finishProviderSignIn", "Back from the identity provider") },
			async (request, reply) => {
				const site = siteOf(context.publicUrl());
				requireOwnHost(request, site);
				limit(request);
				const at = requireProvider();
				clearProviderCookie(reply);
				const attempt = await takeAttempt(context, readCookie(request, PROVIDER_COOKIE));
				if (!attempt) return reply.redirect("/sign-in/#problem=TOO_LATE", 303);
				try {
					const identity = await at.finish(new URL(request.url, site.origin), attempt);
					setSessionCookie(reply, await signInByProvider(context, identity, readCookie(request, SESSION_COOKIE)));
					return reply.redirect("/sign-in/#signed-in", 303);
				} catch (error) {
					const code = error instanceof Refusal ? error.code : "PROVIDER_REFUSED";
					request.log.warn({ code, reason: reasonOf(error) }, "no sign-in through the identity provider");
					return reply.redirect(`/sign-in/#problem=${code}`, 303);
				}
			},
		);
	};
}

async function takeAttempt(context: RegistryContext, secret: string | undefined) {
	const kept = secret === undefined ? undefined : await takeChallenge(context, USE, secret);
	const attempt: unknown = kept === undefined ? undefined : JSON.parse(kept);
	return Check(Attempt, attempt) ? attempt : undefined;
}

/** The library's code, never its message: that may quote what the provider sent. */
function reasonOf(error: unknown): string {
	const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
	return typeof code === "string" ? code : error instanceof Error ? error.name : "unknown";
}
