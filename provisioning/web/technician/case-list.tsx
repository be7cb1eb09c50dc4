import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Fault, FaultError } from "../../handset/fault.ts";
import type { TechnicianClient } from "../../registry/clients/technician-client.ts";
import type { ServiceCase } from "../../registry/service/service-request.ts";
import { FaultCard } from "../desk/fault-card.tsx";
import { timeText } from "../desk/formats.ts";
import { useCall } from "./use-call.ts";

interface CaseListProps {
	readonly client: TechnicianClient;
	readonly actor: string;
	readonly mayApprove: boolean;
	/** Of one contract; otherwise all that wait for somebody. */
	readonly contractId?: string;
	readonly onChanged?: () => void;
}

/** What was asked, and, for whoever may, the answer to it. */
export function CaseList({ client, actor, mayApprove, contractId, onChanged }: CaseListProps) {
	const { t, i18n } = useTranslation();
	const [cases, setCases] = useState<readonly ServiceCase[]>([]);
	const [silent, setSilent] = useState<Fault>();
	const { isBusy, fault, forget, call } = useCall();
	const look = useCallback(() => {
		const found = contractId === undefined ? client.waitingCases() : client.casesOf(contractId);
		found.then(setCases, (error: unknown) => {
			if (error instanceof FaultError) setSilent(error.fault);
			else throw error;
		});
	}, [client, contractId]);
	useEffect(look, [look]);
	const decide = (work: () => Promise<unknown>) =>
		call(async () => {
			await work();
			look();
			onChanged?.();
		});
	const shown = fault ?? silent;
	if (cases.length === 0 && !shown) return null;
	return (
		<>
			{shown && (
				<FaultCard fault={shown} contractId={contractId}>
					<button
						type="button"
						className="main-button"
						onClick={() => {
							forget();
							setSilent(undefined);
							look();
						}}
					>
						{t("work.close")}
					</button>
				</FaultCard>
			)}
			{cases.length > 0 && (
				<section className="card">
					<h2>{t(contractId === undefined ? "cases.waiting" : "cases.ofContract")}</h2>
					<ul className="cases">
						{cases.map((each) => (
							<li key={each.caseId}>
								<strong>
									{t(`cases.kinds.${each.kind}`)}: {t(`cases.states.${each.state}`)}
								</strong>
								<dl className="facts">
									<dt>{t("facts.contract")}</dt>
									<dd>{each.contractId}</dd>
									<dt>{t("cases.reason")}</dt>
									<dd>{each.reason}</dd>
									<dt>{t("cases.asked")}</dt>
									<dd>
										{timeText(i18n.language, each.askedAtUnixSeconds)}, {each.askedBy}
									</dd>
									{each.handset && (
										<>
											<dt>{t("cases.newImeis")}</dt>
											<dd>{[each.handset.imei1, each.handset.imei2].filter(Boolean).join(", ")}</dd>
										</>
									)}
									{each.rule !== undefined && (
										<>
											<dt>{t("cases.rule")}</dt>
											<dd>{each.rule}</dd>
										</>
									)}
								</dl>
								{each.state === "asked" && (
									<div className="row">
										{mayApprove && each.askedBy !== actor && (
											<button
												type="button"
												className="main-button"
												aria-disabled={isBusy}
												onClick={() => void decide(() => client.approveCase(each.caseId))}
											>
												{t("cases.approve")}
											</button>
										)}
										<button
											type="button"
											aria-disabled={isBusy}
											onClick={() => void decide(() => client.refuseCase(each.caseId))}
										>
											{t(each.askedBy === actor ? "cases.takeBack" : "cases.refuse")}
										</button>
									</div>
								)}
							</li>
						))}
					</ul>
				</section>
			)}
		</>
	);
}
