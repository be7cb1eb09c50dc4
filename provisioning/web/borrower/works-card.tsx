import { useTranslation } from "react-i18next";

import { columnOf } from "./status.ts";
import type { Told } from "./told.ts";
import { whatWorks } from "./what-works.ts";

/** What works on the phone now, what always does first. */
export function WorksCard({ view }: Told) {
	const { t } = useTranslation();
	const { open, closed } = whatWorks(columnOf(view), view.terms.alwaysOpen);
	const isLocked = closed.some(({ isWhileFinanced }) => !isWhileFinanced);
	const closedNow = closed.filter(({ isWhileFinanced }) => !isWhileFinanced);
	const closedLong = closed.filter(({ isWhileFinanced }) => isWhileFinanced);
	return (
		<section className="card" aria-labelledby="works">
			<h2 id="works">{t("works.heading")}</h2>
			{view.phone && <p className="muted">{t("works.asReported")}</p>}
			<h3>{t("works.open")}</h3>
			<ul className="works open-list">
				{open.map(({ control, isAlways }) => (
					<li key={control}>
						<Mark isOpen />
						<span>
							{t(`controls.${control}`)}
							{isAlways && isLocked && <small> · {t("works.always")}</small>}
						</span>
					</li>
				))}
			</ul>
			{[
				{ heading: t("works.closed"), controls: closedNow },
				{ heading: t("works.closedFinanced"), controls: closedLong },
			].map(
				({ heading, controls }) =>
					controls.length > 0 && (
						<div className="stack" key={heading}>
							<h3>{heading}</h3>
							<ul className="works">
								{controls.map(({ control, isMaybe }) => (
									<li key={control}>
										<Mark isOpen={false} />
										<span>
											{t(`controls.${control}`)}
											{isMaybe && <small> ({t("works.maybe")})</small>}
										</span>
									</li>
								))}
							</ul>
						</div>
					),
			)}
		</section>
	);
}

/** A tick or a bar: the list's heading says the same in words. */
function Mark({ isOpen }: { readonly isOpen: boolean }) {
	return (
		<svg className={isOpen ? "mark open" : "mark"} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
			<path d={isOpen ? "M2 9l4 4 8-10" : "M3 8h10"} />
		</svg>
	);
}
