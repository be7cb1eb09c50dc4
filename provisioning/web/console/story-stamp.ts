import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";

/**
 * What somebody who acts on a contract has read of it, in one text: money, state, orders, appeals, and what the phone says of its lock.
 * Another stamp means that they have read something old. A check-in that says the same again changes nothing.
 */
export function storyStamp({ contract, report, orders, payments, appeals }: ContractStory): string {
	const [order] = orders;
	return JSON.stringify([
		contract.state,
		contract.paidMinor,
		contract.paidUntilUnixSeconds,
		contract.paymentStanding,
		contract.termsSha256,
		contract.enrollment?.deviceKeyId,
		report?.standing,
		report?.level,
		order && [order.epoch, order.sequence, order.state],
		payments.length,
		payments[0]?.reference,
		appeals.map(({ openUntilUnixSeconds, closedAtUnixSeconds }) => [openUntilUnixSeconds, closedAtUnixSeconds]),
	]);
}
