import { useTranslation } from "react-i18next";

import { FaultWords } from "../faults/fault-words.tsx";
import { usePage } from "./page-context.ts";
import { Icon } from "./word-icon.tsx";

interface PinnedFaultsProps {
	readonly onClose: () => void;
	readonly onSlot: (slot: number) => void;
}

/** Failures that stay until somebody saw to them, the latest first, each with its picture. */
export function PinnedFaults({ onClose, onSlot }: PinnedFaultsProps) {
	const { t, i18n } = useTranslation();
	const { view, perform } = usePage();
	const time = new Intl.DateTimeFormat(i18n.language, { hour: "2-digit", minute: "2-digit" });
	const pinned = [...view.pinned].sort((one, other) => other.atMs - one.atMs);
	return (
		<section className="panel">
			<header className="panel-head">
				<h2>{t("pinned.heading")}</h2>
				<button type="button" className="icon-button side-close" aria-label={t("dialog.close")} onClick={onClose}>
					<Icon name="close" />
				</button>
			</header>
			{pinned.length === 0 && <p className="nothing">{t("pinned.none")}</p>}
			<ol className="pinned">
				{pinned.map(({ slot, imeiTail, fault, atMs }) => (
					<li key={`${slot} ${atMs}`} className={`pin fixer-${fault.fixer}`}>
						<div className="pin-head">
							<strong className="pin-slot">{slot}</strong>
							<span>{imeiTail && `…${imeiTail}`}</span>
							<time>{time.format(atMs)}</time>
						</div>
						<FaultWords fault={fault} withPicture />
						{fault.fixer !== "operator" && <p className="pin-fixer">{t("pinned.fixer", { who: t(`fixer.${fault.fixer}`) })}</p>}
						<div className="row">
							<button type="button" onClick={() => onSlot(slot)}>
								{t("pinned.show", { slot })}
							</button>
							<button type="button" onClick={() => void perform({ type: "acknowledge", slot })}>
								{t("act.acknowledge")}
							</button>
						</div>
					</li>
				))}
			</ol>
		</section>
	);
}
