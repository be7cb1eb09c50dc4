import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import type { StationCommand } from "../../station/command.ts";
import { Dialog } from "../frame/dialog.tsx";
import { ReasonField } from "./dialogs.tsx";
import { type SupervisorAct, usePage } from "./page-context.ts";
import { Icon } from "./word-icon.tsx";

interface SupervisorDialogProps {
	readonly act: SupervisorAct;
	readonly onClose: () => void;
}

/** What an operator may not do alone: a supervisor's badge, and why. While it is open, a scan is the badge. */
export function SupervisorDialog({ act, onClose }: SupervisorDialogProps) {
	const { t } = useTranslation();
	const { perform, takeScans } = usePage();
	const badgeId = useId();
	const imeiId = useId();
	const [badge, setBadge] = useState("");
	const [reason, setReason] = useState("");
	const [imei, setImei] = useState("");
	useEffect(() => takeScans(setBadge), [takeScans]);
	const why = { reason: reason.trim(), badge };
	const command: StationCommand =
		act.type === "lift-hold"
			? { type: act.type, contractId: act.contractId, ...why }
			: act.type === "type-imei"
				? { type: act.type, imei, ...why }
				: act.type === "clear-mismatch"
					? { type: act.type, slot: act.slot, ...why }
					: { type: act.type, ...why };
	const send = async () => {
		const { ok } = await perform(command);
		if (!ok) setBadge(""); // another badge is scanned; the reason stays
		return ok;
	};
	return (
		<Dialog
			heading={t(`supervisor.${act.type}`, "slot" in act ? { slot: act.slot } : {})}
			onClose={onClose}
			sendText={t("supervisor.send")}
			canSend={badge.length >= 6 && why.reason.length >= 3 && (act.type !== "type-imei" || imei.replace(/\D/g, "").length === 15)}
			onSend={send}
		>
			<p>{t(`supervisor.${act.type}-text`)}</p>
			{act.type === "type-imei" && (
				<p className="field">
					<label htmlFor={imeiId}>{t("supervisor.imei")}</label>
					<input
						id={imeiId}
						inputMode="numeric"
						autoComplete="off"
						maxLength={40}
						value={imei}
						onChange={(event) => setImei(event.target.value)}
					/>
				</p>
			)}
			<ReasonField value={reason} onChange={setReason} />
			<p className="field">
				<label htmlFor={badgeId}>{t("supervisor.badge")}</label>
				<input
					id={badgeId}
					className="secret"
					spellCheck={false}
					autoComplete="off"
					maxLength={128}
					value={badge}
					onChange={(event) => setBadge(event.target.value)}
				/>
			</p>
			<p className={badge.length >= 6 ? "badge-state good" : "badge-state"} role="status">
				<Icon name={badge.length >= 6 ? "pass" : "badge"} />{" "}
				{badge.length >= 6 ? t("supervisor.badgeThere") : t("supervisor.badgeMissing")}
			</p>
		</Dialog>
	);
}
