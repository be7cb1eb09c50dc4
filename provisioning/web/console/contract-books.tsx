import { useTranslation } from "react-i18next";
import type { Static } from "typebox";
import type { ContractStory, StoryPayment } from "../../registry/contracts/contract-story-request.ts";
import { Fact } from "./contract-facts.tsx";
import { DataTable } from "./data-table.tsx";
import { lengthText } from "./moment.ts";
import { moneyText } from "./money.ts";
import { Badge } from "./standing-badge.tsx";
import { When } from "./when.tsx";

type Payment = Static<typeof StoryPayment>;
const TONES = { paid: "good", part_paid: "warn", due: "bad", upcoming: "plain" } as const;

/** Instalments, payments, and what was agreed. */
export function ContractBooks({ story }: { readonly story: ContractStory }) {
	const { t, i18n } = useTranslation();
	const { terms, payments, contract } = story;
	const money = (amountMinor: number) => moneyText(amountMinor, contract.currency, i18n.language);
	return (
		<>
			<section className="card">
				<DataTable
					caption={t("books-table.instalments")}
					rows={terms.instalments}
					keyOf={({ dueAtUnixSeconds }) => String(dueAtUnixSeconds)}
					none={t("none")}
					columns={[
						{ name: t("books-table.due"), cell: ({ dueAtUnixSeconds }) => <When at={dueAtUnixSeconds} dayOnly /> },
						{ name: t("books-table.amount"), isNumber: true, cell: ({ amountMinor }) => money(amountMinor) },
						{ name: t("books-table.covered"), isNumber: true, cell: ({ paidMinor }) => money(paidMinor) },
						{
							name: t("books-table.state"),
							cell: ({ state }) => <Badge tone={TONES[state]} text={t(`instalment.${state}`)} />,
						},
					]}
				/>
			</section>
			<section className="card">
				<DataTable
					caption={t("books-table.payments")}
					rows={payments}
					keyOf={({ reference }) => reference}
					none={t("books-table.no-payments")}
					columns={[
						{ name: t("books-table.received"), cell: ({ receivedAtUnixSeconds }) => <When at={receivedAtUnixSeconds} /> },
						{
							name: t("books-table.amount"),
							isNumber: true,
							cell: ({ amountMinor }: Payment) => (amountMinor === undefined ? "—" : money(amountMinor)),
						},
						{ name: t("books-table.reference"), cell: ({ reference }) => reference },
						{
							name: t("books-table.paid-until"),
							cell: ({ paidUntilUnixSeconds }: Payment) =>
								paidUntilUnixSeconds === undefined ? "—" : <When at={paidUntilUnixSeconds} dayOnly />,
						},
						{ name: t("books-table.source"), cell: ({ source }) => t(`source.${source}`) },
					]}
				/>
			</section>
			<Agreed story={story} />
		</>
	);
}

function Agreed({ story: { terms } }: { readonly story: ContractStory }) {
	const { t, i18n } = useTranslation();
	const length = (seconds: number) => lengthText(seconds, i18n.language);
	const quiet = terms.quietHours;
	const clock = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
	return (
		<details className="card">
			<summary>
				<h3>{t("terms.heading")}</h3>
			</summary>
			<dl className="facts">
				<Fact name={t("terms.grace")}>{length(terms.ladder.graceSeconds)}</Fact>
				<Fact name={t("terms.dwell")}>{length(terms.ladder.limitedDwellSeconds)}</Fact>
				<Fact name={t("terms.max-level")}>{t(`level.${terms.ladder.maxLevel}`)}</Fact>
				<Fact name={t("terms.notices")}>
					{t("terms.notices-text", { number: terms.notices.count, spacing: length(terms.notices.minSpacingSeconds) })}
				</Fact>
				<Fact name={t("terms.offline")}>
					{terms.offline.budgetSeconds === 0
						? t("terms.no-offline")
						: `${length(terms.offline.budgetSeconds)} · ${t(`level.${terms.offline.level}`)}`}
				</Fact>
				<Fact name={t("terms.passes")}>
					{t("terms.passes-text", { number: terms.passes.perYear, length: length(terms.passes.durationSeconds) })}
				</Fact>
				{quiet && (
					<Fact name={t("terms.quiet")}>
						{clock(quiet.startMinute)}–{clock(quiet.endMinute)}
					</Fact>
				)}
				<Fact name={t("terms.free")}>{t("terms.free-text", { length: length(terms.deadLenderReleaseSeconds) })}</Fact>
				<Fact name={t("terms.place")}>
					{terms.jurisdiction.id}: {terms.jurisdiction.status}
				</Fact>
				<Fact name={t("terms.min-past-due")}>{length(terms.jurisdiction.minPastDueSeconds)}</Fact>
				<Fact name={t("terms.restore")}>{length(terms.jurisdiction.restoreMaxMinutes * 60)}</Fact>
				<Fact name={t("terms.consent")}>
					{t(`consent.${terms.consent.method}`)} · <When at={terms.consent.givenAtUnixSeconds} />
				</Fact>
				<Fact name={t("terms.languages")}>{terms.languages.join(", ")}</Fact>
				<Fact name={t("terms.support")}>{terms.contact.supportPhone}</Fact>
			</dl>
		</details>
	);
}
