import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { troubleOf } from "../frame/trouble.ts";
import type { News } from "./contract-page.tsx";
import { statusOf } from "./status.ts";
import type { Told } from "./told.ts";
import { type ToldTrouble, TroubleText } from "./trouble-text.tsx";

interface StatusCardProps extends Told {
	readonly lookedAtMs: number;
	/** Looks again, and says what was found. */
	readonly onLook: () => Promise<News>;
}

/** How it stands, what that means, what to do next. */
export function StatusCard({ view, telling, lookedAtMs, onLook }: StatusCardProps) {
	const { t } = useTranslation();
	const [looking, setLooking] = useState<"busy" | News | ToldTrouble>();
	const line = useRef<HTMLParagraphElement>(null);
	useEffect(() => line.current?.focus(), []);
	const { kind, mood, isHeldToo } = statusOf(view);
	const report = view.phone?.lastCheckInUnixSeconds;
	const values = {
		paidUntil: telling.date(view.paidUntilUnixSeconds),
		graceEnd: telling.moment(view.paidUntilUnixSeconds + view.terms.graceSeconds),
		heldUntil: view.heldUntilUnixSeconds === undefined ? "" : telling.date(view.heldUntilUnixSeconds),
		lastReport: report === undefined ? "" : telling.moment(report),
	};

	async function look() {
		setLooking("busy");
		try {
			setLooking(await onLook());
		} catch (error) {
			setLooking(troubleOf(error));
		}
	}

	return (
		<section className={`card status is-${mood}`} aria-labelledby="status">
			<h2 id="status" className="hidden">
				{t("status.heading")}
			</h2>
			<p className="status-line" ref={line} tabIndex={-1}>
				{t(`status.${kind}.line`)}
			</p>
			{isHeldToo && <p className="notice">{t("status.holdToo", values)}</p>}
			<h3>{t("status.meaning")}</h3>
			<p>{t(`status.${kind}.meaning`, values)}</p>
			<h3>{t("status.next")}</h3>
			<p>{t(`status.${kind}.next`, values)}</p>
			{view.mayAskCode && <p>{t("status.codeBelow")}</p>}
			{view.phone && kind !== "notTold" && (
				<p className="muted">{report === undefined ? t("status.neverReported") : t("status.lastReport", values)}</p>
			)}
			{kind !== "released" && (
				<div className="no-print stack">
					<button
						type="button"
						className="main-button big-button"
						aria-disabled={looking === "busy"}
						onClick={() => looking !== "busy" && void look()}
					>
						{looking === "busy" ? t("check.looking") : t("check.button")}
					</button>
					<div role="status">
						{typeof looking === "string" && looking !== "busy" && <p className="found">{t(`check.${looking}`)}</p>}
						{typeof looking === "object" && <TroubleText trouble={looking} />}
						<p className="muted">{t("check.lookedAt", { time: telling.clock(lookedAtMs) })}</p>
					</div>
				</div>
			)}
		</section>
	);
}
