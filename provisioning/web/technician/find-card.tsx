import { useState } from "react";
import { useTranslation } from "react-i18next";

import { faultError } from "../../handset/fault.ts";
import type { Contract } from "../../registry/api.ts";
import type { TechnicianClient } from "../../registry/clients/technician-client.ts";
import { FaultCard } from "../desk/fault-card.tsx";
import { Heading } from "../desk/heading.tsx";
import { useCall } from "./use-call.ts";

interface FindCardProps {
	readonly client: TechnicianClient;
	readonly onContract: (contract: Contract) => void;
}

/** Finds a contract by its number, or by an IMEI of its phone. */
export function FindCard({ client, onContract }: FindCardProps) {
	const { t } = useTranslation();
	const [text, setText] = useState("");
	const [several, setSeveral] = useState<readonly Contract[]>([]);
	const { isBusy, fault, forget, call } = useCall();
	const wanted = text.trim();
	const find = () =>
		call(async () => {
			setSeveral([]);
			if (!/^\d{15}$/.test(wanted)) return onContract(await client.getContract(wanted));
			const found = await client.contractsOfImei(wanted);
			const [only, ...others] = found;
			if (!only) throw faultError("CONTRACT_UNKNOWN", { details: { imei: `… ${wanted.slice(-4)}` } });
			if (others.length > 0) setSeveral(found);
			else onContract(only);
		});
	return (
		<>
			<section className="card">
				<Heading>{t("find.heading")}</Heading>
				<form
					className="row bottom"
					onSubmit={(event) => {
						event.preventDefault();
						if (wanted !== "") void find();
					}}
				>
					<label className="field">
						<span>{t("find.label")}</span>
						<input value={text} autoComplete="off" spellCheck={false} onChange={(event) => setText(event.target.value)} />
					</label>
					<button type="submit" className="main-button" aria-disabled={wanted === "" || isBusy}>
						{t("find.go")}
					</button>
				</form>
				<p role="status">{isBusy ? t("find.looking") : several.length > 0 ? t("find.several") : ""}</p>
				{several.length > 0 && (
					<div className="row">
						{several.map((contract) => (
							<button key={contract.contractId} type="button" onClick={() => onContract(contract)}>
								{contract.contractId}: {t(`states-of.${contract.state}`)}
							</button>
						))}
					</div>
				)}
			</section>
			{fault && (
				<FaultCard fault={fault}>
					<button type="button" className="main-button" onClick={forget}>
						{t("work.close")}
					</button>
				</FaultCard>
			)}
		</>
	);
}
