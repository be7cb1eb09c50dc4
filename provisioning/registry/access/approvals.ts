/**
 * Two people for one act. To demand it:
 *
 * 1. Add the act to `APPROVAL_KINDS` in `approval-kinds.ts`: who may ask, which role approves, the request's schema.
 * 2. Do the act through `withApproval`:
 *
 *    const order = await withApproval(
 *        asCaller(context, request),                                       // the first person
 *        { kind: "fleet.restrict", subject: contractId, request: body },   // the exact act
 *        (transaction, { approvedBy }) => restrict(transaction, body, approvedBy),
 *    );
 *
 * Until a second person has approved exactly this (same person, kind, subject and canonical JSON), `withApproval` refuses with
 * APPROVAL_REQUIRED, whose `details` say `state` (`none` or `asked`), `kind`, `subject`, `requestSha256` and, once asked,
 * `approvalId`. The page then posts the same four to `/v1/approvals` with a reason; the second person approves there; the
 * first sends the act again, unchanged. It runs once, in the same transaction that marks the approval done: when it throws,
 * nothing happened and the approval still stands. Everything is void 24 h after it was asked.
 *
 * Nobody approves their own. Nobody approves for the person who invited them or gave them their roles, so that nobody makes
 * their own second one. Neither a program nor the admin token is a person: they can neither ask nor approve.
 */
import type { Transaction } from "kysely";
import { Check } from "typebox/value";
import { appendAudit } from "../audit-log.ts";
import type { ApprovalsTable } from "../database/access-schema.ts";
import type { Connection } from "../database/database.ts";
import type { Tables } from "../database/schema.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { type ApprovalKind, isApprovalKind, kindOf } from "./approval-kinds.ts";
import type { ApprovalRequest } from "./approval-request.ts";
import { hashOfRequest } from "./canonical-json.ts";
import { newPublicId } from "./secret-id.ts";

const APPROVAL_SECONDS = 24 * 3600;

/** The exact act that takes two people. */
export interface GraveAct {
	readonly kind: ApprovalKind;
	/** What it is about, such as a contract. */
	readonly subject: string;
	/** JSON: what is approved is this and nothing else. */
	readonly request: Readonly<Record<string, unknown>>;
}

/** A yes that is being used up. */
export interface GivenApproval {
	readonly approvalId: string;
	/** `person/<id>`: write it into the details of what the act logs. */
	readonly approvedBy: string;
}

/**
 * Does an act that another person has approved, once. See the top of this file.
 *
 * @param act everything that it changes, in this transaction.
 * @throws {Refusal} APPROVAL_REQUIRED; FORBIDDEN for who is no person.
 */
export async function withApproval<Value>(
	context: RegistryContext,
	{ kind, subject, request }: GraveAct,
	act: (transaction: Transaction<Tables>, given: GivenApproval) => Promise<Value>,
): Promise<Value> {
	const personId = personOf(context);
	const { sha256 } = hashOfRequest(request);
	return inTransaction(context, async (transaction) => {
		const now = nowSeconds(context);
		const open = await openApproval(transaction, { personId, kind, subject, sha256 }, now);
		if (open?.state !== "approved" || open.decided_by === null) throw required({ kind, subject, sha256 }, open);
		// Whoever approved must still be somebody who could.
		await requireSecond(transaction, open.decided_by, { askedBy: personId, kind });
		await transaction
			.updateTable("approvals")
			.set({ state: "done", done_at: now })
			.where("approval_id", "=", open.approval_id)
			.execute();
		const approvedBy = `person/${open.decided_by}`;
		await note(context, transaction, open, "approval.done", { approvedBy });
		return act(transaction, { approvalId: open.approval_id, approvedBy });
	});
}

/** Asks for a second person. The same again gives the same while it is open. @returns its id. */
export async function askApproval(
	context: RegistryContext,
	roles: ReadonlySet<string>,
	{ kind, subject, request, reason }: ApprovalRequest,
): Promise<string> {
	const personId = personOf(context);
	if (!isApprovalKind(kind))
		throw refusal("BAD_REQUEST", "Nothing of this kind takes a second person.", "See the act's own answer.");
	const { ask, request: schema } = kindOf(kind);
	if (!roles.has("admin") && !ask.some((role) => roles.has(role))) {
		throw refusal(
			"FORBIDDEN",
			"Your role may not ask for this.",
			`It takes one of these roles: ${["admin", ...ask].join(", ")}.`,
		);
	}
	if (!Check(schema, request)) throw refusal("BAD_REQUEST", "The act has another shape.", "Send it as the act itself takes it.");
	const { text, sha256 } = hashOfRequest(request);
	return inTransaction(context, async (transaction) => {
		const now = nowSeconds(context);
		await transaction
			.updateTable("approvals")
			.set({ state: "expired" })
			.where("asked_by", "=", personId)
			.where("state", "in", ["asked", "approved"])
			.where("expires_at", "<=", now)
			.execute();
		const open = await openApproval(transaction, { personId, kind, subject, sha256 }, now);
		if (open) return open.approval_id;
		const row = {
			approval_id: newPublicId(),
			kind,
			subject,
			request: text,
			request_sha256: sha256,
			reason,
			state: "asked" as const,
			asked_by: personId,
			asked_at: now,
			expires_at: now + APPROVAL_SECONDS,
		};
		await transaction.insertInto("approvals").values(row).execute();
		await note(context, transaction, row, "approval.asked", { reason });
		return row.approval_id;
	});
}

