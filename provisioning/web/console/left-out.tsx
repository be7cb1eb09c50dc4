import { useTranslation } from "react-i18next";

import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";

const PART_NAMES = {
	orders: "records.orders",
	payments: "books-table.payments",
	codes: "records.codes",
	disputes: "records.disputes",
	standingChanges: "records.changes",
} as const;

/** Which tables of a long contract show their latest rows alone; nothing for any other contract. */
export function LeftOut({ parts }: { readonly parts: ContractStory["leftOut"] }) {
	const { t } = useTranslation();
	if (!parts) return null;
	return <p className="note plain">{t("records.left-out", { parts: parts.map((part) => t(PART_NAMES[part])).join(", ") })}</p>;
}
