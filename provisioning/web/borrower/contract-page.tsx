import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BorrowerView } from "../../registry/borrower/borrower-request.ts";
import type { SignedInBorrower } from "../../registry/clients/borrower-client.ts";
import { localeOf, tellingIn } from "../frame/telling.ts";
import { troubleOf } from "../frame/trouble.ts";
import type { WhyOut } from "./app.tsx";
import { CertificateCard } from "./certificate-card.tsx";
import { CodeCard } from "./code-card.tsx";
import { DisputeCard } from "./dispute-card.tsx";
import { OrdersCard } from "./orders-card.tsx";
import { PayCard } from "./pay-card.tsx";
import { PaymentsCard } from "./payments-card.tsx";
import { PlanCard } from "./plan-card.tsx";
import { RecordCard } from "./record-card.tsx";
import { useSessionEnd } from "./session-end.ts";
import { newsBetween } from "./status.ts";
import { StatusCard } from "./status-card.tsx";
import { TermsCard } from "./terms-card.tsx";
import { WorksCard } from "./works-card.tsx";

interface ContractPageProps {
	readonly borrower: SignedInBorrower;
	readonly firstView: BorrowerView;
	readonly onOut: (why: WhyOut) => void;
}

/** What was found by looking again. */
export type News = ReturnType<typeof newsBetween>;

/** Everything of one contract, the most urgent first. */
export function ContractPage({ borrower, firstView, onOut }: ContractPageProps) {
	const { t, i18n } = useTranslation();
	const [view, setView] = useState(firstView);
	const [lookedAtMs, setLookedAtMs] = useState(() => Date.now());
	const minutesLeft = useSessionEnd(borrower.lastsSeconds, () => onOut("timeOver"));
	const telling = useMemo(
		() => tellingIn(localeOf(i18n.language, navigator.languages), view.currency),
		[i18n.language, view.currency],
	);

	/** Asks the registry; whoever is not signed in any more is shown the form instead of an error. */
	async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
		try {
			return await question();
		} catch (error) {
			if (troubleOf(error).kind === "notSignedIn") onOut("notSignedIn");
			throw error;
		}
	}
	function take(next: BorrowerView): void {
		setView(next);
		setLookedAtMs(Date.now());
	}
	const told = { view, telling };
	return (
		<>
			<div className="session no-print">
				<p>
					{view.lenderName} · <span className="clock">{view.contractId}</span>
				</p>
				<button type="button" onClick={() => onOut("left")}>
					{t("session.leave")}
				</button>
			</div>
			<div role="alert" className="no-print">
				{minutesLeft !== undefined && <p className="notice">{t("session.closesSoon", { minutes: minutesLeft })}</p>}
			</div>
			<StatusCard
				{...told}
				lookedAtMs={lookedAtMs}
				onLook={async () => {
					const next = await ask(() => borrower.contract());
					const news = newsBetween(view, next);
					take(next);
					return news;
				}}
			/>
			{view.mayAskCode && <CodeCard onAsk={(number) => ask(() => borrower.timeCode(number))} />}
			<CertificateCard {...told} />
			<WorksCard {...told} />
			<PayCard {...told} />
			<DisputeCard {...told} onSend={async (text) => take(await ask(() => borrower.dispute(text)))} />
			<PlanCard {...told} />
			<PaymentsCard {...told} />
			<OrdersCard {...told} />
			<RecordCard {...told} />
			<TermsCard {...told} />
		</>
	);
}
