import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { IssuedCode } from "../../registry/codes/code-request.ts";
import { codeGroups } from "./spoken-code.ts";

/** A code, large, in its groups; and one group at a time for whoever reads it out over a bad line. */
export function ReadAloud({ issued }: { readonly issued: IssuedCode }) {
	const { t } = useTranslation();
	const groups = codeGroups(issued.code);
	const [group, setGroup] = useState<number>();
	const shown = useRef<HTMLParagraphElement>(null);
	useEffect(() => {
		if (group !== undefined) shown.current?.focus();
	}, [group]);
	const digits = group === undefined ? undefined : groups[group];
	return (
		<div className="stack">
			<p className="big-code">{issued.code}</p>
			<p>
				{t(`code.kinds.${issued.kind}`)}
				{issued.value > 0 &&
					` · ${issued.kind === "service" ? t("service.hours", { hours: issued.value }) : t("search.days", { days: issued.value })}`}
			</p>
			{issued.rivals.length > 0 && <p className="note warn">{t("code.rivals", { number: issued.rivals.length })}</p>}
			{digits === undefined ? (
				<button type="button" onClick={() => setGroup(0)}>
					{t("code.read-aloud")}
				</button>
			) : (
				<section className="aloud" aria-label={t("code.read-aloud")}>
					<p>{t("code.group", { number: (group ?? 0) + 1, of: groups.length })}</p>
					<p ref={shown} tabIndex={-1} className="aloud-digits">
						{digits.join(" ")}
					</p>
					<p>{t("code.wait")}</p>
					<div className="row">
						<button type="button" aria-disabled={group === 0} onClick={() => setGroup(Math.max(0, (group ?? 0) - 1))}>
							{t("code.back")}
						</button>
						{(group ?? 0) < groups.length - 1 ? (
							<button type="button" className="main-button" onClick={() => setGroup((group ?? 0) + 1)}>
								{t("code.next")}
							</button>
						) : (
							<button type="button" className="main-button" onClick={() => setGroup(undefined)}>
								{t("code.end")}
							</button>
						)}
					</div>
				</section>
			)}
		</div>
	);
}
