import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ActProps } from "./act-card.tsx";
import { ActForm } from "./act-form.tsx";
import { Field } from "./form-parts.tsx";
import { fieldTime, readFieldTime } from "./moment.ts";
import { amountField, moneyText, readAmount } from "./money.ts";
import { useServer } from "./server.ts";
import { When } from "./when.tsx";

/** As the registry takes it: one line of plain signs. */
const REFERENCE = /^[\x21-\x7e]{1,80}$/;

export function PaymentAct({ story, mayGoOn, onDone }: ActProps) {
	const { t, i18n } = useTranslation();
	const { admin } = useServer();
	const { contract } = story;
	const { currency } = contract;
	const [amount, setAmount] = useState(contract.nextDue ? amountField(contract.nextDue.amountMinor, currency) : "");
	const [reference, setReference] = useState("");
	const [received, setReceived] = useState(() => fieldTime(Date.now() / 1000));
	const read = readAmount(amount, currency);
	const receivedAt = readFieldTime(received);
	const money = (minor: number) => moneyText(minor, currency, i18n.language);
	const owed = contract.totalMinor - contract.paidMinor;
	const whyNot =
		"problem" in read
			? t(`payment.amount-${read.problem}`)
			: !REFERENCE.test(reference.trim())
				? t("payment.reference-missing")
				: story.payments.some((each) => each.reference === reference.trim())
					? t("payment.reference-known")
					: receivedAt === undefined || receivedAt * 1000 > Date.now() + 60_000
						? t("payment.received-wrong")
						: undefined;
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={"minor" in read ? t("payment.send", { amount: money(read.minor) }) : t("acts.payment.name")}
			whyNot={whyNot}
			anotherText={t("payment.another")}
			onAnother={() => setReference("")}
			onSend={() =>
				admin.recordPayment(contract.contractId, {
					reference: reference.trim(),
					...("minor" in read ? { amountMinor: read.minor } : {}),
					...(receivedAt === undefined ? {} : { receivedAtUnixSeconds: Math.min(receivedAt, Math.floor(Date.now() / 1000)) }),
				})
			}
			done={({ repeated, contract: after }) => (
				<>
					<p>
						<strong>{repeated ? t("payment.repeated") : t("payment.done")}</strong>
					</p>
					<p>
						{t("facts.paid-until")}: <When at={after.paidUntilUnixSeconds} />
					</p>
					<p>{t("payment.then")}</p>
				</>
			)}
		>
			<Field
				label={t("payment.amount", { currency })}
				hint={t("payment.amount-hint", { owed: money(owed) })}
				error={amount !== "" && "problem" in read ? t(`payment.amount-${read.problem}`) : undefined}
			>
				{(field) => (
					<input
						{...field}
						inputMode="decimal"
						autoComplete="off"
						value={amount}
						onChange={(event) => setAmount(event.target.value)}
					/>
				)}
			</Field>
			{"minor" in read && read.minor > owed && <p className="note warn">{t("payment.more", { owed: money(owed) })}</p>}
			<Field label={t("payment.reference")} hint={t("payment.reference-hint")}>
				{(field) => (
					<input
						{...field}
						autoComplete="off"
						maxLength={80}
						value={reference}
						onChange={(event) => setReference(event.target.value)}
					/>
				)}
			</Field>
			<Field label={t("payment.received")} hint={t("your-time")}>
				{(field) => (
					<input {...field} type="datetime-local" value={received} onChange={(event) => setReceived(event.target.value)} />
				)}
			</Field>
		</ActForm>
	);
}

export function PayoffAct({ story, mayGoOn, onDone }: ActProps) {
	const { t, i18n } = useTranslation();
	const { admin } = useServer();
	const { contract } = story;
	const [reference, setReference] = useState("");
	const owed = contract.totalMinor - contract.paidMinor;
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("acts.payoff.name")}
			whyNot={REFERENCE.test(reference.trim()) ? undefined : t("payment.reference-missing")}
			confirm={{ story, what: t("payoff.confirm") }}
			isGrave
			onSend={() => admin.payOff(contract.contractId, { reference: reference.trim(), reason: "paid_off" })}
			done={({ certificateId }) => (
				<>
					<p>
						<strong>{t("payoff.done")}</strong>
					</p>
					{certificateId !== undefined && (
						<p>
							{t("facts.certificate")}: <code>{certificateId}</code>
						</p>
					)}
				</>
			)}
		>
			{owed > 0 && <p className="note warn">{t("payoff.owed", { owed: moneyText(owed, contract.currency, i18n.language) })}</p>}
			<Field label={t("payment.reference")} hint={t("payment.reference-hint")}>
				{(field) => (
					<input
						{...field}
						autoComplete="off"
						maxLength={80}
						value={reference}
						onChange={(event) => setReference(event.target.value)}
					/>
				)}
			</Field>
		</ActForm>
	);
}
