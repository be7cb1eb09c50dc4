import { imeiTail } from "../../../proto/imei.ts";
import { appendAudit } from "../audit-log.ts";
import { lockContract, requireOpen } from "../contracts/contracts.ts";
import { requireImeis } from "../contracts/imei-claims.ts";
import { payOff } from "../contracts/payoff.ts";
import { issueOrder } from "../orders/orders.ts";
import { putOrder } from "../orders/outbox.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { isLocked, orderedReason, situationOf } from "./support-findings.ts";
import { daysUntil, type FlowFacts, supportFlow } from "./support-flow.ts";
import type {
	AppealDecision,
	Finding,
	InClearingRequest,
	LockedInErrorRequest,
	PaidButLockedRequest,
	ReturnRequest,
	SupportResult,
} from "./support-request.ts";
import { apologies, finding } from "./support-words.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const APPEAL_DAYS = 14;

/** "I paid, and it is locked": says why, and sends the unlock again where the books say that it is due. */
export async function paidButLocked(
	context: RegistryContext,
	contractId: string,
	request: PaidButLockedRequest,
): Promise<SupportResult> {
	return supportFlow(context, contractId, "paid-but-locked", request, async (facts) => {
		const { story, now, orderId } = facts;
		const { contract, terms } = story;
		const findings = await situationOf(context, facts);
		const done: Finding[] = [];
		const isPaid = contract.state !== "open" || contract.paidUntilUnixSeconds > now;
		if (contract.state === "open" && isPaid) {
			done.push(...(await extendAgain(context, facts)));
			if (orderedReason(story) === "overdue") {
				await issueOrder(context, contractId, { action: "restore", reason: "payment", requestId: orderId("restore") });
				done.push(finding("did-restore"));
			}
		}
		const due = contract.nextDue;
		const tell = isPaid
			? [
					finding("tell-connect"),
					finding("tell-within", { minutes: terms.jurisdiction.restoreMaxMinutes }),
					...(contract.state === "open" && request.requestNumber === undefined ? [finding("tell-ask-number")] : []),
				]
			: [
					finding("tell-pay", {
						amountMinor: due?.amountMinor ?? 0,
						currency: contract.currency,
						until: contract.paidUntilUnixSeconds,
					}),
					finding("tell-emergency", { passes: terms.passes.perYear }),
				];
		return {
			findings,
			done: done.length > 0 ? done : [finding("did-nothing")],
			tell,
			codeDays: contract.state === "open" && isPaid ? daysUntil(contract.paidUntilUnixSeconds, now) : undefined,
		};
	});
}

/** The extension that the phone should have, unless it has it, or it waits for the phone. */
async function extendAgain(context: RegistryContext, { story, orderId }: FlowFacts): Promise<Finding[]> {
	const { contract, report, payments } = story;
	const until = contract.paidUntilUnixSeconds;
	if (!report || report.paidUntilUnixSeconds >= until) return [];
	const waits = story.orders.some(
		({ action, state, paidUntilUnixSeconds = 0 }) => action === "extend" && state === "pending" && paidUntilUnixSeconds >= until,
	);
	if (waits) return [finding("did-wait")];
	const payment = payments[0];
	await inTransaction(context, async (transaction) => {
		const locked = await lockContract(transaction, contract.contractId);
		requireOpen(locked);
		const requestId = orderId("extend");
		const known = await transaction
			.selectFrom("orders")
			.select("sequence")
			.where("device_id", "=", locked.device_id)
			.where("request_id", "=", requestId)
			.executeTakeFirst();
		if (known) return;
		await putOrder(context, transaction, {
			deviceId: locked.device_id,
			contractId: contract.contractId,
			action: {
				extend: {
					paidUntilUnixSeconds: locked.paid_until,
					paymentReference: payment?.reference ?? "",
					// From then on the phone counts what it stayed locked too long.
					receivedAtUnixSeconds: Math.min(payment?.receivedAtUnixSeconds ?? 0, nowSeconds(context)),
				},
			},
			reason: "payment",
			requestId,
		});
	});
	return [finding("did-extend", { until })];
}

/** "My money is on its way": nothing new is locked for 24 to 72 hours. */
export async function inClearing(
	context: RegistryContext,
	contractId: string,
	request: InClearingRequest,
): Promise<SupportResult> {
	return supportFlow(context, contractId, "in-clearing", request, async (facts) => {
		const { story, now, orderId } = facts;
		const until = now + request.hours * HOUR;
		const findings = await situationOf(context, facts);
		await issueOrder(context, contractId, {
			action: "hold",
			kind: "clearing",
			untilUnixSeconds: until,
			reason: "payment",
			requestId: orderId("hold"),
		});
		return {
			findings,
			done: [finding("did-hold", { until })],
			tell: [
				finding("tell-hold", { until }),
				...(isLocked(story)
					? [finding("tell-hold-lifts-nothing"), finding("tell-emergency", { passes: story.terms.passes.perYear })]
					: []),
				finding("tell-connect"),
			],
		};
	});
}

