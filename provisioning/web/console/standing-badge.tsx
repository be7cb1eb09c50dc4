import { useTranslation } from "react-i18next";

import type { Contract } from "../../registry/api.ts";

const STANDING_TONES: Readonly<Record<string, Tone>> = {
	unlocked: "good",
	released: "good",
	grace: "warn",
	locked_limited: "bad",
	locked_full: "bad",
};
const PAYMENT_TONES: Readonly<Record<string, Tone>> = { paid: "good", grace: "warn", overdue: "bad", closed: "plain" };
export type Tone = "good" | "warn" | "bad" | "plain";

/** A sign for each tone, so that colour never says it alone. */
export const SIGNS: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✕", plain: "•" };

export function Badge({ tone, text }: { readonly tone: Tone; readonly text: string }) {
	return (
		<span className={`badge ${tone}`}>
			<span aria-hidden="true">{SIGNS[tone]}</span> {text}
		</span>
	);
}

/** What the phone last said of its lock. */
export function StandingBadge({ standing }: { readonly standing: string }) {
	const { t, i18n } = useTranslation();
	const text = i18n.exists(`standing.${standing}`) ? t(`standing.${standing}`) : standing;
	return <Badge tone={STANDING_TONES[standing] ?? "plain"} text={text} />;
}

/** How the books stand: of an ended contract, how it ended. */
export function PaymentBadge({ contract: { state, paymentStanding } }: { readonly contract: Contract }) {
	const { t } = useTranslation();
	return state === "open" ? (
		<Badge tone={PAYMENT_TONES[paymentStanding] ?? "plain"} text={t(`books.${paymentStanding}`)} />
	) : (
		<Badge tone="plain" text={t(`state.${state}`)} />
	);
}
