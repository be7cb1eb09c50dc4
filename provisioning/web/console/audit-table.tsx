import { useTranslation } from "react-i18next";

import type { AuditEntryJson } from "../../registry/contracts/contract-story-request.ts";
import { DataTable } from "./data-table.tsx";
import { When } from "./when.tsx";

/** Entries of the audit log, as they stand there: what somebody wrote is shown as text, whatever it looks like. */
export function AuditTable({ entries }: { readonly entries: readonly AuditEntryJson[] }) {
	const { t } = useTranslation();
	return (
		<DataTable
			caption={t("audit.caption")}
			rows={entries}
			keyOf={({ subject, entry }) => `${subject}/${entry}`}
			none={t("none")}
			columns={[
				{ name: t("audit.entry"), isNumber: true, cell: ({ entry }) => String(entry) },
				{ name: t("audit.at"), cell: ({ atUnixSeconds }) => <When at={atUnixSeconds} /> },
				{ name: t("audit.actor"), cell: ({ actor }) => actor },
				{ name: t("audit.action"), cell: ({ action }) => <code>{action}</code> },
				{
					name: t("audit.details"),
					cell: ({ details }) => (
						<span className="details-text">
							{Object.entries(details)
								.map(([name, value]) => `${name}: ${value}`)
								.join(" · ")}
						</span>
					),
				},
			]}
		/>
	);
}
