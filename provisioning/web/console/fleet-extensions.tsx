import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContractFilter } from "../../registry/contracts/contract-search-request.ts";
import type { Fleet, FleetExtension, FleetList } from "../../registry/fleet/fleet-request.ts";
import { ActForm } from "./act-form.tsx";
import { DataTable } from "./data-table.tsx";
import { Choice, Field } from "./form-parts.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { useServer } from "./server.ts";
import { Badge } from "./standing-badge.tsx";
import { When } from "./when.tsx";

interface FleetExtensionsProps {
	readonly fleet: Fleet;
	readonly onDone: () => void;
}

const WHICH = ["all", "overdue", "numbers"] as const;
const HOURS = [24, 48, 72, 168] as const;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Holds for many at once, for a flood or a bank that stands still. The list is looked at first, and is then used as it was. */
export function FleetExtensions({ fleet, onDone }: FleetExtensionsProps) {
	const { t } = useTranslation();
	const { may } = useServer();
	return (
		<section className="card" aria-labelledby="extend-heading">
			<h3 id="extend-heading">{t("extend.heading")}</h3>
			<p>{t("extend.what")}</p>
			{may.runs && <NewExtension onDone={onDone} />}
			<DataTable
				caption={t("extend.latest")}
				rows={fleet.extensions}
				keyOf={({ extensionId }) => extensionId}
				none={t("extend.none")}
				columns={[
					{ name: t("extend.begun"), cell: ({ createdAtUnixSeconds }) => <When at={createdAtUnixSeconds} /> },
					{ name: t("records.kind"), cell: ({ kind }) => t(`hold.${kind}`) },
					{ name: t("records.until"), cell: ({ untilUnixSeconds }) => <When at={untilUnixSeconds} /> },
					{ name: t("extend.note"), cell: ({ note, actor }) => `${note} (${actor})` },
					{ name: t("records.state"), cell: (extension) => <Progress extension={extension} onDone={onDone} /> },
				]}
			/>
		</section>
	);
}

