import { sql } from "kysely";

import { Refusal, refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";

/** Whoever spreads the load asks every few seconds: an answer that is late is none. */
const DEADLINE_MS = 2000;

/**
 * Whether a request would be answered now. Not whether the process should be started again: `/healthz` says that.
 *
 * @throws {Refusal} UNAVAILABLE: this server is about to stop, has no key to sign replies with, or its database does not answer in time.
 */
export async function requireReady(context: Pick<RegistryContext, "database" | "keys" | "isDraining">): Promise<void> {
	if (context.isDraining?.())
		throw new Refusal("UNAVAILABLE", { detail: "This server is about to stop.", next: "Ask another one.", isUsual: true });
	if (!context.keys.signer("heartbeat")) {
		throw refusal("UNAVAILABLE", "This server has no key to sign replies with.", "Put the key folder back, then start it again.");
	}
	// Phones are answered with it: without it this one is of no use, and another may have its token.
	if (context.keys.unavailable?.().includes("heartbeat"))
		throw refusal("UNAVAILABLE", "The heartbeat key cannot be used just now.", "Look after its token.");
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(
			() => reject(refusal("UNAVAILABLE", "The database does not answer in time.", "Try again in a minute.")),
			DEADLINE_MS,
		);
	});
	try {
		await Promise.race([sql`SELECT 1`.execute(context.database.kysely), late]);
	} finally {
		clearTimeout(timer);
	}
}
