import { useEffect, useRef, useState } from "react";
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
	const [isTaken, setTaken] = useState(false);
	useEffect(() => onNewerVersion(() => setThere(true)), []);
	const take = () => {
		setTaken(true);
		takeNewerVersion();
	};
	return (
		<div role="status" className="no-print">
			{isThere && (
				<div className="network-line">
					<span aria-hidden="true">↻</span>
					<div className="row">
						<p>{t(isBusy ? "newer.later" : "newer.text")}</p>
						{!isBusy && (
							<button type="button" onClick={take}>
								{t("newer.go")}
							</button>
						)}
					</div>
				</div>
			)}
			{isTaken && <Loading />}
		</div>
	);
}

/** Over the page until it is loaded again: a phone that is begun now would be cut short. */
function Loading() {
	const { t } = useTranslation();
	const dialog = useRef<HTMLDialogElement>(null);
	useEffect(() => dialog.current?.showModal(), []);
	return (
		// A browser closes what Escape is pressed at twice, whatever is said against it.
		<dialog ref={dialog} className="dialog" aria-labelledby="newer-loading" onClose={() => dialog.current?.showModal()}>
			<h2 id="newer-loading" tabIndex={-1}>
				{t("newer.loading")}
			</h2>
			<p>{t("newer.wait")}</p>
		</dialog>
	);
}
