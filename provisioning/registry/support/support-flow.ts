import { createHash } from "node:crypto";

import { appendAudit } from "../audit-log.ts";
import { issueCode } from "../codes/codes.ts";
import { contractStory } from "../contracts/contract-story.ts";
import type { ContractStory } from "../contracts/contract-story-request.ts";
import { getContract } from "../contracts/contracts.ts";
import { Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { Finding, SupportResult } from "./support-request.ts";
import { finding } from "./support-words.ts";

const DAY = 24 * 3600;

/** What a flow found and did. What stands in it is kept, so it holds no code's digits. */
export interface FlowAnswer {
	readonly findings: readonly Finding[];
	readonly done: readonly Finding[];
	readonly tell: readonly Finding[];
	/** A code for so many days was made for the number that the request named. */
	readonly codeDays?: number | undefined;
}

export interface FlowFacts {
	readonly story: ContractStory;
	readonly now: number;
	/** A request id for each order of the flow: the same flow again issues none twice. */
	orderId(name: string): string;
}

interface FlowRequest {
	readonly requestId: string;
	readonly note?: string | undefined;
	readonly requestNumber?: string | undefined;
}

/**
 * One flow for one borrower who called. The same request id again gives the answer that stands, and changes nothing. A flow that broke
 * off is done again from its beginning: each of its orders is issued once.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN, CONFLICT (the request id was used for something else), and what the flow refuses.
 */
export async function supportFlow(
	context: RegistryContext,
	contractId: string,
	flow: string,
	request: FlowRequest,
	work: (facts: FlowFacts) => Promise<FlowAnswer>,
): Promise<SupportResult> {
	const { requestId } = request;
	const requestSha256 = createHash("sha256")
		.update(JSON.stringify([flow, request]))
		.digest();
	const known = await context.database.kysely
		.selectFrom("support_acts")
		.selectAll()
		.where("contract_id", "=", contractId)
		.where("request_id", "=", requestId)
		.executeTakeFirst();
	if (known) {
		if (!requestSha256.equals(known.request_sha256))
			throw refusal("CONFLICT", "This request id was used for something else.", "Choose another request id.");
		const answer: FlowAnswer = JSON.parse(known.answer); // written below, and nowhere else
		return supportResult(context, contractId, request, answer, known.at, true);
	}
	const now = nowSeconds(context);
	const story = await contractStory(context, contractId, { auditLimit: 1 });
	const short = createHash("sha256").update(requestId).digest("hex").slice(0, 32);
	const answer = await work({ story, now, orderId: (name) => `support-${short}-${name}` });
	const result = await supportResult(context, contractId, request, answer, now, false);
	await inTransaction(context, async (transaction) => {
		const inserted = await transaction
			.insertInto("support_acts")
			.values({
				contract_id: contractId,
				request_id: requestId,
				flow,
				request_sha256: requestSha256,
				at: now,
				answer: JSON.stringify(answer),
			})
			.onConflict((conflict) => conflict.doNothing())
			.returning("request_id")
			.executeTakeFirst();
		if (!inserted) return; // somebody sent it twice at once; both did the same
		await appendAudit(transaction, {
			subject: contractId,
			at: now,
			actor: context.actor,
			action: `support.${flow}`,
			details: {
				requestId,
				found: answer.findings.map(({ code }) => code).join(" "),
				done: answer.done.map(({ code }) => code).join(" "),
				...(request.note === undefined ? {} : { note: request.note }),
			},
		});
	});
	return result;
}

async function supportResult(
	context: RegistryContext,
	contractId: string,
	{ requestId, requestNumber }: FlowRequest,
	{ findings, done, tell, codeDays }: FlowAnswer,
	at: number,
	repeated: boolean,
): Promise<SupportResult> {
	const made =
		codeDays === undefined || requestNumber === undefined
			? {}
			: await codeFor(context, contractId, { requestId, requestNumber, days: codeDays });
	const checkIn = await contractStory(context, contractId, { auditLimit: 1 });
	return {
		contract: await getContract(context, contractId),
		repeated,
		atUnixSeconds: at,
		findings: [...findings, ...(made.refused ? [made.refused] : [])],
		done: [...done, ...(made.code ? [finding("did-code", { days: codeDays ?? 0 })] : [])],
		tell: [...(made.code ? [finding("tell-code")] : []), ...tell],
		...(made.code ? { code: made.code } : {}),
		wrongfulLockMinutes: checkIn.report?.wrongfulLockMinutes ?? 0,
	};
}

/** A misheard number is no reason to undo the rest: the agent hears why, and asks again. */
async function codeFor(
	context: RegistryContext,
	contractId: string,
	{ requestId, requestNumber, days }: { requestId: string; requestNumber: string; days: number },
): Promise<{ code?: SupportResult["code"]; refused?: Finding }> {
	const codeRequestId = createHash("sha256").update(`${requestId} ${requestNumber}`).digest("hex").slice(0, 40);
	try {
		return { code: await issueCode(context, contractId, { kind: "set", days, requestNumber, requestId: codeRequestId }) };
	} catch (error) {
		if (!(error instanceof Refusal) || error.status >= 500) throw error;
		return { refused: finding("code-refused", { why: `${error.text.detail} ${error.text.next}` }) };
	}
}

/** Whole days that a code has to carry to reach a time. */
export function daysUntil(until: number, now: number): number {
	return Math.min(999, Math.max(1, Math.ceil((until - now) / DAY)));
}
