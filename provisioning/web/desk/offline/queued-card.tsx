import { useTranslation } from "react-i18next";

import { FaultPicture } from "../../faults/fault-picture.tsx";
import { Heading } from "../heading.tsx";
import { useRoad } from "./road-context.tsx";

interface QueuedCardProps {
	readonly contractId: string;
	readonly onFinish: () => void;
	readonly onNext: () => void;
}

/** The phone is bound and proven, and not done: nobody at the lender's side has heard of it, and it is not sealed. */
export function QueuedCard({ contractId, onFinish, onNext }: QueuedCardProps) {
	const { t } = useTranslation();
	const { view } = useRoad();
	const state = view?.unfinished.find((each) => each.contractId === contractId)?.state;
	const isDelivered = state === "delivered" && view?.network === "up";
	return (
		<section className="card wait">
			<Heading>{t("queued.heading")}</Heading>
			<div className="beside">
				<FaultPicture id="plug-in" />
				<div className="stack">
					<p>
						<strong>{t("queued.notDone")}</strong>
					</p>
					<ul className="dots">
						<li>{t("queued.bound", { contract: contractId })}</li>
						<li>{t("queued.debugging")}</li>
						<li>{t("queued.kept")}</li>
						<li>{t("queued.again")}</li>
					</ul>
				</div>
			</div>
			<p role="status">{isDelivered ? t("queued.delivered") : t("queued.waits")}</p>
			<div className="row">
				{isDelivered && (
					<button type="button" className="main-button" onClick={onFinish}>
						{t("unfinished.finish")}
					</button>
				)}
				<button type="button" className={isDelivered ? undefined : "main-button"} onClick={onNext}>
					{t("receipt.next")}
				</button>
			</div>
		</section>
	);
}
