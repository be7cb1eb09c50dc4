import { useState } from "react";
import { useTranslation } from "react-i18next";

import { FaultError } from "../../handset/fault.ts";
import type { Approval } from "../../registry/access/approval-request.ts";
import { Field } from "./form-parts.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { useServer } from "./server.ts";
import { useLink } from "./use-place.ts";
import { When } from "./when.tsx";

interface AskSecondPersonProps {
	/** What the registry refused with. */
	readonly problem: unknown;
	readonly kind: string;
	readonly subject: string;
	/** The act exactly as it will be sent again. */
	readonly request: object;
}

/** The registry wants two people for this: asks for the second one, and says how it stands. */
export function AskSecondPerson({ problem, kind, subject, request }: AskSecondPersonProps) {
	const { t } = useTranslation();
	const { approvals } = useServer();
	const link = useLink();
	const [reason, setReason] = useState("");
	const [asked, setAsked] = useState<Approval>();
	const [failed, setFailed] = useState<unknown>();
	const [isBusy, setBusy] = useState(false);
	const details = problem instanceof FaultError ? (problem.fault.details ?? {}) : {};
	const isAsked = asked !== undefined || details["state"] === "asked";
	const ask = async () => {
		setBusy(true);
		try {
			setAsked(
				await approvals.ask({
					kind: details["kind"] ?? kind,
					subject: details["subject"] ?? subject,
					request: { ...request },
					reason: reason.trim(),
				}),
			);
			setFailed(undefined);
		} catch (error) {
			setFailed(error);
		} finally {
			setBusy(false);
		}
	};
	return (
		<div className="note warn" role="alert">
			<p>
				<strong>{t("second.needed")}</strong>
			</p>
			{details["dayUsed"] !== undefined && (
				<p>
					{t("second.breaker", {
						hourUsed: details["hourUsed"],
						hourAllowed: details["hourAllowed"],
						dayUsed: details["dayUsed"],
						dayAllowed: details["dayAllowed"],
					})}
				</p>
			)}
			{isAsked ? (
				<>
					<p>{t("second.asked")}</p>
					{asked && (
						<p>
							{t("second.until")} <When at={asked.expiresAtUnixSeconds} />
						</p>
					)}
					<a {...link({ view: "approvals" })}>{t("views.approvals")}</a>
				</>
			) : (
				<>
					<Field label={t("second.reason")} hint={t("second.hint")}>
						{(field) => (
							<textarea {...field} rows={2} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
						)}
					</Field>
					<ProblemNote problem={failed} />
					<button
						type="button"
						aria-disabled={reason.trim().length < 3 || isBusy}
						onClick={() => reason.trim().length >= 3 && !isBusy && void ask()}
					>
						{t("second.ask")}
					</button>
				</>
			)}
		</div>
	);
}
