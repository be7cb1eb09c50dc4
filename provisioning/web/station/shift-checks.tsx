import { useTranslation } from "react-i18next";

import { usePage } from "./page-context.ts";
import { Icon } from "./word-icon.tsx";

/** The check list before a shift, while something on it is not in order. */
export function ShiftChecks() {
	const { t } = useTranslation();
	const { view, perform, open } = usePage();
	const checks = view.shift?.checks ?? [];
	return (
		<section className="shift" aria-labelledby="shift-heading">
			<h2 id="shift-heading">{t("shift.heading")}</h2>
			<ul>
				{checks.map(({ name, ok, detail }) => (
					<li key={name} className={ok ? "check" : "check bad"}>
						<Icon name={ok ? "pass" : "fail"} />
						<strong>{t(`shift.${name}`)}</strong>
						<span className="hidden">{ok ? t("shift.ok") : t("shift.notOk")}</span>
						<span lang="en">{detail}</span>
					</li>
				))}
			</ul>
			<div className="row">
				<button type="button" className="main-button" onClick={() => void perform({ type: "check-shift" })}>
					{t("shift.again")}
				</button>
				<button type="button" onClick={() => open({ kind: "supervisor", act: { type: "skip-shift-check" } })}>
					{t("shift.skip")}
				</button>
			</div>
		</section>
	);
}
