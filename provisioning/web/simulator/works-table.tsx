import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { LifeView } from "../../simulation/life.ts";

/** What still works, row by row, as the agent restricts it at this moment. */
export function WorksTable({ view }: { readonly view: LifeView }) {
	const { t } = useTranslation();
	const id = useId();
	return (
		<section className="card" aria-labelledby={id}>
			<h2 id={id}>{t("works.heading")}</h2>
			<p>{t("works.what")}</p>
			<ul className="works">
				{view.works.map(({ control, isOpen }) => (
					<li key={control} className={isOpen ? "open" : "shut"}>
						<span aria-hidden="true">{isOpen ? "✓" : "✕"}</span>
						<span>{t(`control.${control}`)}</span>
						<strong>{isOpen ? t("works.yes") : t("works.no")}</strong>
					</li>
				))}
			</ul>
		</section>
	);
}
