import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Contract } from "../../registry/api.ts";
import type { TechnicianClient } from "../../registry/clients/technician-client.ts";
import type { ServiceCase } from "../../registry/service/service-request.ts";
import { FaultCard } from "../desk/fault-card.tsx";
import { Heading } from "../desk/heading.tsx";
import { useCall } from "./use-call.ts";

interface ReturnCardProps {
	readonly client: TechnicianClient;
	readonly contract: Contract;
	readonly onBack: () => void;
}

/** The phone came back: another person ends the contract, and then it can be released for the next one. */
export function ReturnCard({ client, contract, onBack }: ReturnCardProps) {
	const { t } = useTranslation();
	const [tail, setTail] = useState("");
	const [reference, setReference] = useState("");
	const [reason, setReason] = useState("");
	const [asked, setAsked] = useState<ServiceCase>();
	const { isBusy, fault, forget, call } = useCall();
	const isReady = /^\d{4}$/.test(tail) && /^[\x21-\x7e]{1,80}$/.test(reference) && reason.trim() !== "";
	if (asked) return <AskedCard asked={asked} onBack={onBack} />;
	return (
		<>
			<section className="card">
				<Heading>{t("back.heading")}</Heading>
				<p>{t("back.text")}</p>
				<form
					className="form"
					onSubmit={(event) => {
						event.preventDefault();
						const request = { imeiTail: tail, reference, reason: reason.trim() };
						if (isReady) void call(async () => setAsked(await client.askReturn(contract.contractId, request)));
					}}
				>
					<label className="field">
						<span>{t("back.tail")}</span>
						<input
							value={tail}
							inputMode="numeric"
							autoComplete="off"
							maxLength={4}
							onChange={(event) => setTail(event.target.value.replace(/\D/g, ""))}
						/>
					</label>
					<label className="field">
						<span>{t("back.reference")}</span>
						<input value={reference} autoComplete="off" maxLength={80} onChange={(event) => setReference(event.target.value)} />
					</label>
					<label className="field">
						<span>{t("change.reason")}</span>
						<input value={reason} autoComplete="off" maxLength={300} onChange={(event) => setReason(event.target.value)} />
					</label>
					<div className="row">
						<button type="submit" className="main-button" aria-disabled={!isReady || isBusy}>
							{t("change.ask")}
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

/** It was asked: nothing happens before another person approves. */
export function AskedCard({ asked, onBack }: { readonly asked: ServiceCase; readonly onBack: () => void }) {
	const { t } = useTranslation();
	return (
		<section className="card wait">
			<Heading>{t("asked.heading")}</Heading>
			<p>{t("asked.text", { kind: t(`cases.kinds.${asked.kind}`) })}</p>
			<p>{t(`asked.next.${asked.kind}`)}</p>
			<div className="row">
				<button type="button" className="main-button" onClick={onBack}>
					{t("work.back")}
				</button>
			</div>
		</section>
	);
}
