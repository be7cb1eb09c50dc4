import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { toBase64 } from "../../registry/base64.ts";
import type { PaymentImportResult } from "../../registry/payments/payment-feed-request.ts";
import { Fact } from "./contract-facts.tsx";
import { DataTable } from "./data-table.tsx";
import { moneyText } from "./money.ts";
import { ProblemNote } from "./problem-note.tsx";
import { useServer } from "./server.ts";
import { useAct } from "./use-act.ts";
import { useLink } from "./use-place.ts";

/** What base64 leaves of the registry's 4,000,000 characters, in bytes. */
const MOST_BYTES = 2_990_000;

/** A file of payments: checked whole first, and booked only when it is the file that was checked. */
export function PaymentsPage() {
	const { t, i18n } = useTranslation();
	const { console: registry } = useServer();
	const [file, setFile] = useState<{ readonly name: string; readonly base64: string }>();
	const [isTooLarge, setTooLarge] = useState(false);
	const checking = useAct<PaymentImportResult>();
	const booking = useAct<PaymentImportResult>();
	const picked = useRef(0);
	const read = async (chosen: File | undefined) => {
		picked.current += 1;
		const mine = picked.current;
		checking.anew();
		booking.anew();
		setFile(undefined);
		setTooLarge(chosen !== undefined && chosen.size > MOST_BYTES);
		if (!chosen || chosen.size > MOST_BYTES) return;
		const base64 = toBase64(new Uint8Array(await chosen.arrayBuffer()));
		if (mine === picked.current) setFile({ name: chosen.name, base64 });
	};
	const checked = checking.state.at === "done" ? checking.state.answer : undefined;
	const booked = booking.state.at === "done" ? booking.state.answer : undefined;
	const isGood = checked !== undefined && checked.errorCount === 0 && checked.booked > 0;
	const isBusy = checking.state.at === "sending" || booking.state.at === "sending";
	return (
		<section className="stack" aria-labelledby="payments-heading">
			<h2 id="payments-heading">{t("views.payments")}</h2>
			<div className="card">
				<h3>{t("import.heading")}</h3>
				<p>{t("import.what")}</p>
				<pre className="sample" lang="en">
					{"contract,reference,amount,currency,received\nA-1001,PAY-77,1234.50,MXN,2026-06-01T14:30:00Z"}
				</pre>
				<div className="field">
					<label htmlFor="import-file">{t("import.file")}</label>
					<input
						id="import-file"
						type="file"
						accept=".csv,.txt,text/csv"
						disabled={isBusy}
						onChange={(event) => void read(event.target.files?.[0])}
					/>
					{isTooLarge && (
						<span role="alert" className="field-error">
							{t("import.too-large")}
						</span>
					)}
				</div>
				<div className="row">
					<button
						type="button"
						aria-disabled={!file || isBusy || checked !== undefined}
						onClick={() =>
							file && !checked && void checking.send(() => registry.importPayments({ file: file.base64, dryRun: true }))
						}
					>
						{checking.state.at === "sending" ? t("restrict.checking") : t("import.check")}
					</button>
					<button
						type="button"
						className="main-button"
						aria-disabled={!isGood || isBusy || booked !== undefined}
						onClick={() => file && isGood && !isBusy && void booking.send(() => registry.importPayments({ file: file.base64 }))}
					>
						{booking.state.at === "sending"
							? t("sending")
							: isGood
								? t("import.book", { number: checked.booked })
								: t("import.book-none")}
					</button>
				</div>
				{checking.state.at !== "done" && checking.state.at !== "sending" && <ProblemNote problem={checking.state.problem} />}
				{booking.state.at !== "done" && booking.state.at !== "sending" && <ProblemNote problem={booking.state.problem} />}
				<div role="status">{booked ? <ImportOutcome result={booked} /> : checked && <ImportOutcome result={checked} />}</div>
				{(booked ?? checked) && <ImportErrors result={booked ?? checked} />}
			</div>
			<div className="card">
				<h3>{t("export.heading")}</h3>
				<p>{t("export.what")}</p>
				<div className="row">
					<a className="button" href={registry.downloads.contracts} download>
						{t("export.contracts")}
					</a>
					<a className="button" href={registry.downloads.payments} download>
						{t("export.payments")}
					</a>
				</div>
				<p className="muted" lang={i18n.language}>
					{t("export.format")}
				</p>
			</div>
		</section>
	);
}

function ImportOutcome({ result }: { readonly result: PaymentImportResult }) {
	const { t, i18n } = useTranslation();
	const link = useLink();
	const said = result.errorCount > 0 ? "wrong" : result.dryRun ? "right" : "booked";
	return (
		<div className={`note ${result.errorCount > 0 || result.failed.length > 0 ? "bad" : "good"}`}>
			<p>
				<strong>{t(`import.${said}`, { number: result.errorCount })}</strong>
			</p>
			<dl className="facts">
				<Fact name={t("import.rows")}>{result.rows}</Fact>
				<Fact name={t(result.dryRun ? "import.would-book" : "import.did-book")}>{result.booked}</Fact>
				<Fact name={t("import.repeated")}>{result.repeated}</Fact>
				{result.totals.map(({ currency, amountMinor }) => (
					<Fact key={currency} name={t("import.total", { currency })}>
						{moneyText(amountMinor, currency, i18n.language)}
					</Fact>
				))}
			</dl>
			{result.paidOff.length > 0 && (
				<>
					<p>
						<strong>{t("import.paid-off")}</strong>
					</p>
					<ul className="row">
						{result.paidOff.map((contractId) => (
							<li key={contractId}>
								<a {...link({ view: "contract", contractId })}>{contractId}</a>
							</li>
						))}
					</ul>
				</>
			)}
		</div>
	);
}

function ImportErrors({ result }: { readonly result: PaymentImportResult | undefined }) {
	const { t, i18n } = useTranslation();
	if (!result) return null;
	return (
		<>
			{result.errors.length > 0 && (
				<DataTable
					caption={t("import.errors", { number: result.errorCount })}
					rows={result.errors}
					keyOf={({ cell, code }) => `${cell}/${code}`}
					none={t("none")}
					columns={[
						{ name: t("import.cell"), cell: ({ cell }) => (cell === "file" ? t("import.whole-file") : <code>{cell}</code>) },
						{ name: t("import.value"), cell: ({ value }) => <code className="value">{value}</code> },
						{
							name: t("import.problem"),
							cell: ({ code, problem, remedy }) =>
								i18n.exists(`file-error.${code}`) ? (
									t(`file-error.${code}`)
								) : (
									<span lang="en">
										{problem} {remedy}
									</span>
								),
						},
					]}
				/>
			)}
			{result.failed.length > 0 && (
				<DataTable
					caption={t("import.failed")}
					rows={result.failed}
					keyOf={({ row }) => String(row)}
					none={t("none")}
					columns={[
						{ name: t("import.row"), isNumber: true, cell: ({ row }) => String(row) },
						{ name: t("list.number"), cell: ({ contractId }) => contractId },
						{ name: t("books-table.reference"), cell: ({ reference }) => reference },
						{ name: t("import.problem"), cell: ({ code, detail }) => <span lang="en">{`${code}: ${detail}`}</span> },
					]}
				/>
			)}
		</>
	);
}
