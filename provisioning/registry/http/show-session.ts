import type { SessionView } from "../access/access-request.ts";
import type { Caller, Role } from "../access/role.ts";
import { findSession, IDLE_SECONDS, STEP_UP_SECONDS } from "../access/session.ts";
import { refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";

/** Who asks, as pages are told. */
export type ShowSession = (caller: Caller) => Promise<SessionView>;

/** @param pagesFor names of the built pages that somebody with these roles may use. */
export function createShowSession(
	context: RegistryContext,
	pagesFor: (roles: ReadonlySet<Role>) => readonly string[],
): ShowSession {
	return async ({ actor, kind, roles, session, program }) => {
		const view = { actor, kind, roles: [...roles], pages: [...pagesFor(roles)] };
		if (program) return { ...view, name: program.name, expiresAtUnixSeconds: program.expiresAt };
		if (!session) return view;
		const { personId, name, lastSeenAt, expiresAt, steppedUpAt } = session;
		const passkey = await context.database.kysely
			.selectFrom("passkeys")
			.select("credential_id")
			.where("person_id", "=", personId)
			.limit(1)
			.executeTakeFirst();
		return {
			...view,
			personId,
			name,
			hasPasskey: passkey !== undefined,
			expiresAtUnixSeconds: expiresAt,
			idleEndsAtUnixSeconds: Math.min(expiresAt, lastSeenAt + IDLE_SECONDS),
			...(steppedUpAt === undefined ? {} : { stepUpEndsAtUnixSeconds: steppedUpAt + STEP_UP_SECONDS }),
		};
	};
}

/** The session that has just been opened under this secret id. */
export async function showSecret(context: RegistryContext, show: ShowSession, secret: string): Promise<SessionView> {
	const caller = await findSession(context, secret, true);
	if (caller) return show(caller);
	throw refusal("SIGN_IN_REFUSED", "The person was disabled a moment ago.", "Ask an administrator.");
}
