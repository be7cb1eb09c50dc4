import type { Message } from "../../../proto/codec.ts";
import { jurisdictionOf } from "../../../proto/jurisdiction.ts";
import type { wire } from "../../../proto/wire.ts";
import type { OrderRequest } from "../api.ts";
import type { PhoneReport, StoryHolds } from "../contracts/contract-story-request.ts";
import { wireLevel } from "../contracts/contract-terms.ts";
import type { ContractRow } from "../database/schema.ts";
import { quietUntil } from "../fleet/quiet-until.ts";
import type { OrderObjection } from "./order-check-request.ts";

const DAY = 24 * 3600;
/** A lock warning older than this warns of nothing any more. */
const WARNING_LIFE_SECONDS = 60 * DAY;
/** A tightening order that no phone hears within this is void (outbox.ts). */
const ORDER_LIFE_SECONDS = 14 * DAY;

type Restrict = Extract<OrderRequest, { action: "restrict" }>;

/** Why the registry would not sign a restrict order, beyond what its contract and terms say. */
export function objectionsToSending(
	facts: { readonly feedStale: boolean; readonly appealUntil: number | undefined },
	{ reason }: Pick<Restrict, "reason">,
): OrderObjection[] {
	const registry = { by: "registry", certain: true } as const;
	return [
		...(facts.feedStale && reason === "overdue"
			? [
					{
						...registry,
						code: "feed-stale",
						rule: "F5",
						why: "Nobody knows who has paid: there is no news of the payment feed, or locks are paused. New locks for overdue payment wait.",
					},
				]
			: []),
		...(facts.appealUntil === undefined
			? []
			: [
					{
						...registry,
						code: "appeal-open",
						rule: "F13",
						why: "An appeal about this phone is open: nothing is locked until it is decided.",
						untilUnixSeconds: facts.appealUntil,
					},
				]),
	];
}

/** What the registry knows of a phone, and of what it was told. */
export interface PhoneFacts {
	readonly contract: ContractRow;
	readonly terms: Message<wire.Terms.$Properties>;
	/** None: no phone ever checked in. */
	readonly report: PhoneReport | undefined;
	readonly holds: StoryHolds;
	/** When each lock warning of the lender was ordered that its phone took, or will. Seconds since 1970-01-01T00:00:00Z. */
	readonly warnings: readonly number[];
	readonly now: number;
}

/**
 * Why the phone's floor would stop a restrict order, as far as can be told from the terms, the place's rules and what the phone last
 * said. Told apart: what is certain, and what only the phone knows.
 */
export function objectionsOfPhone(facts: PhoneFacts, request: Pick<Restrict, "reason" | "level">): OrderObjection[] {
	const { contract, report, now, terms } = facts;
	if (!report) {
		return [phone("not-confirmed", "F10", "No phone has reported itself under this contract: there is nothing to lock.")];
	}
	return [
		...ofHolds(facts),
		...(request.reason === "overdue" ? ofOverdue(facts) : ofWarnings(facts)),
		...ofQuietHours(facts),
		...(wireLevel(report.level) >= wireLevel(request.level)
			? [phone("locked-already", undefined, "The phone is restricted that far already: nothing would change.")]
			: []),
		...(now - report.atUnixSeconds > ORDER_LIFE_SECONDS
			? [
					phone(
						"silent",
						undefined,
						"The phone was not heard of for more than 14 days; the order is void if it does not hear it within 14 days.",
						{ certain: false },
					),
				]
			: []),
		...(report.paidUntilUnixSeconds > contract.paid_until && report.paidUntilUnixSeconds > now && request.reason === "overdue"
			? [
					phone("phone-paid-longer", "F3", "The phone was extended beyond what the registry has booked, such as by a code.", {
						untilUnixSeconds: report.paidUntilUnixSeconds + graceOf(terms),
					}),
				]
			: []),
	];
}

/** Least time past paid-until before a lock for overdue payment, in seconds: the terms', or the place's where that is longer. */
export function graceOf(terms: Message<wire.Terms.$Properties>): number {
	return Math.max(terms.ladder?.graceSeconds ?? 0, jurisdictionOf(terms.jurisdiction)?.minPastDueSeconds ?? 0);
}

function phone(
	code: string,
	rule: string | undefined,
	why: string,
	more: { certain?: boolean; untilUnixSeconds?: number } = {},
): OrderObjection {
	return { by: "phone", code, ...(rule === undefined ? {} : { rule }), why, certain: true, ...more };
}

function ofHolds({ holds }: PhoneFacts): OrderObjection[] {
	return holds
		.filter(({ inForce }) => inForce)
		.map(({ kind, untilUnixSeconds }) =>
			phone("hold", kind === "disaster" ? "F14" : "F13", `A hold is in force (${kind.replaceAll("_", " ")}).`, {
				untilUnixSeconds,
			}),
		);
}

function ofOverdue({ contract, terms, now }: PhoneFacts): OrderObjection[] {
	const graceEnds = contract.paid_until + graceOf(terms);
	const { count } = noticesOf(terms);
	return [
		...(now < graceEnds
			? [phone("grace", "F3", "The grace after the due date is not over.", { untilUnixSeconds: graceEnds })]
			: []),
		phone(
			"notices-unknown",
			"F3",
			`The phone locks only when ${count} notices were on its screen and have aged. Only the phone knows whether they were.`,
			{ certain: false },
		),
	];
}

function ofWarnings({ terms, warnings, contract, now }: PhoneFacts): OrderObjection[] {
	const { count, spacing, total } = noticesOf(terms);
	const counted: number[] = [];
	for (const at of [...warnings].sort((a, b) => a - b)) {
		const isAlive = at + WARNING_LIFE_SECONDS > now;
		if (isAlive && counted.length < count && at >= (counted.at(-1) ?? 0) + spacing) counted.push(at);
	}
	if (counted.length < count) {
		return [
			phone(
				"warnings-missing",
				"F3",
				`${count} lock warnings must come first, each some time after the one before; ${counted.length} count.`,
				{
					// A phone that is overdue warns by itself as well, and those count.
					certain: now <= contract.paid_until,
				},
			),
		];
	}
	const agedAt = Math.max((counted.at(-1) ?? 0) + spacing, (counted[0] ?? 0) + total);
	if (now < agedAt) return [phone("warnings-young", "F3", "The lock warnings have not aged.", { untilUnixSeconds: agedAt })];
	return [
		phone("warnings-unseen", "F3", "The lock warnings were sent; only the phone knows whether they were on its screen.", {
			certain: false,
		}),
	];
}

function ofQuietHours({ terms, now }: PhoneFacts): OrderObjection[] {
	const until = quietUntil(terms, now);
	return until === undefined
		? []
		: [
				phone("quiet-hours", "F14", "It is night where the borrower lives: the phone waits for the morning.", {
					untilUnixSeconds: until,
				}),
			];
}

function noticesOf(terms: Message<wire.Terms.$Properties>): { count: number; spacing: number; total: number } {
	const place = jurisdictionOf(terms.jurisdiction)?.notices;
	return {
		count: Math.max(terms.notices?.count ?? 0, place?.minCount ?? 0),
		spacing: terms.notices?.minSpacingSeconds ?? 0,
		total: place?.minTotalSeconds ?? 0,
	};
}
