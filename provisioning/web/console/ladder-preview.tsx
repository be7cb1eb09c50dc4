import { useTranslation } from "react-i18next";

import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";
import { ExactLadder } from "./exact-ladder.tsx";
import { heldUntil, type LadderStep, ladderDates, paidUntilAfterNext } from "./ladder-dates.ts";
import { When } from "./when.tsx";

/** What happens to this phone and when: if nobody pays, and if the next instalment is paid. By the terms; the phone may be later, never sooner. */
export function LadderPreview({ story }: { readonly story: ContractStory }) {
	const { t } = useTranslation();
	if (story.contract.state !== "open") return null;
	const now = Date.now() / 1000;
	const unpaid = ladderDates(story, story.contract.paidUntilUnixSeconds, heldUntil(story));
	const next = paidUntilAfterNext(story);
	const offset = story.terms.quietHours?.utcOffsetMinutes;
	return (
		<section className="card" aria-labelledby="ladder-heading">
			<h3 id="ladder-heading">{t("ladder.heading")}</h3>
			<div className="columns">
				<section>
					<h4>{t("ladder.nobody-pays")}</h4>
					<Steps steps={unpaid} now={now} offset={offset} />
				</section>
				<section>
					<h4>{t("ladder.next-paid")}</h4>
					{next === undefined ? (
						<p>{t("ladder.last-instalment")}</p>
					) : (
						<Steps steps={ladderDates(story, Math.max(next, story.contract.paidUntilUnixSeconds))} now={now} offset={offset} />
					)}
				</section>
			</div>
			<p className="muted">{t("ladder.earliest")}</p>
			<ExactLadder story={story} />
		</section>
	);
}

interface StepsProps {
	readonly steps: readonly LadderStep[];
	readonly now: number;
	readonly offset: number | undefined;
}

function Steps({ steps, now, offset }: StepsProps) {
	const { t } = useTranslation();
	return (
		<ol className="timeline">
			{steps.map(({ name, atUnixSeconds }) => (
				<li key={name} className={`${name}${atUnixSeconds <= now ? " past" : ""}`}>
					<strong>{t(`ladder.${name}`)}</strong>
					<span className="block">
						<When at={atUnixSeconds} phoneOffset={offset} withDistance />
					</span>
					<span className="block muted">{t(`ladder.${name}-text`)}</span>
				</li>
			))}
		</ol>
	);
}
