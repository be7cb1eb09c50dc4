import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";
import { heldUntil } from "./ladder-dates.ts";
import { lengthText, offsetName } from "./moment.ts";
import { moneyText } from "./money.ts";
import { Badge, PaymentBadge, StandingBadge } from "./standing-badge.tsx";
import { When } from "./when.tsx";

interface StoryProps {
	readonly story: ContractStory;
}

/** How things stand, in plain words; what is due; what the phone last said. */
export function ContractFacts({ story }: StoryProps) {
	const { t, i18n } = useTranslation();
	const { contract, terms, report } = story;
	const { enrollment, nextDue, currency } = contract;
	const offset = terms.quietHours?.utcOffsetMinutes;
	const money = (amountMinor: number) => moneyText(amountMinor, currency, i18n.language);
	const held = heldUntil(story);
	return (
		<div className="columns">
			<section className={`card ${toneOf(story)}`} aria-labelledby="facts-money">
				<h3 id="facts-money">{t("facts.money")}</h3>
				<p className="row">
					<PaymentBadge contract={contract} />
					{held !== undefined && <Badge tone="plain" text={t("facts.held")} />}
				</p>
				<Sentence story={story} />
				<dl className="facts">
					<Fact name={t("facts.account")}>{terms.accountShown}</Fact>
					<Fact name={t("facts.lender")}>{terms.lenderName}</Fact>
					<Fact name={t("facts.paid-until")}>
						<When at={contract.paidUntilUnixSeconds} phoneOffset={offset} withDistance />
					</Fact>
					{nextDue && (
						<Fact name={t("facts.next-due")}>
							{money(nextDue.amountMinor)} · <When at={nextDue.dueAtUnixSeconds} dayOnly />
						</Fact>
					)}
					<Fact name={t("facts.paid")}>
						{t("facts.paid-of", { paid: money(contract.paidMinor), total: money(contract.totalMinor) })}
					</Fact>
					{held !== undefined && (
						<Fact name={t("facts.held-until")}>
							<When at={held} phoneOffset={offset} withDistance />
						</Fact>
					)}
					{contract.payoffReference !== undefined && <Fact name={t("facts.payoff")}>{contract.payoffReference}</Fact>}
					{contract.certificateId !== undefined && (
						<Fact name={t("facts.certificate")}>
							<code>{contract.certificateId}</code>
						</Fact>
					)}
				</dl>
			</section>
			<section className="card" aria-labelledby="facts-phone">
				<h3 id="facts-phone">{t("facts.phone")}</h3>
				<p className="row">
					<StandingBadge standing={report?.standing ?? enrollment?.standing ?? "none"} />
					{contract.pendingOrders > 0 && <Badge tone="warn" text={t("facts.pending", { number: contract.pendingOrders })} />}
				</p>
				<dl className="facts">
					{enrollment ? (
						<>
							<Fact name={t("facts.model")}>{enrollment.model}</Fact>
							<Fact name={t("facts.imei")}>
								{enrollment.imei1}
								{enrollment.imei2 !== undefined && <span className="block">{enrollment.imei2}</span>}
							</Fact>
						</>
					) : (
						<Fact name={t("facts.imei")}>{contract.imeis.join(", ") || t("facts.no-phone")}</Fact>
					)}
					{report ? (
						<>
							<Fact name={t("facts.heard")}>
								<When at={report.atUnixSeconds} phoneOffset={offset} withDistance />
							</Fact>
							{report.lockCauses.length > 0 && (
								<Fact name={t("facts.causes")}>{report.lockCauses.map((cause) => causeText(t, cause)).join(", ")}</Fact>
							)}
							{report.paidUntilUnixSeconds > 0 && (
								<Fact name={t("facts.phone-paid-until")}>
									<When at={report.paidUntilUnixSeconds} phoneOffset={offset} />
								</Fact>
							)}
							<Fact name={t("facts.contact")}>
								{t(`contact-state.${report.contact}`)}
								{terms.offline.budgetSeconds > 0 && (
									<span className="muted">
										{" "}
										(
										{t("facts.offline", {
											used: lengthText(report.offlineChargedSeconds, i18n.language),
											budget: lengthText(terms.offline.budgetSeconds, i18n.language),
										})}
										)
									</span>
								)}
							</Fact>
							{report.wrongfulLockMinutes > 0 && (
								<Fact name={t("facts.wrongful")}>{t("facts.minutes", { number: report.wrongfulLockMinutes })}</Fact>
							)}
						</>
					) : (
						<Fact name={t("facts.heard")}>{t("list.never")}</Fact>
					)}
					{offset !== undefined && <Fact name={t("facts.zone")}>{offsetName(offset)}</Fact>}
				</dl>
				{report && <Warnings story={story} />}
			</section>
		</div>
	);
}

export function Fact({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }) {
	return (
		<>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</>
	);
}

function toneOf({ contract }: ContractStory): string {
	if (contract.state !== "open" || contract.paymentStanding === "paid") return "good";
	return contract.paymentStanding === "grace" ? "wait" : "grave";
}

/** The whole in one sentence, for whoever has a borrower on the line. */
function Sentence({ story: { contract, report } }: StoryProps) {
	const { t } = useTranslation();
	const isLocked = report?.level === "limited" || report?.level === "full";
	if (contract.state !== "open")
		return <p>{t(report?.standing === "released" || contract.state === "released" ? "sentence.free" : "sentence.ended")}</p>;
	if (contract.paymentStanding === "paid") return <p>{t(isLocked ? "sentence.paid-locked" : "sentence.paid")}</p>;
	if (contract.paymentStanding === "grace") return <p>{t(isLocked ? "sentence.grace-locked" : "sentence.grace")}</p>;
	return <p>{t(isLocked ? "sentence.overdue-locked" : "sentence.overdue")}</p>;
}

function causeText(t: (key: string) => string, cause: string): string {
	const key = `cause.${cause}`;
	const text = t(key);
	return text === key ? cause : text;
}

/** What of a phone's last word somebody should look at. */
function Warnings({ story: { report, attestation } }: StoryProps) {
	const { t } = useTranslation();
	if (!report) return null;
	const warnings = [
		report.serviceOpen && t("warning.service"),
		!report.sealed && report.standing !== "released" && t("warning.unsealed"),
		report.postureDrift.length > 0 && t("warning.drift", { what: report.postureDrift.join(", ") }),
		report.simChanged && t("warning.sim"),
		report.attestationChanged && t("warning.attestation"),
		attestation?.needsAttention === true && t("warning.unproven", { what: unproven(attestation) }),
	].filter((text) => text !== false);
	return warnings.length === 0 ? null : (
		<ul className="bullets">
			{warnings.map((text) => (
				<li key={text}>
					<span aria-hidden="true">!</span> {text}
				</li>
			))}
		</ul>
	);
}

/** What the registry found, by its stable codes; the result alone where it found nothing in particular. */
function unproven({ atCheckIn, atEnrollment }: NonNullable<ContractStory["attestation"]>): string {
	const latest = atCheckIn ?? atEnrollment;
	const codes = latest?.findings.filter(({ weight }) => weight !== "note").map(({ code }) => code) ?? [];
	return codes.length > 0 ? codes.join(", ") : (latest?.result ?? "");
}
