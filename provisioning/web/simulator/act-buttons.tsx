import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LifeView } from "../../simulation/life.ts";
import type { Act } from "../../simulation/scenario.ts";

/** Everything that may happen, by who does it. The agent says what becomes of it. */
export function ActButtons({ view, onAct }: { readonly view: LifeView; onAct(act: Act): void }) {
	const { t } = useTranslation();
	const id = useId();
	const [days, setDays] = useState(7);
	const button = (name: string, act: Act) => (
		<button key={name} type="button" onClick={() => onAct(act)}>
			{t(`act.${name}`)}
		</button>
	);
	const turn = (
		name: string,
		kind: "payOnTime" | "network" | "look" | "emergencyCall" | "lenderSilent" | "feedStale",
		on: boolean,
	) => (
		<label key={name} className="turn">
			<input type="checkbox" checked={on} onChange={({ target }) => onAct({ kind, on: target.checked })} />
			{t(`act.${name}`)}
		</label>
	);
	const { lastAnswer } = view;
	return (
		<section className="card" aria-labelledby={id}>
			<h2 id={id}>{t("act.heading")}</h2>
			<fieldset className="acts">
				<legend>{t("act.money")}</legend>
				{button("pay", { kind: "pay", instalments: 1 })}
				{button("payOff", { kind: "payOff" })}
				{turn("payOnTime", "payOnTime", view.paysOnTime)}
			</fieldset>
			<fieldset className="acts">
				<legend>{t("act.phone")}</legend>
				{button("checkNow", { kind: "checkNow" })}
				{button("dispute", { kind: "dispute" })}
				{button("pass", { kind: "pass" })}
				{button("codeSupport", { kind: "code", from: "support" })}
				{button("codeReceipt", { kind: "code", from: "receipt" })}
				{button("codeGuess", { kind: "code", from: "guess" })}
				{button("reboot", { kind: "reboot" })}
				{button("returned", { kind: "returned" })}
				{turn("network", "network", view.isOnline)}
				{turn("look", "look", view.isLooking)}
				{turn("emergencyCall", "emergencyCall", view.isCalling)}
			</fieldset>
			<fieldset className="acts">
				<legend>{t("act.forDays")}</legend>
				<label className="field">
					<span>{t("act.days")}</span>
					<input
						type="number"
						min={1}
						max={400}
						value={days}
						onChange={({ target }) => setDays(Math.min(400, Math.max(1, Math.trunc(Number(target.value)) || 1)))}
					/>
				</label>
				{button("powerOff", { kind: "powerOff", hours: days * 24 })}
				{button("promise", { kind: "promise", days })}
				{button("disaster", { kind: "disaster", days })}
			</fieldset>
			<fieldset className="acts">
				<legend>{t("act.lender")}</legend>
				{turn("lenderSilent", "lenderSilent", view.isLenderSilent)}
				{turn("feedStale", "feedStale", view.isFeedStale)}
				{button("stolenLimited", { kind: "stolenKey", level: "limited" })}
				{button("stolenFull", { kind: "stolenKey", level: "full" })}
			</fieldset>
			<p role="status" className={lastAnswer?.accepted === false ? "answer no" : "answer"}>
				{lastAnswer === undefined
					? t("answer.none")
					: lastAnswer.accepted
						? t("answer.done", { act: t(`act.${lastAnswer.kind}`) })
						: t("answer.refused", {
								act: t(`act.${lastAnswer.kind}`),
								why: t(`why.${lastAnswer.code}`, { defaultValue: lastAnswer.code }),
							})}
			</p>
		</section>
	);
}
