import type { ContractStory } from "../contracts/contract-story-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import type { FlowFacts } from "./support-flow.ts";
import type { Finding } from "./support-request.ts";
import { finding } from "./support-words.ts";

const HOUR = 3600;
/** Longer than two of the longest pauses between check-ins. */
const SILENT_SECONDS = 13 * HOUR;

/** Whether the phone was locked when it was last heard of. */
export function isLocked({ report }: Pick<ContractStory, "report">): boolean {
	return report?.standing === "locked_limited" || report?.standing === "locked_full";
}

/** Why an order locks the phone; `undefined` if none does. */
export function orderedReason({ report, orders }: Pick<ContractStory, "report" | "orders">): string | undefined {
	if (!report?.lockCauses.includes("ordered")) return undefined;
	return orders.find(({ action, state }) => action === "restrict" && state === "accepted")?.reason ?? "unknown";
}

/** Why a phone is as it is: what the books say, what the phone said, and what it has not heard yet. */
export async function situationOf(context: RegistryContext, { story, now }: FlowFacts): Promise<Finding[]> {
	const stale = await context.isPaymentFeedStale();
	const held = story.holds.filter(({ inForce }) => inForce);
	return [
		...ofBooks(story, now),
		...ofPhone(story, now),
		...(story.contract.pendingOrders > 0 ? [finding("orders-waiting", { count: story.contract.pendingOrders })] : []),
		...held.slice(0, 1).map(({ kind, untilUnixSeconds }) => finding("hold-in-force", { kind, until: untilUnixSeconds })),
		...(stale ? [finding("feed-stale")] : []),
	];
}

function ofBooks({ contract, payments }: ContractStory, now: number): Finding[] {
	const until = contract.paidUntilUnixSeconds;
	const [latest] = payments;
	const payment = latest
		? finding("last-payment", { reference: latest.reference, at: latest.bookedAtUnixSeconds })
		: finding("no-payment");
	if (contract.state !== "open") return [finding("books-closed", { state: contract.state }), payment];
	if (until > now) return [finding("books-paid", { until }), payment];
	const { currency, nextDue } = contract;
	return [finding("books-due", { until, amountMinor: nextDue?.amountMinor ?? 0, currency }), payment];
}

function ofPhone(story: ContractStory, now: number): Finding[] {
	const { contract, report } = story;
	if (!report) return [finding("phone-none")];
	const silentFor = now - report.atUnixSeconds;
	const reason = orderedReason(story);
	const minutes = report.wrongfulLockMinutes;
	return [
		finding("phone-heard", { at: report.atUnixSeconds, standing: report.standing.replaceAll("_", " ") }),
		...(silentFor > SILENT_SECONDS ? [finding("phone-silent", { hours: Math.floor(silentFor / HOUR) })] : []),
		...(isLocked(story) ? [finding("phone-locked", { causes: report.lockCauses.join(", ") })] : [finding("phone-free")]),
		...(contract.state === "open" && report.paidUntilUnixSeconds < contract.paidUntilUnixSeconds
			? [
					report.paidUntilUnixSeconds > 0
						? finding("phone-behind", { until: report.paidUntilUnixSeconds })
						: finding("phone-untold"),
				]
			: []),
		...(report.lockCauses.includes("offline") ? [finding("cause-offline")] : []),
		...(reason === undefined ? [] : [finding("cause-ordered", { reason: reason.replaceAll("_", " ") })]),
		minutes > 0 ? finding("wrongful-minutes", { minutes }) : finding("wrongful-none"),
	];
}
