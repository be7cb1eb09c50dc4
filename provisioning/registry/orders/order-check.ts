import { decode, decodeCanonical } from "../../../proto/codec.ts";
import { jurisdictionOf } from "../../../proto/jurisdiction.ts";
import { wire } from "../../../proto/wire.ts";
import type { OrderRequest } from "../api.ts";
import { holdsIn, ordersOfKind, termsOf } from "../contracts/contract-story.ts";
import { wireLevel } from "../contracts/contract-terms.ts";
import { unknownContract } from "../contracts/contracts.ts";
import { phoneReport } from "../contracts/readable-terms.ts";
import type { OrderRow } from "../database/schema.ts";
import { breakerLimits, readBreaker } from "../fleet/fleet-breaker.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { openAppeal } from "../support/appeals.ts";
import type { OrderCheck, OrderObjection } from "./order-check-request.ts";
import { objectionsOfPhone, objectionsToSending, type PhoneFacts } from "./order-objections.ts";

const DAY = 24 * 3600;

/**
 * What would become of an order, without sending it. The registry's own refusals are exact; of the phone it tells what follows from
 * the terms, the place's rules and its last report. The phone decides for itself.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN.
 */
export async function checkOrder(context: RegistryContext, contractId: string, request: OrderRequest): Promise<OrderCheck> {
	const { kysely } = context.database;
	const contract = await kysely.selectFrom("contracts").selectAll().where("contract_id", "=", contractId).executeTakeFirst();
	if (!contract) throw unknownContract();
	const now = nowSeconds(context);
	const [{ terms }, orders, checkIn, appeal, limits, feedStale, device] = await Promise.all([
		termsOf(kysely, contract),
		ordersOfKind(kysely, contract.device_id, ["hold", "notice"]),
		kysely.selectFrom("check_ins").selectAll().where("device_id", "=", contract.device_id).executeTakeFirst(),
		openAppeal(kysely, contractId, now),
		breakerLimits(context),
		context.isPaymentFeedStale(),
		kysely
			.selectFrom("devices")
			.select("check_in_interval_seconds")
			.where("device_id", "=", contract.device_id)
			.executeTakeFirst(),
	]);
	const facts: PhoneFacts = {
		contract,
		terms: decodeCanonical(wire.Terms, terms),
		report: phoneReport(checkIn),
		holds: holdsIn(orders, now),
		warnings: warningsIn(orders),
		now,
	};
	const objections = [
		...ofContract(facts, request),
		...(request.action === "restrict"
			? [...objectionsToSending({ feedStale, appealUntil: appeal?.open_until }, request), ...objectionsOfPhone(facts, request)]
			: []),
		...ofHold(facts, request),
	];
	const needsSecondPerson = request.action === "restrict" && (await readBreaker(context, kysely, limits)).open;
	const wouldSend = !objections.some(({ by }) => by === "registry");
	const heardAt = facts.report && device ? facts.report.atUnixSeconds + device.check_in_interval_seconds : undefined;
	return {
		wouldSend,
		wouldObey: wouldSend ? obedience(objections) : "no",
		objections,
		steps: wouldSend ? stepsOf(facts, request, heardAt) : [],
		needsSecondPerson,
	};
}

/** Quiet hours only make a phone wait; anything else that is certain makes it refuse. */
function obedience(objections: readonly OrderObjection[]): OrderCheck["wouldObey"] {
	if (objections.some(({ certain, code }) => certain && code !== "quiet-hours")) return "no";
	if (objections.some(({ certain }) => !certain)) return "unknown";
	return objections.length > 0 ? "later" : "yes";
}

/** As `issueOrder` refuses. */
function ofContract({ contract, terms, now }: PhoneFacts, request: OrderRequest): OrderObjection[] {
	const registry = { by: "registry", certain: true } as const;
	const loosens = request.action === "service_window" || request.action === "restore";
	if (contract.state !== "open" && !loosens)
		return [
			{ ...registry, code: "contract-closed", rule: "F7", why: `The contract is closed (${contract.state}): its phone is free.` },
		];
	if (request.action !== "restrict") return [];
	return [
		...(wireLevel(request.level) > (terms.ladder?.maxLevel ?? 0)
			? [{ ...registry, code: "level", rule: "F4", why: "The terms do not allow that level." }]
			: []),
		...(request.reason === "overdue" && now <= contract.paid_until
			? [
					{
						...registry,
						code: "paid",
						rule: "F3",
						why: "Nothing is overdue on this contract.",
						untilUnixSeconds: contract.paid_until,
					},
				]
			: []),
	];
}

function ofHold({ now }: PhoneFacts, request: OrderRequest): OrderObjection[] {
	if (request.action !== "hold" || request.untilUnixSeconds > now) return [];
	return [{ by: "registry", certain: true, code: "hold-over", why: "The hold would be over already." }];
}

function warningsIn(orders: readonly OrderRow[]): number[] {
	return orders.flatMap((row) => {
		if (row.action !== "notice" || (row.state !== "accepted" && row.state !== "pending")) return [];
		const { notice } = decode(wire.Order, row.payload);
		return notice?.kind === wire.NoticeKind.NOTICE_KIND_LOCK_WARNING ? [row.issued_at] : [];
	});
}

/** What would happen, in order. */
function stepsOf({ terms, report, now }: PhoneFacts, request: OrderRequest, heardAt: number | undefined): OrderCheck["steps"] {
	const heard = heardAt === undefined ? {} : { atUnixSeconds: Math.max(now, heardAt) };
	const delivered = {
		code: "delivered",
		...heard,
		text: "The phone hears the order with its next check-in, and tells with the one after what it made of it.",
	};
	switch (request.action) {
		case "restrict": {
			const place = jurisdictionOf(terms.jurisdiction);
			const dwell = Math.max(terms.ladder?.limitedDwellSeconds ?? 0, place?.minLimitedDwellSeconds ?? 0);
			const isFree = report?.level !== "limited" && report?.level !== "full";
			return [
				delivered,
				...(isFree
					? [{ code: "limited", text: "Camera, gallery and other apps are closed. Calls, messages and help stay open." }]
					: []),
				...(request.level === "full"
					? [
							{
								code: "full",
								...(heard.atUnixSeconds === undefined ? {} : { atUnixSeconds: heard.atUnixSeconds + (isFree ? dwell : 0) }),
								text: `Full restriction, after at least ${Math.round(dwell / 3600)} hours of powered-on time in limited (F4).`,
							},
						]
					: []),
				{
					code: "void",
					atUnixSeconds: now + 14 * DAY,
					text: "If the phone has not heard the order by then, it is void.",
				},
			];
		}
		case "restore":
			return [
				delivered,
				{ code: "restored", text: "What an order restricted is open again at once. A lock for overdue payment stays." },
			];
		case "hold":
			return [
				delivered,
				{
					code: "held",
					atUnixSeconds: request.untilUnixSeconds,
					text: "Until then nothing new is restricted, and no higher. What is locked already stays so. The phone keeps a hold no longer than its kind may stand.",
				},
			];
		case "notice":
			return [delivered, { code: "shown", text: "The text is shown once, in the best language that it has." }];
		case "service_window":
			return [delivered, { code: "window", text: "Debugging over USB is open for that time." }];
	}
}
