import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Contract } from "../../registry/api.ts";
import type { ContractSearch } from "../../registry/contracts/contract-search-request.ts";
import { DataTable } from "./data-table.tsx";
import { moneyText } from "./money.ts";
import { ProblemNote } from "./problem-note.tsx";
import { SearchForm } from "./search-form.tsx";
import { useServer } from "./server.ts";
import { PaymentBadge, StandingBadge } from "./standing-badge.tsx";
import { useLoad } from "./use-load.ts";
import { useLink, useTravel } from "./use-place.ts";
import { When } from "./when.tsx";

const PAGE_ROWS = 50;

/** Contracts that fit, a page at a time: a million of them cost no more than fifty. */
export function ContractList({ search }: { readonly search: ContractSearch }) {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const { go } = useTravel();
	const link = useLink();
	const { value, problem, isLoading, again } = useLoad(JSON.stringify(search), () =>
		registry.search({ ...search, limit: PAGE_ROWS }),
	);
	const [said, setSaid] = useState("");
	const found = value?.contracts.length;
	useEffect(() => {
		if (found !== undefined) setSaid(t("list.found", { number: found }));
	}, [found, t]);
	const { after, ...first } = search;
	return (
		<section className="stack" aria-labelledby="list-heading">
			<h2 id="list-heading">{t("list.heading")}</h2>
			<SearchForm key={JSON.stringify(first)} search={first} onSearch={(next) => go({ view: "contracts", search: next })} />
			<p role="status" className="hidden">
				{isLoading ? t("loading") : said}
			</p>
			<ProblemNote problem={problem} onRetry={again} />
			{isLoading && !value && <p className="muted">{t("loading")}</p>}
			{value && (
				<div className="card">
					<ContractTable contracts={value.contracts} />
					<div className="row end">
						{after !== undefined && (
							<a className="button" {...link({ view: "contracts", search: first })}>
								{t("list.first")}
							</a>
						)}
						{value.next !== undefined && (
							<a className="button" {...link({ view: "contracts", search: { ...first, after: value.next } })}>
								{t("list.next")}
							</a>
						)}
					</div>
				</div>
			)}
		</section>
	);
}

function ContractTable({ contracts }: { readonly contracts: readonly Contract[] }) {
	const { t, i18n } = useTranslation();
	const link = useLink();
	return (
		<DataTable
			caption={t("list.heading")}
			isCaptionHidden
			rows={contracts}
			keyOf={({ contractId }) => contractId}
			none={t("list.none")}
			columns={[
				{
					name: t("list.number"),
					cell: ({ contractId }) => (
						<a className="row-link" {...link({ view: "contract", contractId })}>
							{contractId}
						</a>
					),
				},
				{ name: t("list.phone"), cell: (contract) => <Handset contract={contract} /> },
				{ name: t("list.payments"), cell: (contract) => <PaymentBadge contract={contract} /> },
				{ name: t("list.lock"), cell: (contract) => <StandingBadge standing={contract.enrollment?.standing ?? "none"} /> },
				{ name: t("list.paid-until"), cell: (contract) => <When at={contract.paidUntilUnixSeconds} dayOnly /> },
				{
					name: t("list.next-due"),
					isNumber: true,
					cell: ({ nextDue, currency }) => (nextDue ? moneyText(nextDue.amountMinor, currency, i18n.language) : "—"),
				},
				{
					name: t("list.heard"),
					cell: ({ enrollment }) =>
						enrollment?.lastCheckInUnixSeconds === undefined ? (
							t("list.never")
						) : (
							<When at={enrollment.lastCheckInUnixSeconds} withDistance dayOnly />
						),
				},
			]}
		/>
	);
}

function Handset({ contract: { enrollment, imeis } }: { readonly contract: Contract }) {
	const { t } = useTranslation();
	const imei = enrollment?.imei1 ?? imeis[0];
	return (
		<>
			{enrollment && <span className="block">{enrollment.model}</span>}
			{imei === undefined ? t("list.no-phone") : <span className="muted">…{imei.slice(-4)}</span>}
		</>
	);
}
