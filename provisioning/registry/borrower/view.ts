import { decode, decodeCanonical, type Message } from "../../../proto/codec.ts";
import { imeiTail } from "../../../proto/imei.ts";
import { jurisdictionOf } from "../../../proto/jurisdiction.ts";
import { wire } from "../../../proto/wire.ts";
import type { Contract } from "../api.ts";
import { holdsIn, ordersOfKind } from "../contracts/contract-story.ts";
import { getContract } from "../contracts/contracts.ts";
import { levelName } from "../contracts/readable-terms.ts";
import { allOrders } from "../orders/orders.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { BorrowerView, Finding } from "./borrower-request.ts";

/** Everything that a borrower may know of the contract: read fresh, nothing kept. @throws {Refusal} CONTRACT_UNKNOWN. */
export async function borrowerView(context: RegistryContext, contractId: string): Promise<BorrowerView> {
	const { kysely } = context.database;
	const now = nowSeconds(context);
	const contract = await getContract(context, contractId);
	const { deviceId } = contract;
	const [terms, orders, payments, holdOrders, checkIn, dispute] = await Promise.all([
		kysely
			.selectFrom("terms")
			.select("terms")
			.where("contract_id", "=", contractId)
			.where("terms_sha256", "=", Buffer.from(contract.termsSha256, "hex"))
			.executeTakeFirstOrThrow(),
		allOrders(kysely, deviceId),
		kysely.selectFrom("payments").selectAll().where("contract_id", "=", contractId).orderBy("at").execute(),
		ordersOfKind(kysely, deviceId, ["hold"]),
		kysely.selectFrom("check_ins").selectAll().where("device_id", "=", deviceId).executeTakeFirst(),
		disputeOf(context, contractId, contract.paidUntilUnixSeconds),
	]);
	const read = decodeCanonical(wire.Terms, terms.terms);
	const status = checkIn?.status ? decode(wire.DeviceStatus, checkIn.status) : undefined;
	const { contact } = read;
	const heldUntil = Math.max(0, ...holdsIn(holdOrders, now).flatMap((hold) => (hold.inForce ? hold.untilUnixSeconds : [])));
	const { enrollment } = contract;
	return {
		contractId,
		asOfUnixSeconds: now,
		state: contract.state,
		lenderName: read.lenderName,
		accountShown: read.accountShown,
		currency: contract.currency,
		totalMinor: contract.totalMinor,
		paidMinor: contract.paidMinor,
		paidUntilUnixSeconds: contract.paidUntilUnixSeconds,
		paymentStanding: contract.paymentStanding,
		instalments: instalmentsOf(read, contract.paidMinor),
		terms: {
			graceSeconds: read.ladder?.graceSeconds ?? 0,
			limitedDwellSeconds: read.ladder?.limitedDwellSeconds ?? 0,
			maxLevel: levelName(read.ladder?.maxLevel ?? 0),
			noticeCount: read.notices?.count ?? 0,
			noticeSpacingSeconds: read.notices?.minSpacingSeconds ?? 0,
			offlineBudgetSeconds: read.offline?.budgetSeconds ?? 0,
			offlineLevel: levelName(read.offline?.level ?? 0),
			passesPerYear: read.passes?.perYear ?? 0,
			passSeconds: read.passes?.durationSeconds ?? 0,
			jurisdiction: read.jurisdiction,
			alwaysOpen: [...(jurisdictionOf(read.jurisdiction)?.neverRestricted ?? [])],
			termsSha256: contract.termsSha256,
		},
		contact: {
			supportPhone: contact?.supportPhone ?? "",
			supportUrl: contact?.supportUrl ?? "",
			payUrl: contact?.payUrl ?? "",
			payInstructions: contact?.payInstructions ?? "",
			disputeUrl: contact?.disputeUrl ?? "",
		},
		...(enrollment === undefined
			? {}
			: {
					phone: {
						model: enrollment.model,
						imeiTail: imeiTail(enrollment.imei1),
						...(enrollment.standing === undefined ? {} : { standing: enrollment.standing }),
						lockCauses: enrollment.lockCauses ?? [],
						...(status === undefined ? {} : { level: levelName(status.level) }),
						...(enrollment.lastCheckInUnixSeconds === undefined
							? {}
							: { lastCheckInUnixSeconds: enrollment.lastCheckInUnixSeconds }),
						wrongfulLockMinutes: status?.wrongfulLockMinutes ?? 0,
						recordEntries: checkIn?.log_length ?? 0,
						recordHead: Buffer.from(checkIn?.log_head ?? []).toString("hex"),
					},
				}),
		orders: orders.map(({ action, reason, issuedAtUnixSeconds, state, rule }) => ({
			action,
			reason,
			issuedAtUnixSeconds,
			state,
			...(rule === undefined ? {} : { rule }),
		})),
		payments: payments.map(({ reference, amount_minor, paid_until, at }) => ({
			reference,
			...(amount_minor === null ? {} : { amountMinor: amount_minor }),
			...(paid_until === null ? {} : { paidUntilUnixSeconds: paid_until }),
			atUnixSeconds: at,
		})),
		findings: findingsOf(now, contract, status, heldUntil > 0),
		...(heldUntil === 0 ? {} : { heldUntilUnixSeconds: heldUntil }),
		mayDispute: contract.state === "open" && enrollment !== undefined && !dispute,
		mayAskCode: mayAskCode(now, contract, status),
		...(contract.certificateId === undefined ? {} : { certificateId: contract.certificateId }),
	};
}

