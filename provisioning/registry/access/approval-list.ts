import { type RawBuilder, sql } from "kysely";
import { pagedList } from "../cursor.ts";
import type { ApprovalsTable } from "../database/access-schema.ts";
import { refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { Approval, ApprovalList, ApprovalQuery } from "./approval-request.ts";
import { whyNotSecond } from "./approvals.ts";

const APPROVALS = pagedList("approvals", ["number", "string"]);

/** What was asked lately, newest first, a page at a time; `open`: only what still waits for somebody. */
export async function listApprovals(context: RegistryContext, { open = false, ...page }: ApprovalQuery): Promise<ApprovalList> {
	const waiting = open ? sql`state IN ('asked', 'approved') AND expires_at > ${nowSeconds(context)}::bigint` : sql`true`;
	const { rows, end } = await APPROVALS.read(
		page,
		(before, count) =>
			readApprovals(
				context,
				before ? sql`${waiting} AND (asked_at, approval_id) < (${before[0]}::bigint, ${before[1]})` : waiting,
				count,
			),
		({ askedAtUnixSeconds, approvalId }) => [askedAtUnixSeconds, approvalId],
	);
	return { approvals: [...rows], ...end };
}

/** @throws {Refusal} NOT_FOUND. */
export async function getApproval(context: RegistryContext, approvalId: string): Promise<Approval> {
	const [approval] = await readApprovals(context, sql`approval_id = ${approvalId}`, 1);
	if (approval) return approval;
	throw refusal("NOT_FOUND", "There is no such approval.", "See GET /v1/approvals.");
}

async function readApprovals(context: RegistryContext, condition: RawBuilder<unknown>, count: number): Promise<Approval[]> {
	const now = nowSeconds(context);
	const { kysely } = context.database;
	const { rows } = await sql<ApprovalsTable & { asker: string; decider: string | null }>`
		SELECT approvals.*, asker.name AS asker, decider.name AS decider
		FROM approvals JOIN people AS asker ON asker.person_id = asked_by
			LEFT JOIN people AS decider ON decider.person_id = decided_by
		WHERE ${condition} ORDER BY asked_at DESC, approval_id DESC LIMIT ${count}::int`.execute(kysely);
	const [, readerId = ""] = /^person\/(.+)$/.exec(context.actor) ?? [];
	const reader = await kysely.selectFrom("people").selectAll().where("person_id", "=", readerId).executeTakeFirst();
	return rows.map((row) => {
		const isOver = row.expires_at <= now && (row.state === "asked" || row.state === "approved");
		const state = isOver ? "expired" : row.state;
		const asked = { askedBy: row.asked_by, kind: row.kind };
		return {
			approvalId: row.approval_id,
			kind: row.kind,
			subject: row.subject,
			request: JSON.parse(row.request),
			requestSha256: Buffer.from(row.request_sha256).toString("hex"),
			reason: row.reason,
			state,
			askedBy: { personId: row.asked_by, name: row.asker },
			askedAtUnixSeconds: row.asked_at,
			expiresAtUnixSeconds: row.expires_at,
			...(row.decided_by === null ? {} : { decidedBy: { personId: row.decided_by, name: row.decider ?? "" } }),
			...(row.decided_at === null ? {} : { decidedAtUnixSeconds: row.decided_at }),
			...(row.note === null ? {} : { note: row.note }),
			...(row.done_at === null ? {} : { doneAtUnixSeconds: row.done_at }),
			mayDecide: state === "asked" && reader !== undefined && whyNotSecond(reader, asked) === undefined,
		};
	});
}
