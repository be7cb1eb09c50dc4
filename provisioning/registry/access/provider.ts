/**
 * Sign-in through the lender's identity provider: OpenID Connect's code flow with PKCE, state and nonce, by openid-client. The
 * ID token's signature is checked against the provider's keys, although it came from the provider itself over TLS.
 */
import {
	allowInsecureRequests,
	authorizationCodeGrant,
	buildAuthorizationUrl,
	type Configuration,
	calculatePKCECodeChallenge,
	customFetch,
	discovery,
	enableNonRepudiationChecks,
	randomNonce,
	randomPKCECodeVerifier,
	randomState,
} from "openid-client";

import { createProviderFetch } from "./provider-fetch.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import type { Role } from "./role.ts";

const DEADLINE_SECONDS = 10;
/** Somebody may have signed in at the provider so long ago, a shift and its overtime; longer, and the provider asks again. */
const USUAL_MAX_AGE_SECONDS = 12 * 3600;

/** What the registry keeps while somebody is at the provider. JSON. */
export interface ProviderAttempt {
	readonly state: string;
	readonly nonce: string;
	readonly verifier: string;
}

/** Who the provider says it is. */
export interface ProviderIdentity {
	readonly issuer: string;
	readonly subject: string;
	readonly name: string;
	/** Lower case; only if the provider says that it is verified. */
	readonly email: string | undefined;
	/** From the role claim; `undefined` where none is configured. */
	readonly roles: readonly Role[] | undefined;
}

/** The lender's identity provider. Every call has a deadline. */
export interface Provider {
	/** For people. */
	readonly name: string;
	/** Where to send the browser, and what to keep until it is back. */
	begin(redirectUri: string): Promise<{ url: string; attempt: ProviderAttempt }>;
	/** @param address the whole address that the browser came back to. @throws {Error} for whatever does not fit. */
	finish(address: URL, attempt: ProviderAttempt): Promise<ProviderIdentity>;
}

/** The provider is asked for its metadata at the first sign-in: a registry starts without it. */
export function createProvider(settings: ProviderSettings): Provider {
	const { maxAgeSeconds = USUAL_MAX_AGE_SECONDS } = settings;
	let known: Promise<Configuration> | undefined;
	const configuration = () => {
		known ??= discover(settings).catch((error: unknown) => {
			known = undefined; // asked again next time
			throw error;
		});
		return known;
	};
	return {
		name: settings.name,
		async begin(redirectUri) {
			const attempt = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
			const url = buildAuthorizationUrl(await configuration(), {
				redirect_uri: redirectUri,
				scope: ["openid", "profile", "email", ...(settings.scopes ?? [])].join(" "),
				code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
				code_challenge_method: "S256",
				state: attempt.state,
				nonce: attempt.nonce,
				...(maxAgeSeconds === 0 ? {} : { max_age: String(maxAgeSeconds) }),
			});
			return { url: url.href, attempt };
		},
		async finish(address, { state, nonce, verifier }) {
			const tokens = await authorizationCodeGrant(await configuration(), address, {
				expectedState: state,
				expectedNonce: nonce,
				pkceCodeVerifier: verifier,
				idTokenExpected: true,
				// The ID token must say when (auth_time), and that must not be longer ago.
				...(maxAgeSeconds === 0 ? {} : { maxAge: maxAgeSeconds }),
			});
			const claims = tokens.claims();
			if (!claims) throw new Error("no ID token");
			const { email, email_verified: isVerified, name } = claims;
			return {
				issuer: claims.iss,
				subject: claims.sub,
				name: typeof name === "string" && name.trim() !== "" ? name.trim().slice(0, 80) : claims.sub.slice(0, 80),
				email: typeof email === "string" && isVerified === true ? email.toLowerCase() : undefined,
				roles: rolesOf(settings, claims),
			};
		},
	};
}

function discover({ issuer, clientId, clientSecret, hosts }: ProviderSettings): Promise<Configuration> {
	const isLoopback = new URL(issuer).protocol === "http:"; // no other plain http gets through the settings
	return discovery(new URL(issuer), clientId, clientSecret, undefined, {
		timeout: DEADLINE_SECONDS,
		[customFetch]: createProviderFetch({ issuer, hosts }),
		execute: [enableNonRepudiationChecks, ...(isLoopback ? [allowInsecureRequests] : [])],
	});
}

function rolesOf({ roleClaim, roles }: ProviderSettings, claims: Readonly<Record<string, unknown>>): Role[] | undefined {
	if (roleClaim === undefined || roles === undefined) return undefined;
	const values = [claims[roleClaim]].flat();
	const mapped = Object.entries(roles).flatMap(([value, role]) => (values.includes(value) ? [role] : []));
	return [...new Set(mapped)].sort();
}
