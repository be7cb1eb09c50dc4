import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";
import { ActCard } from "./act-card.tsx";
import { ContractBooks } from "./contract-books.tsx";
import { ContractFacts } from "./contract-facts.tsx";
import { ContractRecords } from "./contract-records.tsx";
import { LadderPreview } from "./ladder-preview.tsx";
import { LeftOut } from "./left-out.tsx";
import { actsFor } from "./permissions.ts";
import type { ActName } from "./place.ts";
import { codeOfProblem, ProblemNote } from "./problem-note.tsx";
import { useServer } from "./server.ts";
import { storyStamp } from "./story-stamp.ts";
import { type Loaded, useLoad } from "./use-load.ts";
import { useLink, useTravel } from "./use-place.ts";

/** A tab that was hidden for longer than this looks anew when it is shown. Milliseconds. */
const OLD_AFTER_MS = 30_000;

/** One contract: what is so, what follows, what can be done. */
export function ContractPage({ contractId, act }: { readonly contractId: string; readonly act?: ActName | undefined }) {
	const { t } = useTranslation();
	const { console: registry, may } = useServer();
	const { go } = useTravel();
	const link = useLink();
	const loaded = useLoad(contractId, () => registry.story(contractId));
	const { value: story, problem, isLoading, again } = loaded;
	useFreshTab(again);
	const [hasChanged, setChanged] = useState(false);
	// What an act came to stays to be read, also where it was the last of its kind: a returned phone is not returned again.
	const [doneAct, setDoneAct] = useState<ActName>();
	const mayGoOn = useUnchanged(loaded, contractId, setChanged);
	if (problem !== undefined && !story) {
		return codeOfProblem(problem) === "CONTRACT_UNKNOWN" ? (
			<div role="alert" className="card wait">
				<p>{t("contract.unknown", { number: contractId })}</p>
				<a {...link({ view: "contracts", search: {} })}>{t("contract.back")}</a>
			</div>
		) : (
			<ProblemNote problem={problem} onRetry={again} />
		);
	}
	if (!story) return <p role="status">{t("loading")}</p>;
	const open = story.appeals.some(({ closedAtUnixSeconds }) => closedAtUnixSeconds === undefined);
	const acts = may.acts ? actsFor(story.contract.state, open) : [];
	return (
		<article className="stack" aria-labelledby="contract-heading">
			<div className="row head">
				<h2 id="contract-heading" className="grow">
					{t("contract.heading", { number: contractId })}
				</h2>
				<a className="button no-print" {...link({ view: "contracts", search: {} })}>
					{t("contract.back")}
				</a>
				<button type="button" className="no-print" onClick={again}>
					{t("contract.refresh")}
				</button>
				<button type="button" className="no-print" onClick={() => print()}>
					{t("contract.print")}
				</button>
			</div>
			<p role="status" className="hidden">
				{isLoading ? t("loading") : ""}
			</p>
			<ProblemNote problem={problem} onRetry={again} />
			{hasChanged && (
				<div role="alert" className="card wait">
					<p>
						<strong>{t("contract.changed")}</strong>
					</p>
				</div>
			)}
			<ContractFacts story={story} />
			{acts.length > 0 && (
				<nav aria-label={t("acts.label")} className="acts no-print">
					{acts.map((name) => (
						<a
							key={name}
							className="button"
							{...link({ view: "contract", contractId, act: name })}
							aria-current={name === act ? "true" : undefined}
						>
							{t(`acts.${name}.name`)}
						</a>
					))}
				</nav>
			)}
			{act !== undefined && (acts.includes(act) || act === doneAct) && (
				<ActCard
					key={act}
					act={act}
					story={story}
					mayGoOn={mayGoOn}
					onDone={() => {
						setDoneAct(act);
						setChanged(false);
						again();
					}}
					onClose={() => go({ view: "contract", contractId })}
				/>
			)}
			<LadderPreview story={story} />
			<LeftOut parts={story.leftOut} />
			<ContractBooks story={story} />
			<ContractRecords story={story} />
		</article>
	);
}

/** Looks anew when a tab that lay open is shown again. */
function useFreshTab(again: () => void): void {
	useEffect(() => {
		let hiddenAt: number | undefined;
		const look = () => {
			if (document.hidden) hiddenAt = performance.now();
			else if (hiddenAt !== undefined && performance.now() - hiddenAt > OLD_AFTER_MS) again();
		};
		document.addEventListener("visibilitychange", look);
		return () => document.removeEventListener("visibilitychange", look);
	}, [again]);
}

/** Before an act: whether the contract is still as it was read. If not, the page shows it as it is now, and says so. */
function useUnchanged(
	{ value, put }: Loaded<ContractStory>,
	contractId: string,
	setChanged: (hasChanged: boolean) => void,
): () => Promise<boolean> {
	const { console: registry } = useServer();
	return async () => {
		const now = await registry.story(contractId);
		const isSame = value !== undefined && storyStamp(now) === storyStamp(value);
		setChanged(!isSame);
		if (!isSame) {
			put(now);
			scrollTo(0, 0);
		}
		return isSame;
	};
}
