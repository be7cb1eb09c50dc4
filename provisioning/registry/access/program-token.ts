import { timingSafeEqual } from "node:crypto";

import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { Caller } from "./role.ts";
import { hashOfSecret, newSecretId } from "./secret-id.ts";

/** Of fixed lengths, because base64url has the underscore as well. */
const TOKEN = /^hfp_([0-9a-f]{20})_([A-Za-z0-9_-]{43})$/;
/** How exactly the last use is known: enough to find what nobody uses, and a write an hour at most. */
const USED_EVERY_SECONDS = 3600;

/** A new token of a program: the text to hand out once, and what is kept of it. */
export function newProgramToken(programId: string): { token: string; sha256: Uint8Array } {
	const { secret, sha256 } = newSecretId();
	return { token: `hfp_${programId}_${secret}`, sha256 };
}

/** Whether a text has the form of a program's token, right or wrong. */
export function isProgramToken(text: string): boolean {
	return TOKEN.test(text);
}

/**
 * The program whose token this is; `undefined` if there is none, or it is over or revoked. Read from the database each time, so that
 * a revocation counts at once on every registry.
 */
export async function findProgram(context: RegistryContext, token: string): Promise<Caller | undefined> {
	const [, programId, secret] = TOKEN.exec(token) ?? [];
	if (programId === undefined || secret === undefined) return undefined;
	const now = nowSeconds(context);
	const { kysely } = context.database;
	const rows = await kysely
		.selectFrom("programs")
		.innerJoin("program_secrets", "program_secrets.program_id", "programs.program_id")
		.select(["name", "roles", "station", "last_used_at", "sha256", "expires_at"])
		.where("programs.program_id", "=", programId)
		.where("revoked_at", "is", null)
		.where("expires_at", ">", now)
		.execute();
	const given = hashOfSecret(secret);
	// Every one is looked at, so that the time says nothing of which.
	const [row] = rows.filter(({ sha256 }) => timingSafeEqual(sha256, given));
	if (!row) return undefined;
	if (now - (row.last_used_at ?? 0) >= USED_EVERY_SECONDS) {
		await kysely
			.updateTable("programs")
			.set({ last_used_at: now - (now % USED_EVERY_SECONDS) })
			.where("program_id", "=", programId)
			.execute();
	}
	return {
		actor: `program/${programId}`,
		kind: "program",
		roles: new Set(row.roles),
		program: { name: row.name, expiresAt: row.expires_at, ...(row.station === null ? {} : { station: row.station }) },
	};
}
