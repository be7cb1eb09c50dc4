import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { SlotView, SlotWord } from "../../station/view.ts";
import { usePage } from "./page-context.ts";
import { PinnedFaults } from "./pinned-faults.tsx";
import type { Toast } from "./signal-toast.tsx";
import { type BulkAct, slotsFor } from "./slot-acts.ts";
import { SlotGrid } from "./slot-grid.tsx";
import { SlotPanel } from "./slot-panel.tsx";
import { Icon, WORDS } from "./word-icon.tsx";

const BULK_ACTS: readonly BulkAct[] = ["start", "retry", "stop"];

/** The grid, and beside it one slot or the failures that nobody has seen to. */
export function SlotsView({ flash }: { readonly flash: Toast | undefined }) {
	const { t } = useTranslation();
	const { view, open } = usePage();
	const [chosen, setChosen] = useState<number>();
	const [picked, setPicked] = useState<ReadonlySet<number>>();
	const [only, setOnly] = useState<SlotWord>();
	const [isSideOpen, setSideOpen] = useState(false);
	const opener = useRef<HTMLElement | null>(null);
	const shown = useMemo(
		() => (only === undefined ? view.slots : view.slots.filter(({ word }) => word === only)),
		[view.slots, only],
	);
	const slot = view.slots.find((each) => each.slot === chosen);

	useEffect(() => {
		if (only !== undefined && shown.length === 0) setOnly(undefined);
	}, [only, shown]);

	const onCard = (number: number) => {
		if (picked) {
			// From what is picked by then: a card may hold an older version of this function.
			setPicked((before) => {
				const next = new Set(before);
				if (!next.delete(number)) next.add(number);
				return next;
			});
			return;
		}
		opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
		setChosen(number);
		setSideOpen(true);
	};
	const closeSide = () => {
		setChosen(undefined);
		setSideOpen(false);
		opener.current?.focus();
	};
	const close = useRef(closeSide);
	close.current = closeSide;
	useEffect(() => {
		if (!isSideOpen) return;
		const onEscape = (event: KeyboardEvent) => {
			if (event.key === "Escape" && !document.querySelector("dialog[open]")) close.current();
		};
		window.addEventListener("keydown", onEscape);
		return () => window.removeEventListener("keydown", onEscape);
	}, [isSideOpen]);
	const act = (name: BulkAct, slots: readonly SlotView[]) => {
		open({ kind: "bulk", act: name, slots: slotsFor(name, slots) });
		setPicked(undefined);
	};

	return (
		<div className="slots-view">
			<section className="grid-side" aria-label={t("views.slots")}>
				<div className="grid-tools">
					<WordCounts slots={view.slots} only={only} onOnly={setOnly} />
					{picked ? (
						<>
							<span role="status">{t("pick.count", { count: picked.size })}</span>
							<button type="button" onClick={() => setPicked(new Set(shown.map((each) => each.slot)))}>
								{t("pick.shown")}
							</button>
							{BULK_ACTS.map((name) => {
								const slots = slotsFor(
									name,
									view.slots.filter((each) => picked.has(each.slot)),
								);
								return (
									slots.length > 0 && (
										<button key={name} type="button" className="main-button" onClick={() => act(name, slots)}>
											{t(`act.${name}`)} ({slots.length})
										</button>
									)
								);
							})}
							<button type="button" onClick={() => setPicked(undefined)}>
								{t("pick.end")}
							</button>
						</>
					) : (
						<button type="button" onClick={() => setPicked(new Set())}>
							{t("pick.begin")}
						</button>
					)}
					<button type="button" className="side-toggle" aria-expanded={isSideOpen} onClick={() => setSideOpen(!isSideOpen)}>
						<Icon name="fail" /> {t("pinned.count", { count: view.pinned.length })}
					</button>
				</div>
				<SlotGrid slots={shown} chosen={chosen} picked={picked} flash={flash} onCard={onCard} />
			</section>
			<aside
				className={isSideOpen ? "side open" : "side"}
				aria-label={slot ? t("panel.label", { slot: slot.slot }) : t("pinned.heading")}
			>
				{slot ? (
					<SlotPanel key={slot.slot} slot={slot} onClose={closeSide} />
				) : (
					<PinnedFaults onClose={closeSide} onSlot={onCard} />
				)}
			</aside>
		</div>
	);
}

interface WordCountsProps {
	readonly slots: readonly SlotView[];
	readonly only: SlotWord | undefined;
	readonly onOnly: (word: SlotWord | undefined) => void;
}

/** How many slots have which word; each shows only its own when pressed. */
function WordCounts({ slots, only, onOnly }: WordCountsProps) {
	const { t } = useTranslation();
	const counts = WORDS.map((word) => ({ word, count: slots.filter((slot) => slot.word === word).length })).filter(
		({ count }) => count > 0,
	);
	return (
		<fieldset className="word-counts">
			<legend className="hidden">{t("pick.filter")}</legend>
			{counts.map(({ word, count }) => (
				<button key={word} type="button" aria-pressed={only === word} onClick={() => onOnly(only === word ? undefined : word)}>
					<Icon name={word} /> <span className="word-name">{t(`word.${word}`)}</span> <strong>{count}</strong>
				</button>
			))}
		</fieldset>
	);
}
