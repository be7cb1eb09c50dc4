import { useTranslation } from "react-i18next";

import type { Contract } from "../../registry/api.ts";
import { moneyText, timeText } from "../desk/formats.ts";
import { Heading } from "../desk/heading.tsx";
import type { Task } from "./technician.tsx";

interface ContractCardProps {
	readonly contract: Contract;
	readonly onTask: (task: Task) => void;
	readonly onFind: () => void;
}

/** Where a contract and its phone stand, and what may be done: a phone that is not paid off is not touched. */
export function ContractCard({ contract, onTask, onFind }: ContractCardProps) {
	const { t, i18n } = useTranslation();
	const { enrollment, state } = contract;
	const hasEnded = state !== "open";
	const money = (minor: number) => moneyText(i18n.language, contract.currency, minor);
	const facts: readonly (readonly [name: string, value: string])[] = [
		[t("facts.contract"), contract.contractId],
		[t("facts.state"), t(`states-of.${state}`)],
		[t("facts.paid"), t("facts.paidOf", { paid: money(contract.paidMinor), total: money(contract.totalMinor) })],
		...(contract.certificateId === undefined ? [] : [[t("facts.certificate"), contract.certificateId] as const]),
		...(enrollment === undefined
			? [[t("facts.phone"), t("facts.noPhone")] as const]
			: [
					[t("facts.phone"), enrollment.model] as const,
					[
						t("facts.imeis"),
						[enrollment.imei1, ...(enrollment.imei2 === undefined ? [] : [enrollment.imei2])].join(", "),
					] as const,
					[t("facts.serial"), enrollment.serial] as const,
					[t("facts.debugging"), t(enrollment.state === "sealed" ? "facts.sealed" : "facts.notSealed")] as const,
					[
						t("facts.lastCheckIn"),
						enrollment.lastCheckInUnixSeconds === undefined
							? t("facts.never")
							: timeText(i18n.language, enrollment.lastCheckInUnixSeconds),
					] as const,
				]),
	];
	return (
		<section className={hasEnded ? "card good" : "card wait"}>
			<Heading>{t(hasEnded ? "contract-card.ended" : "contract-card.running")}</Heading>
			<p>{t(hasEnded ? "contract-card.endedText" : "contract-card.runningText")}</p>
			<dl className="facts">
				{facts.map(([name, value]) => (
					<div key={name} className="fact">
						<dt>{name}</dt>
						<dd>{value}</dd>
					</div>
				))}
			</dl>
			<div className="row">
				{hasEnded && enrollment && (
					<button type="button" className="main-button" onClick={() => onTask("release")}>
						{t("tasks.release")}
					</button>
				)}
				{enrollment && (
					<button type="button" onClick={() => onTask("sheet")}>
						{t("tasks.sheet")}
					</button>
				)}
				{!hasEnded && enrollment && (
					<>
						<button type="button" onClick={() => onTask("return")}>
							{t("tasks.return")}
						</button>
						<button type="button" onClick={() => onTask("change")}>
							{t("tasks.change")}
						</button>
						<button type="button" onClick={() => onTask("screenLock")}>
							{t("tasks.screenLock")}
						</button>
					</>
				)}
				<button type="button" onClick={onFind}>
					{t("tasks.other")}
				</button>
			</div>
		</section>
	);
}
