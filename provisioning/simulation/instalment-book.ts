import type { LenderBook } from "./simulated-lender.ts";

type Instalment = { readonly dueAtUnixSeconds: number; readonly amountMinor: number };

/** What was paid of a contract, as both sides see it. */
export interface BookView {
	readonly instalments: readonly { readonly dueAtUnixSeconds: number; readonly amountMinor: number; readonly isPaid: boolean }[];
	readonly paidUntilUnixSeconds: number;
	readonly isPaidOff: boolean;
}

/** Paid until the first instalment that is not paid, as the registry books it; `undefined` when all are. */
export function earnedUntil(instalments: readonly Instalment[], paid: number): number | undefined {
	return instalments[paid]?.dueAtUnixSeconds;
}

export function bookView(instalments: readonly Instalment[], paid: number, book: LenderBook): BookView {
	return {
		instalments: instalments.map(({ dueAtUnixSeconds, amountMinor }, index) => ({
			dueAtUnixSeconds,
			amountMinor,
			isPaid: index < paid,
		})),
		paidUntilUnixSeconds: book.paidUntilUnixSeconds,
		isPaidOff: book.isPaidOff,
	};
}
