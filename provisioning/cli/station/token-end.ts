import { createAccessClient } from "../../registry/clients/access-client.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import type { CommandContext } from "../context.ts";

const SOON_DAYS = 14;
const DAY_MS = 24 * 3600 * 1000;
const DEADLINE_MS = 3000;

/**
 * Says it when the station's token ends soon, while there is time for another. A registry that does not answer says nothing: a
 * station also begins without it.
 */
export async function noteTokenEnd({ output, clock, signal }: CommandContext, registry: RegistryAddress): Promise<void> {
	if (registry.adminToken?.startsWith("hfp_") !== true) return;
	const client = createAccessClient({ ...registry, attempts: 1, deadlineMs: DEADLINE_MS, signal });
	const session = await client.session().catch(() => undefined);
	if (session?.expiresAtUnixSeconds === undefined) return;
	const days = Math.floor((session.expiresAtUnixSeconds * 1000 - clock.nowMs()) / DAY_MS);
	if (days > SOON_DAYS) return;
	const [, id = "ID"] = /^program\/(.+)$/.exec(session.actor) ?? [];
	output.note(
		`This station's token ends in ${Math.max(0, days)} days. Make another, on the server: holdfast account program rotate ${id} --to FILE.`,
	);
}
