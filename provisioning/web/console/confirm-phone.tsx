import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";
import { Dialog } from "../frame/dialog.tsx";
import { Fact } from "./contract-facts.tsx";
import { Field } from "./form-parts.tsx";

interface ConfirmPhoneProps {
	readonly story: ContractStory;
	/** What is about to happen, in one sentence. */
	readonly what: string;
	readonly onClose: () => void;
	readonly onSend: () => Promise<boolean>;
}

/** Asks whether it is this phone: whose, which model, and its last four digits, to be typed from the case at hand. */
export function ConfirmPhone({ story: { contract, terms }, what, onClose, onSend }: ConfirmPhoneProps) {
	const { t } = useTranslation();
	const [typed, setTyped] = useState("");
	const tail = (contract.enrollment?.imei1 ?? contract.imeis[0] ?? "").slice(-4);
	const isRight = tail !== "" && typed.replace(/\s/g, "") === tail;
	return (
		<Dialog
			heading={t("confirm.heading")}
			onClose={onClose}
			onSend={onSend}
			sendText={t("confirm.send")}
			canSend={isRight}
			isGrave
		>
			<p>
				<strong>{what}</strong>
			</p>
			<dl className="facts">
				<Fact name={t("confirm.contract")}>{contract.contractId}</Fact>
				<Fact name={t("facts.account")}>{terms.accountShown}</Fact>
				<Fact name={t("facts.model")}>{contract.enrollment?.model ?? t("facts.no-phone")}</Fact>
				<Fact name={t("facts.imei")}>
					<strong className="digits">…{tail}</strong>
				</Fact>
			</dl>
			<Field label={t("confirm.type")} hint={t("confirm.hint")}>
				{(field) => (
					<input
						{...field}
						value={typed}
						inputMode="numeric"
						autoComplete="off"
						maxLength={8}
						onChange={(event) => setTyped(event.target.value)}
					/>
				)}
			</Field>
		</Dialog>
	);
}
