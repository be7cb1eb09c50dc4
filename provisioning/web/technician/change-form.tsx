import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { parseImei } from "../../../proto/imei.ts";
import { imeisOf } from "../../procedure/identity.ts";
import type { Contract } from "../../registry/api.ts";
import type { TechnicianClient } from "../../registry/clients/technician-client.ts";
import type { OldPhone, ServiceCase } from "../../registry/service/service-request.ts";
import { FaultCard } from "../desk/fault-card.tsx";
import { Heading } from "../desk/heading.tsx";
import type { ReadPhone } from "./phone-jobs.ts";
import { useCall } from "./use-call.ts";

const OLD_PHONES: readonly OldPhone[] = ["board_replaced", "destroyed", "lost_or_stolen"];

interface ChangeFormProps {
	readonly client: TechnicianClient;
	readonly contract: Contract;
	readonly read: ReadPhone;
	readonly onAsked: (asked: ServiceCase) => void;
	readonly onBack: () => void;
}

/** Two scans: the old IMEI from the papers or the box, and the new ones from the label, which must be those that the phone says. */
export function ChangeForm({ client, contract, read, onAsked, onBack }: ChangeFormProps) {
	const { t } = useTranslation();
	const [oldImei, setOldImei] = useState("");
	const [labels, setLabels] = useState<readonly string[]>(imeisOf(read.handset).map(() => ""));
	const [reason, setReason] = useState("");
	const [oldPhone, setOldPhone] = useState<OldPhone>("board_replaced");
	const { isBusy, fault, forget, call } = useCall();
	const { imei1, imei2, serial, model } = read.handset;
	const known = [contract.enrollment?.imei1, contract.enrollment?.imei2];
	const isRebind = read.agent === "same";
	const oldProblem = oldImei.length === 15 && !known.includes(oldImei);
	const labelProblem = (label: string) => label.length === 15 && !imeisOf(read.handset).some((imei) => imei === label);
	const isEach = imeisOf(read.handset).every((imei) => labels.includes(imei));
	const isReady = known.includes(oldImei) && isEach && reason.trim() !== "";
	const send = () =>
		call(async () => {
			const handset = { imei1, ...(imei2 === undefined ? {} : { imei2 }), serial, model };
			const request = { handset, oldImei, labelImeis: [...labels], reason: reason.trim() };
			onAsked(
				isRebind
					? await client.askRebind(contract.contractId, request)
					: await client.askExchange(contract.contractId, { ...request, oldPhone }),
			);
		});
	return (
		<>
			<section className="card">
				<Heading>{t(isRebind ? "change.rebind" : "change.exchange")}</Heading>
				<p>{t(isRebind ? "change.rebindText" : "change.exchangeText")}</p>
				<dl className="facts">
					<dt>{t("facts.phone")}</dt>
					<dd>{model}</dd>
					<dt>{t("change.phoneSays")}</dt>
					<dd>{imeisOf(read.handset).join(", ")}</dd>
					<dt>{t("facts.serial")}</dt>
					<dd>{serial}</dd>
				</dl>
				<form
					className="form"
					onSubmit={(event) => {
						event.preventDefault();
						if (isReady) void send();
					}}
				>
					<ImeiField
						label={t("change.oldImei")}
						value={oldImei}
						problem={oldProblem ? t("change.notOld") : undefined}
						onValue={setOldImei}
					/>
					{labels.map((label, slot) => (
						<ImeiField
							// biome-ignore lint/suspicious/noArrayIndexKey: a slot of the phone is what it is
							key={slot}
							label={t("change.labelImei", { slot: slot + 1 })}
							value={label}
							problem={labelProblem(label) ? t("change.notLabel") : undefined}
							onValue={(value) => setLabels(labels.map((each, other) => (other === slot ? value : each)))}
						/>
					))}
					{!isRebind && (
						<label className="field">
							<span>{t("change.oldPhone")}</span>
							<select
								value={oldPhone}
								onChange={({ target }) => setOldPhone(OLD_PHONES.find((each) => each === target.value) ?? "board_replaced")}
							>
								{OLD_PHONES.map((each) => (
									<option key={each} value={each}>
										{t(`change.oldPhones.${each}`)}
									</option>
								))}
							</select>
						</label>
					)}
					<label className="field">
						<span>{t("change.reason")}</span>
						<input value={reason} autoComplete="off" maxLength={300} onChange={(event) => setReason(event.target.value)} />
					</label>
					{!isRebind && <p>{t("change.stillWorks")}</p>}
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

interface ImeiFieldProps {
	readonly label: string;
	readonly value: string;
	readonly problem: string | undefined;
	readonly onValue: (value: string) => void;
}

/** Takes what a scanner types. */
function ImeiField({ label, value, problem, onValue }: ImeiFieldProps) {
	const { t } = useTranslation();
	const id = useId();
	const isMistyped = value.length === 15 && "problem" in parseImei(value);
	const text = isMistyped ? t("change.mistyped") : problem;
	return (
		<div className="field">
			<label htmlFor={id}>{label}</label>
			<input
				id={id}
				value={value}
				inputMode="numeric"
				autoComplete="off"
				maxLength={15}
				aria-invalid={text !== undefined}
				aria-describedby={`${id}-problem`}
				onChange={(event) => onValue(event.target.value.replace(/\D/g, ""))}
			/>
			<span id={`${id}-problem`} role="status" className="field-error">
				{text ?? ""}
			</span>
		</div>
	);
}
