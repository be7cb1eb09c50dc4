import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { SlotView } from "../../station/view.ts";
import { FaultWords } from "../faults/fault-words.tsx";
import { clockText } from "./duration.ts";
import { usePage, useStationNow } from "./page-context.ts";
import { actsOf, type SlotAct } from "./slot-acts.ts";
import { Icon } from "./word-icon.tsx";

interface SlotPanelProps {
	readonly slot: SlotView;
	readonly onClose: () => void;
}

/** One slot: everything that is known of it, and what may be done. */
export function SlotPanel({ slot, onClose }: SlotPanelProps) {
	const { t } = useTranslation();
	const { view } = usePage();
	const heading = useRef<HTMLHeadingElement>(null);
	const figures = view.batch.figures.slots.find((each) => each.slot === slot.slot);
	const percent = (part: number) => new Intl.NumberFormat(undefined, { style: "percent" }).format(part);
	useEffect(() => heading.current?.focus(), []);
	const facts: [string, ReactNode][] = [
		[t("panel.imei"), slot.imeiTail && `…${slot.imeiTail}`],
		[t("panel.contract"), slot.contractId],
		[t("panel.model"), slot.model],
		[t("panel.time"), slot.sinceMs !== undefined && <PanelTime sinceMs={slot.sinceMs} endedAtMs={slot.endedAtMs} />],
		[t("panel.battery"), slot.batteryPercent !== undefined && `${slot.batteryPercent} %`],
		[t("panel.usb"), slot.usbPath],
		[t("panel.link"), slot.linkSpeed],
		[t("panel.cable"), t("panel.cableScore", { score: slot.cable.score, drops: slot.cable.drops, plugs: slot.cable.plugs })],
		[t("panel.yield"), figures && figures.runs > 0 && `${percent(figures.yield)} (${figures.passes} / ${figures.runs})`],
	];
	return (
		<section className="panel">
			<header className={`panel-head word-${slot.word}`}>
				<h2 ref={heading} tabIndex={-1}>
					<span className="card-number">{slot.slot}</span> <Icon name={slot.word} /> {t(`word.${slot.word}`)}
				</h2>
				<button type="button" className="icon-button" aria-label={t("dialog.close")} onClick={onClose}>
					<Icon name="close" />
				</button>
			</header>
			{slot.locked && <p className="panel-locked">{t("panel.locked")}</p>}
			{slot.step && (
				<div className="panel-step" aria-live="polite">
					<p>
						<b>
							{slot.step.number} / {slot.step.count}
						</b>{" "}
						<span lang="en">{slot.step.title}</span>
					</p>
					<progress
						value={slot.step.number - 1 + (slot.step.fraction ?? 0)}
						max={slot.step.count}
						aria-label={t("panel.progress")}
					/>
					{slot.step.note && <p lang="en">{slot.step.note}</p>}
				</div>
			)}
			{slot.fault && <FaultWords fault={slot.fault} withPicture />}
			<Acts slot={slot} />
			<dl className="facts">
				{facts.map(
					([name, value]) =>
						value && (
							<div key={name}>
								<dt>{name}</dt>
								<dd>{value}</dd>
							</div>
						),
				)}
			</dl>
		</section>
	);
}

function PanelTime({ sinceMs, endedAtMs }: { readonly sinceMs: number; readonly endedAtMs: number | undefined }) {
	const now = useStationNow();
	return <>{clockText((endedAtMs ?? now) - sinceMs)}</>;
}

function Acts({ slot }: { readonly slot: SlotView }) {
	const { t } = useTranslation();
	const { view, perform, open } = usePage();
	const acts = actsOf(slot);
	const isPinned = view.pinned.some((each) => each.slot === slot.slot);
	const { contractId = "" } = slot; // acts that need one are not offered without it
	const act = (name: SlotAct) => {
		switch (name) {
			case "start":
			case "retry":
				return void perform({ type: name, slots: [slot.slot], count: 1 });
			case "stop":
				return open({ kind: "bulk", act: name, slots: [slot] });
			case "identify":
				return void perform({ type: "identify", slot: slot.slot });
			case "hold":
			case "reprint":
				return open({ kind: "reason", act: name, contractId, slot: slot.slot });
			case "lift-hold":
				return open({ kind: "supervisor", act: { type: "lift-hold", contractId, slot: slot.slot } });
			case "unlock":
				return open({ kind: "supervisor", act: { type: "clear-mismatch", slot: slot.slot } });
		}
	};
	return (
		<div className="acts">
			{acts.map((name, index) => (
				<button key={name} type="button" className={index === 0 ? "main-button" : undefined} onClick={() => act(name)}>
					{t(`act.${name}`)}
				</button>
			))}
			{isPinned && (
				<button type="button" onClick={() => void perform({ type: "acknowledge", slot: slot.slot })}>
					{t("act.acknowledge")}
				</button>
			)}
		</div>
	);
}
