import { useTranslation } from "react-i18next";

import { imeiTail } from "../../../proto/imei.ts";
import { FaultPicture } from "../faults/fault-picture.tsx";
import type { PreparedContract } from "./contract-work.ts";
import type { ConfirmedPhone } from "./enroll-run.ts";
import { Heading } from "./heading.tsx";

interface ConfirmPhoneProps {
	readonly phone: ConfirmedPhone;
	readonly contract: PreparedContract;
	readonly onAnswer: (isIt: boolean) => void;
}

/** W9: before anything is changed, the clerk compares the phone on the cable with the one in hand. */
export function ConfirmPhone({ phone, contract, onAnswer }: ConfirmPhoneProps) {
	const { t } = useTranslation();
	return (
		<section className="card wait">
			<Heading>{t("confirm.heading")}</Heading>
			<div className="beside">
				<FaultPicture id="dial-imei" />
				<dl className="facts big-facts">
					<dt>{t("confirm.model")}</dt>
					<dd>{phone.model}</dd>
					<dt>{t("confirm.imei")}</dt>
					<dd>{phone.imeis.map((imei) => `… ${imeiTail(imei)}`).join(", ")}</dd>
					<dt>{t("terms.contract")}</dt>
					<dd>{contract.contract.contractId}</dd>
					<dt>{t("terms.account")}</dt>
					<dd>{contract.terms.accountShown}</dd>
				</dl>
			</div>
			<p>{t("confirm.text")}</p>
			<div className="row">
				<button type="button" className="main-button" onClick={() => onAnswer(true)}>
					{t("confirm.yes")}
				</button>
				<button type="button" onClick={() => onAnswer(false)}>
					{t("confirm.no")}
				</button>
			</div>
		</section>
	);
}