function NewExtension({ onDone }: { readonly onDone: () => void }) {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const [which, setWhich] = useState<(typeof WHICH)[number]>();
	const [numbers, setNumbers] = useState("");
	const [kind, setKind] = useState<"disaster" | "clearing">("disaster");
	const [hours, setHours] = useState<number>(48);
	const [note, setNote] = useState("");
	const [count, setCount] = useState("");
	const [frozen, setFrozen] = useState<FleetList>();
	const [problem, setProblem] = useState<unknown>();
	const [isLooking, setLooking] = useState(false);
	const contractIds = [...new Set(numbers.split(/[\s,;]+/).filter((text) => text !== ""))];
	const wrong = contractIds.find((text) => !ID.test(text));
	const list: { filter?: ContractFilter; contractIds?: string[] } =
		which === "numbers" ? { contractIds } : which === "overdue" ? { filter: { overdueSinceDays: 0 } } : {};
	const canLook =
		which !== undefined && (which !== "numbers" || (contractIds.length > 0 && contractIds.length <= 5000 && !wrong));
	const look = async () => {
		if (!canLook || isLooking) return;
		setLooking(true);
		try {
			setFrozen(await registry.fleetList(list));
			setProblem(undefined);
		} catch (error) {
			setProblem(error);
		} finally {
			setLooking(false);
		}
	};
	const whyNot = !frozen
		? t("extend.look-first")
		: frozen.count === 0
			? t("extend.empty")
			: note.trim().length < 3
				? t("restrict.note-missing")
				: count.replace(/[\s.,]/g, "") !== String(frozen.count)
					? t("extend.count-wrong")
					: undefined;
	const requestOf = (requestId: string) => ({
		...list,
		kind,
		hours,
		listSha256: frozen?.listSha256 ?? "",
		count: frozen?.count ?? 0,
		note: note.trim(),
		requestId,
	});
	return (
		<ActForm
			sendText={t("extend.send")}
			whyNot={whyNot}
			anotherText={t("extend.another")}
			onAnother={() => {
				setFrozen(undefined);
				setCount("");
			}}
			onDone={onDone}
			second={(requestId) => ({ kind: "fleet.extend", subject: "fleet", request: requestOf(requestId) })}
			onSend={async (requestId) => finish(registry, await registry.extendFleet(requestOf(requestId)))}
			done={(extension) => (
				<p>
					<strong>{t("extend.done", { done: extension.done, count: extension.count })}</strong>
				</p>
			)}
		>
			<Choice
				legend={t("extend.which")}
				value={which}
				options={WHICH.map((name) => ({ name, text: t(`extend.${name}`) }))}
				onChoose={(name) => {
					setWhich(name);
					setFrozen(undefined);
				}}
			/>
			{which === "numbers" && (
				<Field
					label={t("extend.contract-numbers")}
					hint={t("extend.numbers-hint", { number: contractIds.length })}
					error={wrong === undefined ? undefined : t("extend.number-wrong", { text: wrong.slice(0, 64) })}
				>
					{(field) => (
						<textarea
							{...field}
							rows={4}
							value={numbers}
							onChange={(event) => {
								setNumbers(event.target.value);
								setFrozen(undefined);
							}}
						/>
					)}
				</Field>
			)}
			<div className="row">
				<button type="button" aria-disabled={!canLook || isLooking} onClick={() => void look()}>
					{t("extend.look")}
				</button>
			</div>
			<ProblemNote problem={problem} />
			{frozen && (
				<div className="note plain" role="status">
					<p>
						<strong>{t("extend.frozen", { count: frozen.count })}</strong>
					</p>
					<p className="details-text">{frozen.sample.join(", ")}</p>
					<p className="muted">
						{t("extend.list-hash")} <code>{frozen.listSha256.slice(0, 16)}</code>
					</p>
				</div>
			)}
			<Choice
				legend={t("hold.kind")}
				value={kind}
				options={(["disaster", "clearing"] as const).map((name) => ({ name, text: t(`hold.${name}`) }))}
				onChoose={setKind}
			/>
			<Field label={t("extend.hours")}>
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
			<Field label={t("restrict.note")} hint={t("restrict.note-hint")}>
				{(field) => (
					<textarea {...field} rows={2} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
				)}
			</Field>
			<Field label={t("extend.count")} hint={t("extend.count-hint")}>
				{(field) => (
					<input
						{...field}
						inputMode="numeric"
						autoComplete="off"
						maxLength={12}
						value={count}
						onChange={(event) => setCount(event.target.value)}
					/>
				)}
			</Field>
		</ActForm>
	);
}

/** Goes on until every hold is issued; what is broken off is gone on with from the table. */
async function finish(registry: ReturnType<typeof useServer>["console"], begun: FleetExtension): Promise<FleetExtension> {
	let extension = begun;
	while (extension.state === "running") {
		const next = await registry.continueExtension(extension.extensionId).catch(() => undefined);
		if (!next || (next.state === "running" && next.done <= extension.done)) return next ?? extension;
		extension = next;
	}
	return extension;
}

function Progress({ extension, onDone }: { readonly extension: FleetExtension; readonly onDone: () => void }) {
	const { t } = useTranslation();
	const { console: registry, may } = useServer();
	const [isBusy, setBusy] = useState(false);
	const text = t("extend.progress", { done: extension.done, count: extension.count });
	if (extension.state === "done") return <Badge tone="good" text={text} />;
	return (
		<>
			<Badge tone="warn" text={text} />
			{may.runs && (
				<button
					type="button"
					aria-disabled={isBusy}
					onClick={() => {
						if (isBusy) return;
						setBusy(true);
						void finish(registry, extension).finally(() => {
							setBusy(false);
							onDone();
						});
					}}
				>
					{t("extend.go-on")}
				</button>
			)}
		</>
	);
}
