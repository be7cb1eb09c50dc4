import type { FastifyInstance, FastifyRequest } from "fastify";

import type { Caller, Role } from "../access/role.ts";
import { isSteppedUp } from "../access/session.ts";
import { refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { giveTurns } from "./caller-turns.ts";

declare module "fastify" {
	interface FastifyContextConfig {
		/** Roles that may use the route; `admin` always may. */
		readonly allow?: readonly Role[];
		/** A grave act: a person shows their passkey for it, at most five minutes before. */
		readonly stepUp?: boolean;
		/** One's own passkeys, and either half of what takes two people: for no program, as no grave act is. */
		readonly isPersonal?: boolean;
	}
	interface FastifyRequest {
		/** Who asks; `null` on routes that anybody may use. */
		caller: Caller | null;
	}
}

/**
 * Lets only known callers with a fitting role into the routes of this plugin. A route that does not say whom it allows stops
 * the server from starting: none is open by being forgotten.
 *
 * @param identify who asks, from headers alone; `undefined` = nobody known. See `identify.ts`.
 */
export function requireCaller(
	app: FastifyInstance,
	context: Pick<RegistryContext, "clock">,
	identify: (request: FastifyRequest) => Promise<Caller | undefined> | Caller | undefined,
): void {
	app.addHook("onRoute", (route) => {
		if (route.config?.allow === undefined) throw new Error(`${route.url} does not say which roles it allows`);
		route.schema = { ...route.schema, security: [{ adminToken: [] }, { programToken: [] }, { session: [] }] };
	});
	const takeTurn = giveTurns(app);
	// Before the body is read: nobody makes us parse what they may not send.
	app.addHook("onRequest", async (request, reply) => {
		const caller = await identify(request);
		if (!caller) {
			throw refusal(
				"UNAUTHORIZED",
				"Nobody is signed in, or the token is wrong, over or revoked.",
				"Sign in again. Programs send their token as Bearer: holdfast account program add or rotate makes one.",
			);
		}
		request.caller = caller; // known from here on, so that a refusal is logged with who asked
		const { allow = [], stepUp = false, isPersonal = false } = request.routeOptions.config;
		if (!caller.roles.has("admin") && !allow.some((role) => caller.roles.has(role))) {
			throw refusal("FORBIDDEN", "Your role may not do this.", `It takes one of these roles: ${["admin", ...allow].join(", ")}.`);
		}
		// Before the passkey: a program has none to show, and is nobody's second person.
		if (caller.kind === "program" && (stepUp || isPersonal)) {
			throw refusal("FORBIDDEN", "This takes a person, and a program is none.", "Have somebody do it who signs in on a page.");
		}
		if (stepUp && !isSteppedUp(caller, nowSeconds(context))) {
			throw refusal("STEP_UP_REQUIRED", "This asks for your passkey again.", "Show your passkey, then do it again.");
		}
		if (caller.kind !== "token") await takeTurn(request, reply, caller.actor);
	});
}

/** The context with the name of whoever asks, for the audit log. */
export function asCaller(context: RegistryContext, { caller }: FastifyRequest): RegistryContext {
	return caller === null ? context : { ...context, actor: caller.actor };
}

/**
 * As which station somebody asks. Whoever's token belongs to one asks as that one, whatever they say.
 *
 * @param named by the request.
 * @throws {Refusal} FORBIDDEN for another station than the token's own.
 */
export function asStation({ caller }: FastifyRequest, named: string | undefined): string | undefined {
	const own = caller?.program?.station;
	if (own === undefined || named === undefined || named === own) return own ?? named;
	throw refusal(
		"FORBIDDEN",
		`This token belongs to station ${own}, not to ${named}.`,
		`Work as --station ${own}, or give ${named} a token of its own: holdfast account program add.`,
		{ station: own },
	);
}
