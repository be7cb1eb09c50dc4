import { faultError } from "../../handset/fault.ts";
import type { BatchState, RunState, UnitState } from "./batch-state.ts";
import type { JournalEntry, JournalLine } from "./entry.ts";
import { DraftMap, LayeredMap, type SteppedMap } from "./layered-map.ts";

type Entry<Type extends JournalEntry["type"]> = Extract<JournalEntry, { type: Type }>;

/** What only this file knows of a state's maps: how the next one is made without copying all of them. */
interface Folded extends BatchState {
	readonly units: SteppedMap<string, UnitState>;
	readonly openWebhooks: SteppedMap<string, Entry<"webhook-queued">>;
}

/**
 * A batch as its lines tell it, from the first one on. Lines that speak of runs or units that were never named change nothing but the
 * head: a fold tells what is there and judges nothing.
 *
 * @throws {FaultError} JOURNAL_DAMAGED if there is no line, or the first does not open a batch. A journal may be empty when a station
 *   stopped in its first moment: look at the number of lines first.
 */
export function foldBatch(lines: readonly JournalLine[]): BatchState {
	const [first, ...rest] = lines;
	if (first?.type !== "batch-opened") {
		throw faultError("JOURNAL_DAMAGED", { details: { line: "1", problem: "it does not open a batch" } });
	}
	const { n, at, previous: _, hash, ...opened } = first;
	const start: Folded = {
		opened: { ...opened, atMs: at },
		units: new DraftMap(),
		misScans: [],
		overrides: [],
		mismatches: new Map(),
		lockedSlots: new Set(),
		openWebhooks: new DraftMap(),
		head: { n, hash, atMs: at },
	};
	const end = rest.reduce<BatchState>(stepBatch, start);
	return { ...end, units: LayeredMap.of(end.units), openWebhooks: LayeredMap.of(end.openWebhooks) };
}

/** The state after one more line. The state before stays as it was. Takes about the same time however large the batch is. */
export function stepBatch(state: BatchState, line: JournalLine): BatchState {
	const { n, at, previous: _, hash, ...entry } = line;
	// Every state comes from foldBatch or from here.
	return { ...applied(state as Folded, entry, { atMs: at, hash }), head: { n, hash, atMs: at } };
}

function applied(state: Folded, entry: JournalEntry, { atMs, hash }: { readonly atMs: number; readonly hash: string }): Folded {
	switch (entry.type) {
		case "shift-started":
			return { ...state, shift: { operator: entry.operator, startedAtMs: atMs, checks: entry.checks } };
		case "shift-ended": {
			const { shift: _, ...rest } = state;
			return rest;
		}
		case "scanned":
			return withUnit(state, entry.contractId, (unit) => ({ ...unit, scannedImei: entry.imei }));
		case "mis-scan":
			return misScanned(state, entry, atMs);
		case "run-started":
			return runStarted(state, entry, atMs);
		case "identified": {
			const { serial, imeis, model } = entry;
			return withRun(state, entry.run, (run) => ({ ...run, serial, imeis, model }));
		}
		case "act":
			return withRun(state, entry.run, (run) => ({ ...run, openAct: entry.step }));
		case "step-ended":
			return withRun(state, entry.run, (run) => {
				const { openAct, ...rest } = run;
				const isOpen = openAct !== undefined && openAct !== entry.step;
				return { ...rest, steps: [...run.steps, entry], ...(isOpen ? { openAct } : {}) };
			});
		case "run-ended": {
			const ended = withRun(state, entry.run, (run) => ({ ...run, end: { ...entry, atMs, hash } }));
			const run = ended.units.get(contractOf(entry.run))?.runs.find((each) => each.run === entry.run);
			return run ? withoutMismatches(ended, run.slot) : ended;
		}
		case "receipt-queued":
			return withUnit(state, entry.contractId, ({ receiptDelivered: _, ...unit }) => ({ ...unit, queuedReceipt: entry }));
		case "receipt-delivered":
			return receiptDelivered(state, entry);
		case "held": {
			const hold = { reason: entry.reason, operator: entry.operator, atMs };
			return withUnit(state, entry.contractId, (unit) => ({ ...unit, hold }));
		}
		case "hold-lifted":
			return withUnit(state, entry.contractId, ({ hold: _, ...unit }) => unit);
		case "override":
			return overridden(state, entry, atMs);
		case "slot-locked":
			return { ...state, lockedSlots: new Set(state.lockedSlots).add(entry.slot) };
		case "label-printed":
			return labelled(state, entry);
		case "webhook-queued":
			return { ...state, openWebhooks: state.openWebhooks.with(entry.id, entry) };
		case "webhook-ended":
			return { ...state, openWebhooks: state.openWebhooks.without(entry.id) };
		case "batch-closed":
			return { ...state, closed: { atMs, operator: entry.operator } };
		case "batch-opened":
		case "station-started":
		case "report-made":
			return state;
		default:
			// A line of a later version: its hash holds, so it stays in the chain; what it says is not known here.
			entry satisfies never;
			return state;
	}
}

