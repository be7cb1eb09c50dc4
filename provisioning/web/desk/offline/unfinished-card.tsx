import { useTranslation } from "react-i18next";

import { FaultWords } from "../../faults/fault-words.tsx";
import { useRoad } from "./road-context.tsx";

interface UnfinishedCardProps {
	/** Goes on with the phone of this contract. */
	readonly onFinish: (contractId: string) => void;
}

/** Phones that were bound without network, and are not done: what the registry has yet to hear, and which to plug in again. */
export function UnfinishedCard({ onFinish }: UnfinishedCardProps) {
	const { t } = useTranslation();
	const { view } = useRoad();
	if (!view || view.unfinished.length === 0) return null;
	const isUp = view.network === "up";
	return (
		<section className="card wait">
			<h2>{t("unfinished.heading")}</h2>
			<ul className="offline-list">
				{view.unfinished.map(({ contractId, state, fault }) => (
					<li key={contractId}>
						<strong>{contractId}</strong>
						<span>{t(`unfinished.${state}`)}</span>
						{fault && <FaultWords fault={fault} />}
						{isUp && state !== "waiting" && (
							<button
								type="button"
								onClick={() => onFinish(contractId)}
								aria-label={t("unfinished.finishOf", { contract: contractId })}
							>
								{t("unfinished.finish")}
							</button>
						)}
					</li>
				))}
			</ul>
		</section>
	);
}
