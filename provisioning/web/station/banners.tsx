import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { FaultWords } from "../faults/fault-words.tsx";
import { clockText } from "./duration.ts";
import { usePage } from "./page-context.ts";
import type { PageState } from "./page-state.ts";
import { Icon } from "./word-icon.tsx";

interface BannersProps {
	readonly link: PageState["link"];
	/** Sounds may be played, or are switched off on purpose. */
	readonly isSounding: boolean;
}

/** What must not be overlooked, over the full width: most serious first. */
export function Banners({ link, isSounding }: BannersProps) {
	const { t } = useTranslation();
	const { view, open } = usePage();
	const { stop, down, registry } = view;
	return (
		<div className="banners">
			{link === "lost" && <LostLink />}
			{down && (
				<section className="banner stop" role="alert">
					<Icon name="error" />
					<div>
						<h2>{t("banner.down")}</h2>
						<FaultWords fault={down} />
					</div>
				</section>
			)}
			{stop && (
				<section className="banner stop" role="alert">
					<strong className="stop-word">
						<Icon name="stop" /> {t("banner.stop")}
					</strong>
					<div className="stop-text">
						<p className="stop-what">{stop.text}</p>
						<p>{t("banner.stopRemedy")}</p>
					</div>
					{stop.slot !== undefined && (
						<button
							type="button"
							onClick={() =>
								stop.slot !== undefined && open({ kind: "supervisor", act: { type: "clear-mismatch", slot: stop.slot } })
							}
						>
							{t("banner.stopClear", { slot: stop.slot })}
						</button>
					)}
				</section>
			)}
			{view.adbServer === "down" && (
				<section className="banner warn" role="status">
					<Icon name="error" /> <p>{t("banner.adbDown")}</p>
				</section>
			)}
			{registry.state === "down" && (
				<section className="banner warn" role="status">
					<Icon name="queued" />{" "}
					<p>{t("banner.registryDown", { left: registry.vouchers.left, waiting: registry.queuedReceipts })}</p>
				</section>
			)}
			{!isSounding && (
				<section className="banner quiet">
					<Icon name="muted" /> <p>{t("banner.noSound")}</p>
					<button type="button">{t("banner.startSound")}</button>
				</section>
			)}
		</div>
	);
}

/** How old everything below is. Counts by the browser's own clock: the station's stands still here. */
function LostLink() {
	const { t } = useTranslation();
	const { following } = usePage();
	const [age, setAge] = useState(0);
	useEffect(() => {
		const count = () => setAge(performance.now() - following.state().heardAtMs);
		count();
		const timer = setInterval(count, 1000);
		return () => clearInterval(timer);
	}, [following]);
	return (
		<section className="banner lost">
			<Icon name="error" />
			<p role="alert">
				<strong>{t("link.lost")}</strong> {t("link.lostRemedy")}
			</p>
			<p className="lost-age">{t("link.age", { age: clockText(age) })}</p>
		</section>
	);
}
