import { type CSSProperties, type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { SlotView } from "../../station/view.ts";
import { fitGrid, type GridFit } from "./grid-fit.ts";
import type { Toast } from "./signal-toast.tsx";
import { SlotCard } from "./slot-card.tsx";

interface SlotGridProps {
	readonly slots: readonly SlotView[];
	readonly chosen: number | undefined;
	readonly picked: ReadonlySet<number> | undefined;
	readonly flash: Toast | undefined;
	readonly onCard: (slot: number) => void;
}

/** All cards, in the order of the stickers. Arrow keys move between them; Tab enters and leaves. */
export function SlotGrid({ slots, chosen, picked, flash, onCard }: SlotGridProps) {
	const { t } = useTranslation();
	const list = useRef<HTMLUListElement>(null);
	const [fit, setFit] = useState<GridFit>({ columns: 8, rows: "fill", rowHeight: 100 });
	const [current, setCurrent] = useState<number>();
	const count = slots.length;
	const tabStop = Math.max(
		0,
		slots.findIndex(({ slot }) => slot === current),
	);

	useLayoutEffect(() => {
		const room = list.current?.parentElement;
		if (!room) return;
		const measure = () => {
			// Where the page scrolls as a whole, the room is as high as the cards in it: only the window says what fits.
			const next = fitGrid(count, room.clientWidth, Math.min(room.clientHeight, globalThis.innerHeight));
			setFit((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
		};
		measure();
		const observer = new ResizeObserver(measure);
		observer.observe(room);
		return () => observer.disconnect();
	}, [count]);

	const onKeyDown = (event: KeyboardEvent) => {
		const steps: Record<string, number> = {
			ArrowRight: 1,
			ArrowLeft: -1,
			ArrowDown: fit.columns,
			ArrowUp: -fit.columns,
			Home: -count,
			End: count,
		};
		const step = steps[event.key];
		if (step === undefined) return;
		event.preventDefault();
		const next = Math.min(count - 1, Math.max(0, tabStop + step));
		list.current?.querySelectorAll<HTMLElement>("button")[next]?.focus();
	};

	const style = { "--columns": fit.columns, "--row": `${fit.rowHeight}px` } as CSSProperties; // custom properties are not in its type
	return (
		<div className={`grid-room ${fit.rows}`}>
			<ul ref={list} className="grid" style={style} aria-label={t("views.slots")} onKeyDown={onKeyDown}>
				{slots.map((slot, index) => (
					<SlotCard
						key={slot.slot}
						slot={slot}
						isChosen={chosen === slot.slot}
						isPicked={picked?.has(slot.slot)}
						flash={flash?.slot === slot.slot ? flash : undefined}
						isTabStop={index === tabStop}
						onFocus={setCurrent}
						onCard={onCard}
					/>
				))}
			</ul>
		</div>
	);
}
