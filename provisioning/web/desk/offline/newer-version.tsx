import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { onNewerVersion, takeNewerVersion } from "./page-worker.ts";

interface NewerVersionProps {
	/** A sale is under way: nothing is exchanged under it. */
	readonly isBusy: boolean;
}

/** Says that a newer version of the page is there. It takes over when somebody asks for it, and never in the middle of a phone. */
export function NewerVersion({ isBusy }: NewerVersionProps) {
	const { t } = useTranslation();
	const [isThere, setThere] = useState(false);
	useEffect(() => onNewerVersion(() => setThere(true)), []);
	return (
		<div role="status" className="no-print">
			{isThere && (
				<div className="network-line">
					<span aria-hidden="true">↻</span>
					<div className="row">
						<p>{t(isBusy ? "newer.later" : "newer.text")}</p>
						{!isBusy && (
							<button type="button" onClick={takeNewerVersion}>
								{t("newer.go")}
							</button>
						)}
					</div>
				</div>
			)}
		</div>
	);
}
