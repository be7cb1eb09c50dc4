import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Static } from "typebox";

import type { ContractStory, StoryOrder } from "../../registry/contracts/contract-story-request.ts";
import { AuditTable } from "./audit-table.tsx";
import { DataTable } from "./data-table.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { useServer } from "./server.ts";
import { Badge, StandingBadge, type Tone } from "./standing-badge.tsx";
import { When } from "./when.tsx";

const ORDER_TONES: Readonly<Record<string, Tone>> = {
	pending: "warn",
	accepted: "good",
	refused: "bad",
	below_floor: "bad",
	superseded: "plain",
};

/** Orders and what the phone made of them, holds, appeals, codes, changes of the lock, and the log. */
export function ContractRecords({ story }: { readonly story: ContractStory }) {
	const { t } = useTranslation();
	return (
		<>
			<section className="card">
				<Orders orders={story.orders} />
			</section>
			{story.holds.length > 0 && (
				<section className="card">
					<DataTable
						caption={t("records.holds")}
						rows={story.holds}
						keyOf={({ givenAtUnixSeconds, kind }) => `${givenAtUnixSeconds}/${kind}`}
						none={t("none")}
						columns={[
							{ name: t("records.kind"), cell: ({ kind }) => t(`hold.${kind}`) },
							{ name: t("records.given"), cell: ({ givenAtUnixSeconds }) => <When at={givenAtUnixSeconds} /> },
							{ name: t("records.until"), cell: ({ untilUnixSeconds }) => <When at={untilUnixSeconds} /> },
							{
								name: t("records.state"),
								cell: ({ inForce, state }) =>
									inForce ? (
										<Badge tone="good" text={t("records.in-force")} />
									) : (
										<Badge tone="plain" text={state === "accepted" ? t("records.over") : t(`order-state.${state}`)} />
									),
							},
						]}
					/>
				</section>
			)}
			{story.disputes.length > 0 && (
				<section className="card">
					<DataTable
						caption={t("records.disputes")}
						rows={story.disputes}
						keyOf={({ paidUntilUnixSeconds }) => String(paidUntilUnixSeconds)}
						none={t("none")}
						columns={[
							{ name: t("records.opened"), cell: ({ openedAtUnixSeconds }) => <When at={openedAtUnixSeconds} /> },
							{ name: t("records.words"), cell: ({ text }) => text },
						]}
					/>
				</section>
			)}
			{story.appeals.length > 0 && (
				<section className="card">
					<DataTable
						caption={t("records.appeals")}
						rows={story.appeals}
						keyOf={({ openedAtUnixSeconds, proofReference }) => `${openedAtUnixSeconds}/${proofReference}`}
						none={t("none")}
						columns={[
							{ name: t("records.proof"), cell: ({ proofReference }) => proofReference },
							{ name: t("records.opened"), cell: ({ openedAtUnixSeconds }) => <When at={openedAtUnixSeconds} /> },
							{ name: t("records.open-until"), cell: ({ openUntilUnixSeconds }) => <When at={openUntilUnixSeconds} /> },
							{
								name: t("records.decided"),
								cell: ({ closedAtUnixSeconds }) =>
									closedAtUnixSeconds === undefined ? t("records.not-decided") : <When at={closedAtUnixSeconds} />,
							},
						]}
					/>
				</section>
			)}
			{story.codes.length > 0 && (
				<section className="card">
					<DataTable
						caption={t("records.codes")}
						rows={story.codes}
						keyOf={({ number }) => String(number)}
						none={t("none")}
						columns={[
							{ name: t("records.given"), cell: ({ issuedAtUnixSeconds }) => <When at={issuedAtUnixSeconds} /> },
							{ name: t("records.kind"), cell: ({ kind }) => t(`code.kinds.${kind}`) },
							{ name: t("records.value"), isNumber: true, cell: ({ value }) => String(value) },
							{ name: t("records.counter"), isNumber: true, cell: ({ counter }) => String(counter) },
						]}
					/>
				</section>
			)}
			{story.standingChanges.length > 0 && (
				<section className="card">
					<DataTable
						caption={t("records.changes")}
						rows={story.standingChanges}
						keyOf={({ atUnixSeconds, before, after }) => `${atUnixSeconds}/${before}/${after}`}
						none={t("none")}
						columns={[
							{ name: t("records.reported"), cell: ({ atUnixSeconds }) => <When at={atUnixSeconds} /> },
							{ name: t("records.before"), cell: ({ before }) => <StandingBadge standing={before} /> },
							{ name: t("records.after"), cell: ({ after }) => <StandingBadge standing={after} /> },
						]}
					/>
				</section>
			)}
			<section className="card">
				<Log story={story} />
			</section>
		</>
	);
}

type Order = Static<typeof StoryOrder>;

function Orders({ orders }: { readonly orders: readonly Order[] }) {
	const { t, i18n } = useTranslation();
	const known = (key: string, otherwise: string) => (i18n.exists(key) ? t(key) : otherwise);
	return (
		<DataTable
			caption={t("records.orders")}
			rows={orders}
			keyOf={({ epoch, sequence }) => `${epoch}/${sequence}`}
			none={t("records.no-orders")}
			columns={[
				{ name: t("records.issued"), cell: ({ issuedAtUnixSeconds }) => <When at={issuedAtUnixSeconds} /> },
				{
					name: t("records.order"),
					cell: ({ action, level, paidUntilUnixSeconds }) => (
						<>
							{known(`action.${action}`, action)}
							{level !== undefined && <> · {t(`level.${level}`)}</>}
							{paidUntilUnixSeconds !== undefined && (
								<>
									{" "}
									· <When at={paidUntilUnixSeconds} dayOnly />
								</>
							)}
						</>
					),
				},
				{ name: t("records.reason"), cell: ({ reason }) => known(`reason.${reason}`, reason) },
				{
					name: t("records.state"),
					cell: ({ state, rule }) => (
						<>
							<Badge tone={ORDER_TONES[state] ?? "plain"} text={t(`order-state.${state}`)} />
							{rule !== undefined && (
								<span className="block muted">
									{rule}: {known(`rule.${rule}`, "")}
								</span>
							)}
						</>
					),
				},
			]}
		/>
	);
}

/** The log, the latest first; older pages are put below when they are asked for. */
function Log({ story }: { readonly story: ContractStory }) {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const [older, setOlder] = useState<{ entries: ContractStory["audit"]; before: number | undefined }>();
	const [problem, setProblem] = useState<unknown>();
	const before = older ? older.before : story.auditBefore;
	const more = async () => {
		if (before === undefined) return;
		try {
			const next = await registry.story(story.contract.contractId, { auditBefore: before });
			setProblem(undefined);
			setOlder({ entries: [...(older?.entries ?? []), ...next.audit], before: next.auditBefore });
		} catch (error) {
			setProblem(error);
		}
	};
	return (
		<>
			<AuditTable entries={[...story.audit, ...(older?.entries ?? [])]} />
			<ProblemNote problem={problem} />
			{before !== undefined && (
				<button type="button" className="no-print" onClick={() => void more()}>
					{t("records.older")}
				</button>
			)}
		</>
	);
}
