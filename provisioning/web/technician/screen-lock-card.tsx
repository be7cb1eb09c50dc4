import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Contract } from "../../registry/api.ts";
import type { TechnicianClient } from "../../registry/clients/technician-client.ts";
import type { ScreenLockHelp, ScreenLockHelpRequest } from "../../registry/service/service-request.ts";
import { FaultCard } from "../desk/fault-card.tsx";
import { dayText } from "../desk/formats.ts";
import { Heading } from "../desk/heading.tsx";
import { useCall } from "./use-call.ts";

const WAYS = ["id_document", "borrower_code", "not_checked"] as const;
const STEPS = ["person", "tries", "erase", "enroll"] as const;

interface ScreenLockCardProps {
	readonly client: TechnicianClient;
	readonly contract: Contract;
	readonly onBack: () => void;
}

/** A forgotten screen lock: what helps, said honestly, and written down. It is never a release. */
export function ScreenLockCard({ client, contract, onBack }: ScreenLockCardProps) {
	const { t, i18n } = useTranslation();
	const [way, setWay] = useState<ScreenLockHelpRequest["identityBy"]>("id_document");
	const [note, setNote] = useState("");
	const [help, setHelp] = useState<ScreenLockHelp>();
	const { isBusy, fault, forget, call } = useCall();
	const isReady = note.trim() !== "";
	return (
		<>
			<section className="card">
				<Heading>{t("lock.heading")}</Heading>
				<p>{t("lock.text")}</p>
				<ol className="numbers">
					{STEPS.map((step) => (
						<li key={step}>{t(`lock.steps.${step}`)}</li>
					))}
				</ol>
				<p>{t("lock.paid", { day: dayText(i18n.language, contract.paidUntilUnixSeconds) })}</p>
				<form
					className="form"
					onSubmit={(event) => {
						event.preventDefault();
						const request = { identityBy: way, note: note.trim() };
						if (isReady) void call(async () => setHelp(await client.logScreenLockHelp(contract.contractId, request)));
					}}
				>
					<label className="field">
						<span>{t("lock.identity")}</span>
						<select value={way} onChange={({ target }) => setWay(WAYS.find((each) => each === target.value) ?? "not_checked")}>
							{WAYS.map((each) => (
								<option key={each} value={each}>
									{t(`lock.ways.${each}`)}
								</option>
							))}
						</select>
					</label>
					<label className="field">
						<span>{t("lock.note")}</span>
						<input value={note} autoComplete="off" maxLength={300} onChange={(event) => setNote(event.target.value)} />
					</label>
					<p role="status">{help ? t("lock.logged") : ""}</p>
					<div className="row">
						<button type="submit" className="main-button" aria-disabled={!isReady || isBusy || help !== undefined}>
							{t("lock.log")}
						</button>
						<button type="button" onClick={onBack}>
							{t("work.back")}
						</button>
					</div>
				</form>
			</section>
			{fault && (
				<FaultCard fault={fault} contractId={contract.contractId}>
					<button type="button" className="main-button" onClick={forget}>
						{t("work.close")}
					</button>
				</FaultCard>
			)}
		</>
	);
}
