import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { readRequestNumber } from "../../../proto/request-number.ts";
import type { Contract } from "../../registry/api.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import { createTechnicianClient } from "../../registry/clients/technician-client.ts";
import type { ServiceWindow } from "../../registry/service/service-request.ts";
import { FaultCard } from "../desk/fault-card.tsx";
import { timeText } from "../desk/formats.ts";
import { useCall } from "./use-call.ts";

/** As long as a repair takes. */
const HOURS = 4;

interface OpenPhoneProps {
	readonly address: RegistryAddress;
	readonly contract: Contract;
}

/** A sealed phone has its USB debugging off: it opens by itself at its next check-in, or by a code for the number on its screen. */
export function OpenPhone({ address, contract }: OpenPhoneProps) {
	const { t, i18n } = useTranslation();
	const problem = useId();
	const [digits, setDigits] = useState("");
	const [given, setGiven] = useState<ServiceWindow>();
	const { isBusy, fault, forget, call } = useCall();
	const client = createTechnicianClient(address);
	const { contractId, enrollment, state } = contract;
	const isRead = readRequestNumber(digits) !== undefined;
	const isWrong = digits.replace(/\D/g, "").length >= 8 && !isRead;
	const ask = (requestNumber?: string) =>
		call(async () => {
			const requested = requestNumber === undefined ? {} : { requestNumber };
			setGiven(await client.openServiceWindow(contractId, { hours: HOURS, ...requested }));
		});
	const heard = enrollment?.lastCheckInUnixSeconds;
	return (
		<>
			<section className="card wait">
				<h2>{t("open.heading")}</h2>
				<p>{t("open.text")}</p>
				<h3>{t("open.online")}</h3>
				<p>{t(state === "open" ? "open.onlineOrder" : "open.onlineRelease")}</p>
				<p>
					{t("facts.lastCheckIn")}: <strong>{heard === undefined ? t("facts.never") : timeText(i18n.language, heard)}</strong>
				</p>
				{state === "open" && (
					<div className="row">
						<button type="button" aria-disabled={isBusy} onClick={() => void ask()}>
							{t("open.order")}
						</button>
					</div>
				)}
				<p role="status">{given?.order ? t("open.ordered") : ""}</p>
				<h3>{t("open.offline")}</h3>
				<p>{t("open.offlineText")}</p>
				<form
					className="row bottom"
					onSubmit={(event) => {
						event.preventDefault();
						if (isRead) void ask(digits);
					}}
				>
					<label className="field">
						<span>{t("open.number")}</span>
						<input
							value={digits}
							inputMode="numeric"
							autoComplete="off"
							maxLength={9}
							aria-invalid={isWrong}
							aria-describedby={problem}
							onChange={(event) => setDigits(event.target.value.replace(/[^\d -]/g, ""))}
						/>
					</label>
					<button type="submit" className="main-button" aria-disabled={!isRead || isBusy}>
						{t("open.make")}
					</button>
				</form>
				<p id={problem} role="status" className="field-error">
					{isWrong ? t("open.misread") : ""}
				</p>
				<div role="status">
					{given?.code && (
						<>
							<p>{t("open.type", { hours: HOURS })}</p>
							<p className="code-shown">{given.code.code}</p>
						</>
					)}
				</div>
			</section>
			{fault && (
				<FaultCard fault={fault} contractId={contractId}>
					<button type="button" className="main-button" onClick={forget}>
						{t("work.close")}
					</button>
				</FaultCard>
			)}
		</>
	);
}