/** "This is the wrong phone": an appeal. While it is open nothing is locked; what an order locked is opened. */
export async function lockedInError(
	context: RegistryContext,
	contractId: string,
	request: LockedInErrorRequest,
): Promise<SupportResult> {
	requireImeis([request.imei]);
	return supportFlow(context, contractId, "locked-in-error", request, async (facts) => {
		const { story, now, orderId } = facts;
		const until = now + (request.holdDays ?? APPEAL_DAYS) * DAY;
		await openAppealFor(context, contractId, request, now, until);
		const findings = await situationOf(context, facts);
		const base = { reason: "dispute" } as const;
		await issueOrder(context, contractId, {
			action: "hold",
			kind: "dispute",
			untilUnixSeconds: until,
			...base,
			requestId: orderId("hold"),
		});
		const ordered = orderedReason(story) !== undefined;
		if (ordered) await issueOrder(context, contractId, { action: "restore", ...base, requestId: orderId("restore") });
		await issueOrder(context, contractId, {
			action: "notice",
			kind: "information",
			noticeId: orderId("sorry"),
			texts: request.apology ?? apologies(story.terms.languages),
			...base,
			requestId: orderId("notice"),
		});
		const minutes = story.report?.wrongfulLockMinutes ?? 0;
		return {
			findings,
			done: [
				finding("did-appeal", { until }),
				finding("did-hold", { until }),
				...(ordered ? [finding("did-restore")] : []),
				finding("did-apologise"),
			],
			tell: [
				finding("tell-sorry", { until }),
				...(minutes > 0 ? [finding("tell-minutes", { minutes })] : []),
				...(story.report?.lockCauses.includes("overdue") ? [finding("tell-overdue-stays")] : []),
				finding("tell-emergency", { passes: story.terms.passes.perYear }),
				finding("tell-connect"),
			],
		};
	});
}

async function openAppealFor(
	context: RegistryContext,
	contractId: string,
	{ requestId, imei, proofReference }: LockedInErrorRequest,
	now: number,
	until: number,
): Promise<void> {
	await inTransaction(context, async (transaction) => {
		requireOpen(await lockContract(transaction, contractId));
		const claimed = await transaction
			.selectFrom("imeis")
			.select("imei")
			.where("imei", "=", imei)
			.where("contract_id", "=", contractId)
			.executeTakeFirst();
		if (!claimed)
			throw refusal(
				"IMEI_MISMATCH",
				`The phone with the IMEI ending in ${imeiTail(imei)} is not on this contract.`,
				"Look for the IMEI: the contract that holds it is the one to appeal against.",
				{ imeiTail: imeiTail(imei) },
			);
		const inserted = await transaction
			.insertInto("appeals")
			.values({
				contract_id: contractId,
				request_id: requestId,
				imei,
				proof_reference: proofReference,
				opened_at: now,
				open_until: until,
				closed_at: null,
				closed_by_request: null,
				outcome: null,
			})
			.onConflict((conflict) => conflict.doNothing())
			.returning("request_id")
			.executeTakeFirst();
		if (!inserted) return;
		await appendAudit(transaction, {
			subject: contractId,
			at: now,
			actor: context.actor,
			action: "appeal.opened",
			details: { requestId, imeiTail: imeiTail(imei), proofReference, untilUnixSeconds: until },
		});
	});
}

/** Ends every open appeal of a contract. Upheld: the lender calls the lock its own mistake, and the phone counts it as wrongful. */
export async function decideAppeal(
	context: RegistryContext,
	contractId: string,
	request: AppealDecision,
): Promise<SupportResult> {
	const { outcome, note } = request;
	return supportFlow(context, contractId, "appeal-decision", request, async (facts) => {
		const { story, now, orderId } = facts;
		await closeAppeals(context, contractId, request, now);
		const isUpheld = outcome === "upheld" && story.contract.state === "open";
		if (isUpheld)
			await issueOrder(context, contractId, { action: "restore", reason: "lender_error", requestId: orderId("restore") });
		return {
			findings: await situationOf(context, facts),
			done: [finding("did-close-appeal", { outcome }), ...(isUpheld ? [finding("did-restore")] : [])],
			tell: [
				outcome === "upheld" ? finding("tell-decided-upheld") : finding("tell-decided-rejected", { note }),
				finding("tell-hold-stays"),
				...(story.report?.lockCauses.includes("overdue") ? [finding("tell-overdue-stays")] : []),
			],
		};
	});
}

/** Closes what is open; or finds that this very request did, before it broke off. */
async function closeAppeals(
	context: RegistryContext,
	contractId: string,
	{ requestId, outcome }: AppealDecision,
	now: number,
): Promise<void> {
	await inTransaction(context, async (transaction) => {
		await lockContract(transaction, contractId);
		await transaction
			.updateTable("appeals")
			.set({ closed_at: now, outcome, closed_by_request: requestId })
			.where("contract_id", "=", contractId)
			.where("closed_at", "is", null)
			.execute();
		const decided = await transaction
			.selectFrom("appeals")
			.select("request_id")
			.where("contract_id", "=", contractId)
			.where("closed_by_request", "=", requestId)
			.executeTakeFirst();
		if (!decided) throw refusal("CONFLICT", "There is no open appeal about this contract.", "Look at the contract's story.");
	});
}

/** The phone came back: the contract ends, and the phone is set free. */
export async function returned(context: RegistryContext, contractId: string, request: ReturnRequest): Promise<SupportResult> {
	return supportFlow(context, contractId, "return", request, async (facts) => {
		const { contract } = facts.story;
		const imeis = [contract.enrollment?.imei1, contract.enrollment?.imei2, ...contract.imeis];
		if (!imeis.some((imei) => imei?.endsWith(request.imeiTail)))
			throw refusal(
				"IMEI_MISMATCH",
				"The phone in hand is not the contract's: its IMEI ends otherwise.",
				"Read the IMEI from the phone (*#06#) and look for its contract.",
			);
		const findings = await situationOf(context, facts);
		const closed = await payOff(context, contractId, { reference: request.reference, reason: "returned" });
		const certificateId = closed.certificateId ?? "";
		return {
			findings,
			done: [finding("did-return", { certificateId })],
			tell: [finding("tell-return-keep"), finding("tell-return-free"), finding("tell-return-certificate", { certificateId })],
		};
	});
}
