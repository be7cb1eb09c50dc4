import type { BatchFigures } from "../journal/batch-state.ts";
import type { HourReport } from "./batch-report.ts";
import { INK, type PdfFlow } from "./pdf-flow.ts";

/** More bars than this would be too thin to read: days are drawn then, and of those the last. */
const MOST_BARS = 36;
const CHART_HEIGHT = 110;
const SLOT_COLUMNS = 4;

/** Runs that ended, by hour, as bars: passed, queued, and the rest. The numbers stand on the bars. */
export function hourChart(flow: PdfFlow, hours: readonly HourReport[]): void {
	const bars = barsOf(hours);
	const { doc, left, width } = flow;
	flow.room(CHART_HEIGHT + 50);
	const isNarrow = bars.length > 18;
	legend(flow, isNarrow ? "on each bar: passed" : "on each bar: passed / ended");
	const most = Math.max(1, ...bars.map(({ ended }) => ended));
	const base = flow.y + 12 + CHART_HEIGHT;
	const step = width / Math.max(bars.length, 12);
	const thick = Math.min(step * 0.7, 34);
	for (const [index, bar] of bars.entries()) {
		const x = left + index * step + (step - thick) / 2;
		let y = base;
		for (const [count, color] of [
			[bar.passed, INK.good],
			[bar.queued, INK.queued],
			[bar.ended - bar.passed - bar.queued, INK.bad],
		] as const) {
			const height = (count / most) * CHART_HEIGHT;
			if (height > 0) doc.rect(x, y - height, thick, height).fill(color);
			y -= height;
		}
		flow.line(isNarrow ? String(bar.passed) : `${bar.passed}/${bar.ended}`, x - 6, y - 9, thick + 12, {
			size: isNarrow ? 5.5 : 6.5,
			align: "center",
		});
		// A date where it changes, and every hour or day below its bar.
		const newDay = bar.day !== bars[index - 1]?.day;
		flow.line(bar.name, x - 6, base + 3, thick + 12, { size: 6.5, align: "center", color: INK.muted });
		if (newDay) flow.line(bar.day, x - 6, base + 12, 60, { size: 6.5, color: INK.muted });
	}
	doc
		.moveTo(left, base)
		.lineTo(left + width, base)
		.lineWidth(0.6)
		.stroke(INK.line);
	flow.y = base + 26;
}

/** Yield of each slot as a small bar: which port or cable is the bad one. */
export function slotBars(flow: PdfFlow, slots: BatchFigures["slots"]): void {
	const { doc, left, width } = flow;
	const rowHeight = 13;
	const cell = width / SLOT_COLUMNS;
	const rows = Math.ceil(slots.length / SLOT_COLUMNS);
	for (let row = 0; row < rows; row += 1) {
		flow.room(rowHeight);
		for (let column = 0; column < SLOT_COLUMNS; column += 1) {
			// Down the columns, as the hub's ports are counted.
			const slot = slots[column * rows + row];
			if (slot === undefined) continue;
			const x = left + column * cell;
			const bar = { x: x + 24, width: cell - 24 - 62 };
			flow.line(String(slot.slot), x, flow.y + 2, 20, { bold: true, align: "right" });
			doc.rect(bar.x, flow.y + 2, bar.width, 8).fill(INK.band);
			if (slot.yield > 0) doc.rect(bar.x, flow.y + 2, bar.width * slot.yield, 8).fill(slot.yield >= 0.9 ? INK.good : INK.bad);
			flow.line(`${percent(slot.yield)}  ${slot.passes}/${slot.runs}`, bar.x + bar.width + 4, flow.y + 2, 58);
		}
		flow.y += rowHeight;
	}
}

/** A part as whole percent, never 100 % while one is missing. */
export function percent(part: number | null): string {
	if (part === null) return "-";
	return `${part < 1 ? Math.min(99, Math.round(part * 100)) : 100} %`;
}

interface Bar {
	readonly name: string;
	readonly day: string;
	ended: number;
	passed: number;
	queued: number;
}

function barsOf(hours: readonly HourReport[]): Bar[] {
	const byDay = hours.length > MOST_BARS;
	const bars = new Map<string, Bar>();
	for (const { hour, ended, passed, queued } of hours) {
		const [day = "", time = ""] = hour.split(" ");
		const key = byDay ? day : hour;
		const bar = bars.get(key) ?? {
			name: byDay ? day.slice(8) : time.slice(0, 2),
			day: byDay ? day.slice(0, 7) : day,
			ended: 0,
			passed: 0,
			queued: 0,
		};
		bar.ended += ended;
		bar.passed += passed;
		bar.queued += queued;
		bars.set(key, bar);
	}
	return [...bars.values()].slice(-MOST_BARS);
}

function legend(flow: PdfFlow, onBars: string): void {
	let x = flow.left;
	for (const [name, color] of [
		["passed", INK.good],
		["queued for the registry", INK.queued],
		["failed, error or stopped", INK.bad],
	] as const) {
		flow.doc.rect(x, flow.y + 1, 7, 7).fill(color);
		flow.line(name, x + 11, flow.y, 110, { size: 7.5, color: INK.muted });
		x += 125;
	}
	flow.line(onBars, x, flow.y, 120, { size: 7.5, color: INK.muted });
	flow.y += 14;
}
