import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ActProps } from "./act-card.tsx";
import { ActForm } from "./act-form.tsx";
import { OrderSent } from "./act-order.tsx";
import { Choice, Field } from "./form-parts.tsx";
import { useServer } from "./server.ts";

const RESTORE_REASONS = ["payment", "lender_error", "goodwill", "dispute"] as const;
const HOURS = [1, 2, 4, 8, 24] as const;

export function RestoreAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { admin } = useServer();
	const [reason, setReason] = useState<(typeof RESTORE_REASONS)[number]>();
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("acts.restore.name")}
			whyNot={reason === undefined ? t("restore.choose") : undefined}
			onSend={(requestId) =>
				admin.issueOrder(story.contract.contractId, { action: "restore", reason: reason ?? "goodwill", requestId })
			}
			done={(order) => <OrderSent order={order} />}
		>
			<p className="note plain">{t("restore.limits")}</p>
			<Choice
				legend={t("records.reason")}
				value={reason}
				options={RESTORE_REASONS.map((name) => ({ name, text: t(`reason.${name}`) }))}
				onChoose={setReason}
			/>
		</ActForm>
	);
}

export function ServiceAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { admin } = useServer();
	const [hours, setHours] = useState<number>(2);
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("acts.service.name")}
			onSend={(requestId) =>
				admin.issueOrder(story.contract.contractId, {
					action: "service_window",
					reason: "service",
					durationSeconds: hours * 3600,
					requestId,
				})
			}
			done={(order) => <OrderSent order={order} />}
		>
			<Field label={t("service.length")}>
				{(field) => (
					<select {...field} value={hours} onChange={(event) => setHours(Number(event.target.value))}>
						{HOURS.map((each) => (
							<option key={each} value={each}>
								{t("service.hours", { hours: each })}
							</option>
						))}
					</select>
				)}
			</Field>
		</ActForm>
	);
}
