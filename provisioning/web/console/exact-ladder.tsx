import { useState } from "react";
import { useTranslation } from "react-i18next";

import { fromBase64 } from "../../registry/base64.ts";
import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";
import type { Moment } from "../../simulation/moment.ts";
import type { Preview } from "../../simulation/preview.ts";
import { When } from "./when.tsx";

const HOLDS = { dispute: "dispute", promise_to_pay: "promiseToPay", disaster: "disaster", clearing: "clearing" } as const;
/** What a lender's agent cares about; the rest of the record is the phone's own. */
const TOLD: readonly Moment["kind"][] = [
	"unlocked",
	"grace",
	"limited",
	"full",
	"noticeOnScreen",
	"noticeAsNotification",
	"released",
	"ownershipReturned",
	"wrongfulMinutes",
];

/** The next months as the phone's own program would decide them. Fetched and run only when somebody asks: it is larger than the page. */
export function ExactLadder({ story }: { readonly story: ContractStory }) {
	const { t } = useTranslation();
	const [state, setState] = useState<"idle" | "running" | "failed" | Preview>("idle");
	const run = async () => {
		if (state === "running") return;
		setState("running");
		try {
			setState(await previewOf(story));
		} catch {
			setState("failed");
		}
	};
	if (typeof state === "string") {
		return (
			<div className="row no-print">
				<button type="button" aria-disabled={state === "running"} onClick={() => void run()}>
					{t("ladder.exact")}
				</button>
				<p role="status">
					{state === "running" ? t("ladder.exact-running") : state === "failed" ? t("ladder.exact-failed") : ""}
				</p>
			</div>
		);
	}
	const offset = story.terms.quietHours?.utcOffsetMinutes;
	return (
		<section role="status">
			<h4>{t("ladder.exact-heading")}</h4>
			<div className="columns">
				<section>
					<h5>{t("ladder.nobody-pays")}</h5>
					<Moments now={state.standingNow} moments={state.nobodyPays.moments} offset={offset} />
				</section>
				<section>
					<h5>{t("ladder.next-paid")}</h5>
					<Moments now={state.standingNow} moments={state.nextPaid.moments} offset={offset} />
				</section>
			</div>
			<p className="muted">{t("ladder.assumptions")}</p>
		</section>
	);
}

async function previewOf({ contract, termsBytes, report, holds }: ContractStory): Promise<Preview> {
	const { openSimulatedPhone } = await import("../simulated-phone/worker-client.ts");
	const phone = openSimulatedPhone();
	try {
		const nowUnixSeconds = Math.floor(Date.now() / 1000);
		return await phone.preview({
			termsBytes: fromBase64(termsBytes),
			paidUntilUnixSeconds: report?.paidUntilUnixSeconds || contract.paidUntilUnixSeconds,
			nowUnixSeconds,
			lastContactUnixSeconds: report?.atUnixSeconds ?? nowUnixSeconds,
			holds: holds
				.filter(({ inForce }) => inForce)
				.map(({ kind, untilUnixSeconds }) => ({ kind: HOLDS[kind], untilUnixSeconds })),
		});
	} finally {
		phone.close();
	}
}

interface MomentsProps {
	/** Where the phone stands by its own program, whatever it said last. */
	readonly now: Preview["standingNow"];
	readonly moments: readonly Moment[];
	readonly offset: number | undefined;
}

function Moments({ now, moments, offset }: MomentsProps) {
	const { t } = useTranslation();
	const told = moments.filter(({ kind }) => TOLD.includes(kind));
	return (
		<>
			<ol className="timeline">
				<li className={`${now} past`}>
					<strong>{t(`moment.${now}`)}</strong>
					<span className="block">
						<When at={Math.floor(Date.now() / 1000)} phoneOffset={offset} withDistance />
					</span>
				</li>
				{told.map(({ number, kind, atUnixSeconds, causes, rule }) => (
					<li key={number} className={kind}>
						<strong>{t(`moment.${kind}`)}</strong>
						{causes.length > 0 && <> ({causes.map((cause) => t(`cause.${cause}`)).join(", ")})</>}{" "}
						<span className="muted">{rule}</span>
						<span className="block">
							<When at={atUnixSeconds} phoneOffset={offset} />
						</span>
					</li>
				))}
			</ol>
			{told.length === 0 && <p className="muted">{t("ladder.exact-none")}</p>}
		</>
	);
}
