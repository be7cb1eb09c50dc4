import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Fault } from "../../handset/fault.ts";
import { FaultWords } from "../faults/fault-words.tsx";
import { Heading } from "./heading.tsx";
import { isStop } from "./what-helps.ts";

interface FaultCardProps {
	readonly fault: Fault;
	/** The step that it stopped, if one was running. */
	readonly step?: string | undefined;
	readonly contractId?: string | undefined;
	/** The one action that helps, and a way back. */
	readonly children: ReactNode;
}

/** W3: one cause, one action, a stable code, and a copy for whoever helps. */
export function FaultCard({ fault, step, contractId, children }: FaultCardProps) {
	const { t } = useTranslation();
	const [copied, setCopied] = useState<"yes" | "no">();
	const copy = () => {
		navigator.clipboard.writeText(report({ fault, step, contractId })).then(
			() => setCopied("yes"),
			() => setCopied("no"),
		);
	};
	return (
		<section role="alert" className="card grave">
			<Heading>{t(isStop(fault.code) ? "fault.stop" : "fault.heading")}</Heading>
			{step !== undefined && <p>{t("fault.step", { step: t(`steps.${step}`) })}</p>}
			<FaultWords fault={fault} withPicture />
			<div className="row">
				{children}
				<button type="button" onClick={copy}>
					{t("fault.copy")}
				</button>
			</div>
			<p role="status" className="muted">
				{copied === "yes" ? t("fault.copied") : copied === "no" ? t("fault.notCopied") : ""}
			</p>
		</section>
	);
}

/** What helps to help, without what names the phone or the borrower: digits of IMEIs and serial numbers stay here. */
function report({ fault, step, contractId }: Omit<FaultCardProps, "children">): string {
	const hidden = (text: string) => text.replaceAll(/\d{10,}/g, (digits) => `…${digits.slice(-4)}`);
	const lines = [
		fault.code,
		`step: ${step ?? "-"}`,
		`contract: ${contractId ?? "-"}`,
		`at: ${new Date().toISOString()}`,
		`browser: ${navigator.userAgent}`,
		...Object.entries(fault.details ?? {}).map(([name, value]) => `${name}: ${hidden(value)}`),
		...(fault.raw === undefined ? [] : [`raw: ${hidden(fault.raw)}`]),
	];
	return lines.join("\n");
}