function runStarted(state: Folded, entry: Entry<"run-started">, atMs: number): Folded {
	const { run, contractId, slot, usbPath, operator } = entry;
	const started: RunState = { run, contractId, slot, usbPath, operator, startedAtMs: atMs, steps: [] };
	const next = withUnit(state, contractId, ({ receiptDelivered: _, ...unit }) => ({
		...unit,
		runs: [...unit.runs.filter((each) => each.run !== run), started],
	}));
	return withoutMismatches(next, slot);
}

function receiptDelivered(state: Folded, { contractId, enrollmentId }: Entry<"receipt-delivered">): Folded {
	if (state.units.get(contractId)?.queuedReceipt?.enrollmentId !== enrollmentId) return state;
	return withUnit(state, contractId, ({ queuedReceipt: _, ...unit }) => ({ ...unit, receiptDelivered: true }));
}

function misScanned(state: Folded, { why, operator, slot }: Entry<"mis-scan">, atMs: number): Folded {
	const misScan = { why, operator, atMs, ...(slot === undefined ? {} : { slot }) };
	const next = { ...state, misScans: [...state.misScans, misScan] };
	if (why !== "other-phone" || slot === undefined) return next;
	return { ...next, mismatches: new Map(state.mismatches).set(slot, (state.mismatches.get(slot) ?? 0) + 1) };
}

function overridden(state: Folded, entry: Entry<"override">, atMs: number): Folded {
	const next = { ...state, overrides: [...state.overrides, { ...entry, atMs }] };
	const { what, slot } = entry;
	if (slot === undefined || (what !== "unlock-slot" && what !== "clear-mismatch")) return next;
	const lockedSlots = new Set(next.lockedSlots);
	lockedSlots.delete(slot);
	return withoutMismatches({ ...next, lockedSlots }, slot);
}

function labelled(state: Folded, { contractId, label, voids }: Entry<"label-printed">): Folded {
	return withUnit(state, contractId, (unit) => {
		// One label is valid at a time: a new one makes the last one void, whether or not the line names it.
		const nowVoid = [unit.label, voids].filter((each) => each !== undefined && each !== label);
		return { ...unit, label, voidLabels: [...new Set([...unit.voidLabels, ...nowVoid.map(String)])] };
	});
}

function withoutMismatches(state: Folded, slot: number): Folded {
	if (!state.mismatches.has(slot)) return state;
	const mismatches = new Map(state.mismatches);
	mismatches.delete(slot);
	return { ...state, mismatches };
}

function withUnit(state: Folded, contractId: string, change: (unit: UnitState) => UnitState): Folded {
	const before = state.units.get(contractId) ?? { contractId, standing: "waiting", runs: [], voidLabels: [] };
	const unit = change(before);
	return { ...state, units: state.units.with(contractId, { ...unit, standing: standingOf(unit, state.opened.seal) }) };
}

function withRun(state: Folded, name: string, change: (run: RunState) => RunState): Folded {
	const contractId = contractOf(name);
	const runs = state.units.get(contractId)?.runs;
	if (!runs?.some((run) => run.run === name)) return state;
	return withUnit(state, contractId, (unit) => ({
		...unit,
		runs: unit.runs.map((run) => (run.run === name ? change(run) : run)),
	}));
}

/** A run is named `contractId#n`. */
function contractOf(run: string): string {
	return run.slice(0, run.lastIndexOf("#"));
}

function standingOf({ hold, runs, receiptDelivered: isDelivered }: UnitState, seal: boolean): UnitState["standing"] {
	if (hold) return "hold";
	const last = runs.at(-1);
	if (!last) return "waiting";
	if (!last.end) return "running";
	return last.end.verdict === "queued" && isDelivered && !seal ? "pass" : last.end.verdict;
}
