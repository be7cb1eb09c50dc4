import { useTranslation } from "react-i18next";

import type { ProblemName } from "./problem.ts";

/** What went wrong, and what to do. */
export function ProblemAlert({ name }: { readonly name: ProblemName }) {
	const { t } = useTranslation();
	return (
		<div role="alert" className="card grave narrow">
			<p className="strong">{t(`problem.${name}.what`)}</p>
			<p>{t(`problem.${name}.next`)}</p>
		</div>
	);
}