/**
 * Approves or refuses. Whoever asked may take it back, which is to refuse it.
 *
 * @throws {Refusal} NOT_FOUND, CONFLICT (decided, expired, or another request than the one that was read), FORBIDDEN.
 */
export async function decideApproval(
	context: RegistryContext,
	approvalId: string,
	{ isYes, requestSha256, note: text }: { isYes: boolean; requestSha256: string; note?: string | undefined },
): Promise<void> {
	const personId = personOf(context);
	await inTransaction(context, async (transaction) => {
		const now = nowSeconds(context);
		const row = await transaction
			.selectFrom("approvals")
			.selectAll()
			.where("approval_id", "=", approvalId)
			.forUpdate()
			.executeTakeFirst();
		if (!row) throw refusal("NOT_FOUND", "There is no such approval.", "See GET /v1/approvals.");
		if (row.state !== "asked" || row.expires_at <= now) {
			throw refusal("CONFLICT", "This was decided already, or is too old.", "See GET /v1/approvals.");
		}
		if (Buffer.from(row.request_sha256).toString("hex") !== requestSha256) {
			throw refusal("CONFLICT", "This is another request than the one that was read.", "Read it again.");
		}
		const isTakenBack = !isYes && row.asked_by === personId;
		if (!isTakenBack) await requireSecond(transaction, personId, { askedBy: row.asked_by, kind: row.kind });
		await transaction
			.updateTable("approvals")
			.set({ state: isYes ? "approved" : "refused", decided_by: personId, decided_at: now, note: text ?? null })
			.where("approval_id", "=", approvalId)
			.execute();
		await note(context, transaction, row, isYes ? "approval.approved" : "approval.refused", { note: text ?? null });
	});
}

/**
 * Why a person may not be the second one; `undefined` if they may.
 *
 * @param second their row, as it is now.
 */
export function whyNotSecond(
	second: {
		readonly person_id: string;
		readonly roles: readonly string[];
		readonly vouched_by: string;
		readonly disabled_at: number | null;
	},
	{ askedBy, kind }: { readonly askedBy: string; readonly kind: string },
): string | undefined {
	if (!isApprovalKind(kind)) return "Nothing of this kind takes a second person any more.";
	const { approve } = kindOf(kind);
	if (second.person_id === askedBy) return "Nobody approves their own.";
	if (second.disabled_at !== null || !second.roles.includes(approve)) return `It takes somebody whose role is ${approve}.`;
	if (second.vouched_by === `person/${askedBy}`) return "Whoever asked has invited you or gave you your roles.";
	return undefined;
}

async function requireSecond(
	transaction: Transaction<Tables>,
	personId: string,
	asked: { askedBy: string; kind: string },
): Promise<void> {
	const second = await transaction
		.selectFrom("people")
		.selectAll()
		.where("person_id", "=", personId)
		.forShare()
		.executeTakeFirst();
	const why = second ? whyNotSecond(second, asked) : "There is no such person.";
	if (why === undefined) return;
	throw refusal("FORBIDDEN", why, "Have another person decide. The admin token can invite one: holdfast account invite.");
}

async function openApproval(
	connection: Connection,
	{ personId, kind, subject, sha256 }: { personId: string; kind: string; subject: string; sha256: Uint8Array },
	now: number,
): Promise<ApprovalsTable | undefined> {
	return connection
		.selectFrom("approvals")
		.selectAll()
		.where("asked_by", "=", personId)
		.where("kind", "=", kind)
		.where("subject", "=", subject)
		.where("request_sha256", "=", sha256)
		.where("state", "in", ["asked", "approved"])
		.where("expires_at", ">", now)
		.forUpdate()
		.executeTakeFirst();
}

async function note(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	{ approval_id, kind, subject, request_sha256 }: Pick<ApprovalsTable, "approval_id" | "kind" | "subject" | "request_sha256">,
	action: string,
	details: Readonly<Record<string, string | null>>,
): Promise<void> {
	await appendAudit(transaction, {
		subject: `approval/${approval_id}`,
		at: nowSeconds(context),
		actor: context.actor,
		action,
		details: { kind, about: subject, requestSha256: Buffer.from(request_sha256).toString("hex"), ...details },
	});
}

function personOf({ actor }: RegistryContext): string {
	const [, personId] = /^person\/([0-9a-f]{20})$/.exec(actor) ?? [];
	if (personId !== undefined) return personId;
	throw refusal("FORBIDDEN", "This takes two people, and a token is none.", "Sign in on a page.");
}

function required(
	{ kind, subject, sha256 }: { kind: string; subject: string; sha256: Uint8Array },
	open: ApprovalsTable | undefined,
): Refusal {
	return refusal(
		"APPROVAL_REQUIRED",
		open ? "Another person has yet to approve this." : "This takes another person's approval.",
		open ? "Wait until it is approved, then do it again." : "Ask for it: POST /v1/approvals.",
		{
			kind,
			subject,
			requestSha256: Buffer.from(sha256).toString("hex"),
			state: open ? "asked" : "none",
			...(open ? { approvalId: open.approval_id } : {}),
		},
	);
}
