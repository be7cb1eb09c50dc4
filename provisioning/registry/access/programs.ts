/**
 * Programs that ask the registry: stations, loan systems, scripts. Each has roles of its own and a token that ends. No program is an
 * administrator, none does what asks for a passkey, and none takes part in an act of two people: `http/route-access.ts`.
 */
import { sql, type Transaction } from "kysely";

import { appendAudit } from "../audit-log.ts";
import type { ProgramsTable } from "../database/access-schema.ts";
import type { Connection } from "../database/database.ts";
import type { Tables } from "../database/schema.ts";
import {
	OVERLAP_HOURS,
	PROGRAM_DAYS,
	type Program,
	type ProgramRequest,
	type ProgramRole,
	type ProgramRotation,
	type ProgramToken,
} from "../program-request.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { newProgramToken } from "./program-token.ts";
import { newPublicId } from "./secret-id.ts";

const DAY = 24 * 3600;
const HOUR = 3600;

/** All by name, those that were revoked last. */
export async function listPrograms(context: RegistryContext): Promise<Program[]> {
	return readPrograms(context.database.kysely, nowSeconds(context));
}

/** Enters a program. @returns its token, which is shown once. */
export async function addProgram(context: RegistryContext, request: ProgramRequest): Promise<ProgramToken> {
	const { name, roles, station, days = PROGRAM_DAYS.usual } = request;
	const programId = newPublicId();
	return inTransaction(context, async (transaction) => {
		const now = nowSeconds(context);
		await transaction
			.insertInto("programs")
			.values({
				program_id: programId,
				name,
				roles: [...roles],
				station: station ?? null,
				created_by: context.actor,
				created_at: now,
				last_used_at: null,
				revoked_at: null,
			})
			.execute();
		const token = await putToken(transaction, { programId, entry: 1, now, days });
		await audit(context, transaction, programId, "program.added", {
			name,
			roles: roles.join(" "),
			days,
			...(station === undefined ? {} : { station }),
		});
		return { program: await getProgram(context, transaction, programId), token };
	});
}

/**
 * Gives a program another token. The one before is good for a while longer, so that it can be put in its place without a pause;
 * any older one ends now: never more than two are good.
 *
 * @returns the new token, which is shown once.
 * @throws {Refusal} NOT_FOUND, CONFLICT (revoked).
 */
export async function rotateProgram(
	context: RegistryContext,
	programId: string,
	{ days = PROGRAM_DAYS.usual, overlapHours = OVERLAP_HOURS.usual }: ProgramRotation,
): Promise<ProgramToken> {
	return inTransaction(context, async (transaction) => {
		const now = nowSeconds(context);
		const program = await lockProgram(transaction, programId);
		if (program.revoked_at !== null) throw refusal("CONFLICT", "This program was revoked.", "Add it anew.");
		const [newest] = await transaction
			.selectFrom("program_secrets")
			.select(["entry", "expires_at"])
			.where("program_id", "=", programId)
			.orderBy("entry", "desc")
			.limit(1)
			.execute();
		let older = transaction.deleteFrom("program_secrets").where("program_id", "=", programId);
		if (newest && overlapHours > 0) {
			older = older.where("entry", "<>", newest.entry);
			await transaction
				.updateTable("program_secrets")
				.set({ expires_at: Math.min(newest.expires_at, now + overlapHours * HOUR) })
				.where("program_id", "=", programId)
				.where("entry", "=", newest.entry)
				.execute();
		}
		await older.execute();
		const token = await putToken(transaction, { programId, entry: (newest?.entry ?? 0) + 1, now, days });
		await audit(context, transaction, programId, "program.rotated", { days, overlapHours });
		return { program: await getProgram(context, transaction, programId), token };
	});
}

/** Ends a program: its next request is refused, on every registry. Once more is harmless. @throws {Refusal} NOT_FOUND. */
export async function revokeProgram(context: RegistryContext, programId: string): Promise<Program> {
	return inTransaction(context, async (transaction) => {
		const { revoked_at } = await lockProgram(transaction, programId);
		if (revoked_at === null) {
			await transaction
				.updateTable("programs")
				.set({ revoked_at: nowSeconds(context) })
				.where("program_id", "=", programId)
				.execute();
			await audit(context, transaction, programId, "program.revoked", {});
		}
		return getProgram(context, transaction, programId);
	});
}

async function putToken(
	transaction: Transaction<Tables>,
	{ programId, entry, now, days }: { programId: string; entry: number; now: number; days: number },
): Promise<string> {
	const { token, sha256 } = newProgramToken(programId);
	await transaction
		.insertInto("program_secrets")
		.values({ program_id: programId, entry, sha256, created_at: now, expires_at: now + days * DAY })
		.execute();
	return token;
}

async function lockProgram(transaction: Transaction<Tables>, programId: string): Promise<ProgramsTable> {
	const program = await transaction
		.selectFrom("programs")
		.selectAll()
		.where("program_id", "=", programId)
		.forUpdate()
		.executeTakeFirst();
	if (program) return program;
	throw unknownProgram();
}

async function getProgram(context: RegistryContext, connection: Connection, programId: string): Promise<Program> {
	const [program] = await readPrograms(connection, nowSeconds(context), programId);
	if (program) return program;
	throw unknownProgram();
}

async function readPrograms(connection: Connection, now: number, programId?: string): Promise<Program[]> {
	const { rows } = await sql<{
		program_id: string;
		name: string;
		roles: ProgramRole[];
		station: string | null;
		created_by: string;
		created_at: number;
		last_used_at: number | null;
		revoked_at: number | null;
		expires_at: number;
		earlier_until: number | null;
	}>`SELECT program.*, newest.expires_at,
			(SELECT max(earlier.expires_at) FROM program_secrets AS earlier WHERE earlier.program_id = program.program_id
				AND earlier.entry < newest.entry AND earlier.expires_at > ${now}) AS earlier_until
		FROM programs AS program CROSS JOIN LATERAL (SELECT entry, expires_at FROM program_secrets AS secret
			WHERE secret.program_id = program.program_id ORDER BY entry DESC LIMIT 1) AS newest
		WHERE ${programId ?? null}::text IS NULL OR program_id = ${programId ?? null}
		ORDER BY revoked_at IS NOT NULL, name, program_id`.execute(connection);
	return rows.map((row) => ({
		programId: row.program_id,
		name: row.name,
		roles: row.roles,
		...(row.station === null ? {} : { station: row.station }),
		createdBy: row.created_by,
		createdAtUnixSeconds: row.created_at,
		expiresAtUnixSeconds: row.expires_at,
		...(row.earlier_until === null || row.revoked_at !== null ? {} : { earlierTokenUntilUnixSeconds: row.earlier_until }),
		...(row.last_used_at === null ? {} : { lastUsedAtUnixSeconds: row.last_used_at }),
		...(row.revoked_at === null ? {} : { revokedAtUnixSeconds: row.revoked_at }),
	}));
}

async function audit(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	programId: string,
	action: string,
	details: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
	const subject = `program/${programId}`;
	await appendAudit(transaction, { subject, at: nowSeconds(context), actor: context.actor, action, details });
}

function unknownProgram(): Refusal {
	return refusal("NOT_FOUND", "There is no such program.", "See GET /v1/programs.");
}
