import { useTranslation } from "react-i18next";

import { FaultError } from "../../handset/fault.ts";
import { useToldFault } from "../faults/told-fault.ts";

/** The registry's own word for a refusal, or the fault's code. */
export function codeOfProblem(problem: unknown): string {
	if (!(problem instanceof FaultError)) return "PAGE_ERROR";
	return problem.fault.details?.["reason"] ?? problem.fault.code;
}

/** What went wrong, in the reader's words where the page has them, and what the registry said, which speaks English. */
export function ProblemNote({ problem, onRetry }: { readonly problem: unknown; readonly onRetry?: () => void }) {
	const { t, i18n } = useTranslation();
	const code = codeOfProblem(problem);
	const fault = problem instanceof FaultError ? problem.fault : undefined;
	const own = i18n.exists(`problems.${code}`) ? t(`problems.${code}`) : undefined;
	const told = useToldFault(own === undefined ? fault : undefined);
	if (problem === undefined) return null;
	const said = fault?.details?.["detail"];
	const next = fault?.details?.["next"];
	return (
		<div role="alert" className="note bad">
			<p>
				<strong lang={told?.language}>{own ?? told?.meaning ?? t("problems.PAGE_ERROR")}</strong>
			</p>
			{said !== undefined && (
				<p lang="en">
					{said} {next}
				</p>
			)}
			<p>
				<code>{code}</code>
			</p>
			{onRetry && (
				<button type="button" onClick={onRetry}>
					{t("again")}
				</button>
			)}
		</div>
	);
}
