import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { AuditEntryJson } from "../../registry/contracts/contract-story-request.ts";
import { AuditTable } from "./audit-table.tsx";
import { Field } from "./form-parts.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { cleanSearchText } from "./search-text.ts";
import { useServer } from "./server.ts";

/** The audit log: of one contract on the page, all of it as a file. */
export function AuditPage() {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const [text, setText] = useState("");
	const [shown, setShown] = useState<{ contractId: string; entries: readonly AuditEntryJson[]; before: number | undefined }>();
	const [problem, setProblem] = useState<unknown>();
	const typed = cleanSearchText(text);
	const load = async (contractId: string, known: readonly AuditEntryJson[], before: number | undefined) => {
		try {
			const story = await registry.story(contractId, {
				auditLimit: 100,
				...(before === undefined ? {} : { auditBefore: before }),
			});
			setShown({ contractId, entries: [...known, ...story.audit], before: story.auditBefore });
			setProblem(undefined);
		} catch (error) {
			setProblem(error);
		}
	};
	return (
		<section className="stack" aria-labelledby="audit-heading">
			<h2 id="audit-heading">{t("views.audit")}</h2>
			<div className="card">
				<p>{t("audit.what")}</p>
				<form
					className="stack"
					onSubmit={(event) => {
						event.preventDefault();
						if (typed !== undefined) void load(typed, [], undefined);
					}}
				>
					<Field label={t("list.number")}>
						{(field) => (
							<span className="row together">
								<input {...field} maxLength={200} value={text} onChange={(event) => setText(event.target.value)} />
								<button type="submit" className="main-button" aria-disabled={typed === undefined}>
									{t("audit.show")}
								</button>
							</span>
						)}
					</Field>
				</form>
				<div className="row">
					<a className="button" href={registry.downloads.audit} download>
						{t("audit.download")}
					</a>
				</div>
				<ProblemNote problem={problem} />
			</div>
			{shown && (
				<div className="card" role="status">
					<h3>{shown.contractId}</h3>
					<AuditTable entries={shown.entries} />
					{shown.before !== undefined && (
						<button type="button" onClick={() => void load(shown.contractId, shown.entries, shown.before)}>
							{t("records.older")}
						</button>
					)}
				</div>
			)}
		</section>
	);
}
