/**
 * Programs that ask the registry: stations, loan systems, scripts. Each has roles of its own and a token that ends. No program is an
 * administrator, none does what asks for a passkey, and none takes part in an act of two people: `http/route-access.ts`.
 */
import { type RawBuilder, sql, type Transaction } from "kysely";

import { appendAudit } from "../audit-log.ts";
import { pagedList } from "../cursor.ts";
import type { ProgramsTable } from "../database/access-schema.ts";
import type { Connection } from "../database/database.ts";
import type { Tables } from "../database/schema.ts";
import type { PageQuery } from "../page-request.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import {
	OVERLAP_HOURS,
	PROGRAM_DAYS,
	type Program,
	type ProgramList,
	type ProgramRequest,
	type ProgramRole,
	type ProgramRotation,
	type ProgramToken,
} from "./program-request.ts";
import { newProgramToken } from "./program-token.ts";
import { newPublicId } from "./secret-id.ts";

const DAY = 24 * 3600;
const HOUR = 3600;

/** A cursor has bounds, and a name may be long: beyond them the id decides. */
const SORT_NAME = sql`left(program.name, 80)`;
const PROGRAMS = pagedList("programs", ["number", "string", "string"]);

/** All by name, those that were revoked last, a page at a time. */
export async function listPrograms(context: RegistryContext, query: PageQuery): Promise<ProgramList> {
	const { rows, end } = await PROGRAMS.read(
		query,
		(place, count) => {
			const after = place
				? sql`((revoked_at IS NOT NULL)::int, ${SORT_NAME}, program_id) > (${place[0]}::bigint, ${place[1]}, ${place[2]})`
				: sql`true`;
			return readPrograms(context.database.kysely, nowSeconds(context), after, count);
		},
		({ program_id, sort_name, revoked_at }) => [revoked_at === null ? 0 : 1, sort_name, program_id],
	);
	return { programs: rows.map(programJson), ...end };
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
	const [program] = await readPrograms(connection, nowSeconds(context), sql`program_id = ${programId}`, 1);
	if (program) return programJson(program);
	throw unknownProgram();
}

interface ProgramRow {
	readonly program_id: string;
	readonly name: string;
	readonly sort_name: string;
	readonly roles: ProgramRole[];
	readonly station: string | null;
	readonly created_by: string;
	readonly created_at: number;
	readonly last_used_at: number | null;
	readonly revoked_at: number | null;
	readonly expires_at: number;
	readonly earlier_until: number | null;
}

async function readPrograms(
	connection: Connection,
	now: number,
	condition: RawBuilder<unknown>,
	count: number,
): Promise<ProgramRow[]> {
	const { rows } = await sql<ProgramRow>`SELECT program.*, ${SORT_NAME} AS sort_name, newest.expires_at,
			(SELECT max(earlier.expires_at) FROM program_secrets AS earlier WHERE earlier.program_id = program.program_id
				AND earlier.entry < newest.entry AND earlier.expires_at > ${now}) AS earlier_until
		FROM programs AS program CROSS JOIN LATERAL (SELECT entry, expires_at FROM program_secrets AS secret
			WHERE secret.program_id = program.program_id ORDER BY entry DESC LIMIT 1) AS newest
		WHERE ${condition} ORDER BY (revoked_at IS NOT NULL)::int, ${SORT_NAME}, program_id LIMIT ${count}::int`.execute(connection);
	return rows;
}

function programJson(row: ProgramRow): Program {
	return {
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
	};
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
