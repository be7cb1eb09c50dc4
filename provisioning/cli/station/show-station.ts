import type { Station } from "../../station/station.ts";
import type { SlotView, StationView } from "../../station/view.ts";
import type { CommandContext } from "../context.ts";
import { slotTable } from "./slot-table.ts";

/** A terminal is drawn at most so often. */
const FRAME_MS = 250;
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/** Where a table is drawn. */
interface Screen {
	write(text: string): unknown;
	readonly isTTY?: boolean;
	readonly columns?: number;
}

/**
 * Shows a station at work until the returned function is called: a table that is redrawn on a terminal, one plain line for each change
 * elsewhere, one JSON line for each with --json=stream.
 */
export function showStation(
	station: Station,
	{ output, environment }: CommandContext,
	screen: Screen = process.stderr,
): () => void {
	const isLive = screen.isTTY === true && output.mode === "text";
	return isLive ? drawTable(station, screen, environment.NO_COLOR === undefined) : tellChanges(station, output);
}

function drawTable(station: Station, screen: Screen, color: boolean): () => void {
	let drawn = 0;
	const draw = () => {
		const lines = slotTable(station.view(), { columns: screen.columns ?? 80, color });
		const up = drawn > 0 ? `\u001b[${drawn}A` : "";
		screen.write(`${up}\u001b[0J${lines.join("\n")}\n`);
		drawn = lines.length;
	};
	screen.write(HIDE_CURSOR);
	let isDue = true;
	const stop = station.onChange(() => {
		isDue = true;
	});
	const frames = setInterval(() => {
		if (!isDue) return;
		isDue = false;
		draw();
	}, FRAME_MS);
	return () => {
		clearInterval(frames);
		stop();
		draw();
		screen.write(SHOW_CURSOR);
	};
}

function tellChanges(station: Station, output: CommandContext["output"]): () => void {
	let before = new Map<number, string>();
	let lastSignal = 0;
	const tell = () => {
		const view = station.view();
		const now = new Map(view.slots.map((slot) => [slot.slot, stateOf(slot)]));
		for (const slot of view.slots) {
			if (before.get(slot.slot) === now.get(slot.slot) || (slot.word === "empty" && !before.has(slot.slot))) continue;
			if (output.mode === "stream") output.line({ type: "slot", ...streamed(slot, view) });
			else output.note(`slot ${slot.slot}: ${stateOf(slot)}${slot.contractId === undefined ? "" : ` (${slot.contractId})`}`);
		}
		before = now;
		const { signal } = view;
		if (signal && signal.id !== lastSignal && signal.kind !== "ok") output.note(signal.text);
		lastSignal = signal?.id ?? 0;
	};
	tell();
	return station.onChange(tell);
}

function stateOf({ word, step, fault }: SlotView): string {
	const said = step ? `${word} ${step.number}/${step.count} ${step.name}` : word;
	return fault ? `${said} ${fault.code}` : said;
}

/** What programs are told of a slot: slot, word, step, code, time. */
function streamed({ slot, word, step, fault, contractId, imeiTail }: SlotView, { nowMs }: StationView) {
	return {
		slot,
		word,
		t: new Date(nowMs).toISOString(),
		...(step ? { step: step.name } : {}),
		...(fault ? { code: fault.code } : {}),
		...(contractId === undefined ? {} : { contract: contractId }),
		...(imeiTail === undefined ? {} : { imeiTail }),
	};
}