/** Whether this period that is paid for had its dispute. */
export async function disputeOf({ database }: RegistryContext, contractId: string, paidUntil: number): Promise<boolean> {
	const row = await database.kysely
		.selectFrom("disputes")
		.select("at")
		.where("contract_id", "=", contractId)
		.where("paid_until", "=", paidUntil)
		.executeTakeFirst();
	return row !== undefined;
}

/** Something is paid for that the phone may not know of, and the phone takes codes. */
export function mayAskCode(
	now: number,
	contract: Contract,
	status: Pick<Message<wire.DeviceStatus.$Properties>, "paidUntilUnixSeconds" | "codeCounter"> | undefined,
): boolean {
	if (contract.state !== "open" || contract.enrollment === undefined || status === undefined) return false;
	const isNews = status.paidUntilUnixSeconds < contract.paidUntilUnixSeconds;
	return contract.paidUntilUnixSeconds > now && status.codeCounter > 0 && isNews;
}

function instalmentsOf(terms: Message<wire.Terms.$Properties>, paidMinor: number): BorrowerView["instalments"] {
	let left = paidMinor;
	return terms.instalments.map(({ dueAtUnixSeconds, amountMinor }) => {
		const paid = Math.min(amountMinor, left);
		left -= paid;
		return { dueAtUnixSeconds, amountMinor, paidMinor: paid };
	});
}

/** Why the phone is as it is, the most telling first. */
function findingsOf(
	now: number,
	{ state, enrollment, paidUntilUnixSeconds, pendingOrders }: Contract,
	status: Message<wire.DeviceStatus.$Properties> | undefined,
	isHeld: boolean,
): Finding[] {
	if (!enrollment) return ["not_enrolled"];
	if (enrollment.state === "released") return ["released"];
	if (state !== "open") return ["unlock_on_its_way"];
	const found: Finding[] = [];
	const isPaid = paidUntilUnixSeconds > now;
	const isBehind = (status?.paidUntilUnixSeconds ?? 0) < paidUntilUnixSeconds;
	const causes = enrollment.lockCauses ?? [];
	if (isPaid && isBehind && causes.includes("overdue"))
		found.push(pendingOrders > 0 ? "unlock_on_its_way" : "phone_was_not_online");
	if (!isPaid) found.push("not_paid");
	if (causes.includes("offline")) found.push("offline_lock");
	if (causes.includes("ordered")) found.push("ordered_lock");
	if (causes.includes("observed")) found.push("observed_lock");
	if (isHeld) found.push("on_hold");
	return found.length > 0 ? found : ["nothing_wrong"];
}
