import type { ContractRequest } from "../../provisioning/registry/api.ts";

const DAY = 24 * 3600;

/** Length of one payment period of a sample contract, in seconds. */
export const PERIOD_SECONDS = 60 * DAY;

/**
 * A contract as a shop would enter it: three instalments, a short ladder, an offline limit that fits within one period.
 *
 * @param nowUnixSeconds the lender's time at the sale.
 */
export function sampleContract(contractId: string, imeis: readonly string[], nowUnixSeconds: number): ContractRequest {
	const due = [1, 2, 3].map((period) => nowUnixSeconds + period * PERIOD_SECONDS);
	return {
		contractId,
		imeis: [...imeis],
		terms: {
			lenderName: "Sample Lender",
			accountShown: `ACC-${contractId}`,
			currency: "USD",
			instalments: due.map((dueAtUnixSeconds) => ({
				dueAtUnixSeconds,
				amountMinor: 5000,
			})),
			contact: {
				supportPhone: "+15550100",
				supportUrl: "https://lender.example/help",
				payUrl: "https://lender.example/pay",
				payInstructions: "Pay in any shop with your account number",
				disputeUrl: "https://lender.example/dispute",
			},
			ladder: {
				graceSeconds: 5 * DAY,
				limitedDwellSeconds: 2 * DAY,
				maxLevel: "full",
			},
			notices: { count: 3, minSpacingSeconds: DAY, minChannels: 2 },
			offline: {
				budgetSeconds: 30 * DAY,
				warnAtRemainingSeconds: [10 * DAY, 5 * DAY, DAY],
				level: "limited",
			},
			languages: ["en"],
		},
		consent: {
			language: "en",
			givenAtUnixSeconds: nowUnixSeconds,
			method: "document",
		},
	};
}
