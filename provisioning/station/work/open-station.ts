import type { Fault } from "../../handset/fault.ts";
import type { HandsetPort } from "../../handset/port.ts";
import type { SeenDevice } from "../../transport/device-list.ts";
import type { CommandAnswer, StationCommand } from "../command.ts";
import type { BatchFigures, BatchState } from "../journal/batch-state.ts";
import type { JournalLine, ShiftCheck } from "../journal/entry.ts";
import type { Station } from "../station.ts";
import type { Unit } from "../unit.ts";
import type { SlotView, StationView } from "../view.ts";
import { createBatchLog, type LogJournal } from "./batch-log.ts";
import { buildView } from "./build-view.ts";
import type { RunEnd, RunTools } from "./enroll-unit.ts";
import type { LiveSlot } from "./live-slot.ts";
import { type BadgeHolder, type CommandTools, performCommand } from "./perform-command.ts";
import { createShift, type Shift } from "./shift.ts";
import { createSignals } from "./signals.ts";
import { openSlotVisits, type SlotPlace } from "./slot-visits.ts";
import { indexUnits } from "./unit-index.ts";
import type { Desk } from "./visit.ts";

const TICK_MS = 5_000;
/** Figures are counted anew at most so often: a batch may have ten thousand units. */
const FIGURES_MS = 1_000;
/** Ends of a link that tell of a bad cable. */
const CABLE: ReadonlySet<string> = new Set(["USB_LOST", "LINK_STALLED", "TRANSFER_STALLED"]);
/** What ends when the registry is back, without a person's doing. */
const REGISTRY_AWAY: ReadonlySet<string> = new Set(["REGISTRY_UNREACHABLE", "VOUCHER_MISSING", "VOUCHER_EXPIRED"]);

/** What happens at the slots, in order. */
export type SlotEvent =
	| { readonly type: "plugged" | "state-changed" | "unplugged"; readonly place: SlotPlace; readonly device: SeenDevice }
	| { readonly type: "server-down" | "server-up" }
	/** Several phones of one controller left at the same moment: the hub, not the phones. */
	| { readonly type: "brown-out"; readonly slots: readonly number[] };

/** The lender's side, as a station needs it beyond the procedure's port. */
export interface RegistryRoad {
	readonly state: "up" | "down";
	readonly sinceMs: number;
	vouchers(): StationView["registry"]["vouchers"];
	/** Calls back when the registry can be reached again. */
	onUp(listener: () => void): void;
	/** Hands over receipts that wait. Never throws; what cannot be delivered stays queued. */
	deliverReceipts(): Promise<void>;
	close(): void;
}

/** What comes after a run: label, webhook. Never throws: a printer without paper undoes no enrolment. */
export interface AfterRun {
	ended(unit: Unit, end: RunEnd, slot: number): Promise<Fault | undefined>;
	reprint(unit: Unit, operator: string, reason: string): Promise<CommandAnswer>;
	webhooks(): StationView["webhooks"];
	batchClosed(): Promise<void>;
}

export interface StationOptions extends Omit<RunTools, "log"> {
	readonly station: string;
	readonly batchId: string;
	readonly units: readonly Unit[];
	readonly journal: LogJournal & { close(): Promise<void> };
	readonly initial: BatchState;
	fold(state: BatchState, line: JournalLine): BatchState;
	figuresOf(state: BatchState, units: readonly Unit[], nowMs: number): BatchFigures;
	/** Slots of the hub map, there before any phone is. */
	readonly expected: readonly SlotPlace[];
	slotEvents(signal: AbortSignal): AsyncIterable<SlotEvent>;
	openPort(device: SeenDevice): Promise<HandsetPort>;
	/** A slot's turn among its neighbours on one controller; gives how to let the next one in. */
	turn(place: Omit<SlotPlace, "linkSpeed">, signal: AbortSignal): Promise<() => void>;
	readonly road: RegistryRoad;
	readonly after: AfterRun;
	findBadge(code: string): Promise<BadgeHolder | undefined>;
	runChecks(): Promise<readonly ShiftCheck[]>;
	/** Makes the phone show its slot number. @throws {FaultError} */
	identify(device: SeenDevice, slot: number): Promise<void>;
	/** Who works here where there are no badges; then nobody has to sign in. */
	readonly operator?: string;
	onBug(error: unknown): void;
}

/**
 * Opens a station on a batch: watches the slots, takes every phone that belongs to the batch through its enrolment, and keeps all of it
 * in the journal. The journal decides: started again on it, a station goes on where it was.
 */
export async function openStation(options: StationOptions): Promise<Station> {
	const { clock, road, after, onBug } = options;
	const listeners = new Set<() => void>();
	let revision = 0;
	let announced = false;
	const changed = () => {
		revision += 1;
		if (announced) return;
		announced = true;
		queueMicrotask(() => {
			announced = false;
			for (const listener of listeners) listener();
		});
	};
	const units = indexUnits(options.units);
	const { journal, initial, fold } = options;
	const log = createBatchLog({ journal, initial, fold, changed, pause: clock.pause });
	const signals = createSignals(changed);
	const plugs = new Map<number, number>();
	const drops = new Map<number, number>();
	const busy = () => [...visits.slots.values()].some(({ run }) => run !== undefined);
	const shift: Shift = createShift({
		log,
		runChecks: options.runChecks,
		nowMs: () => clock.nowMs(),
		isBusy: busy,
		changed,
	});
	const desk: Desk = {
		...options,
		log,
		units,
		scan: undefined,
		stop: undefined,
		operator: () => (shift.blocking.length > 0 ? undefined : shift.operator),
		turn: (slot, signal) => options.turn(slot, signal),
		changed,
		signal: (kind, text, slot) => signals.give(kind, text, slot),
		ended: (slot, unit, end) => void conclude(slot, unit, end).catch(onBug),
	};
	const devices = new Map<number, SeenDevice>();
	const visits = openSlotVisits({ desk, openPort: options.openPort, onBug });
	for (const place of options.expected) visits.expect(place);

	async function conclude(slot: LiveSlot, unit: Unit, { verdict, fault: why }: RunEnd): Promise<void> {
		if (why && CABLE.has(why.code)) drops.set(slot.slot, (drops.get(slot.slot) ?? 0) + 1);
		if (verdict === "pass" || verdict === "queued") {
			signals.unpin(slot.slot);
			const text = verdict === "pass" ? `Slot ${slot.slot} passed.` : `Slot ${slot.slot} is bound and waits for the registry.`;
			signals.give("ok", text, slot.slot);
		} else if (why && why.code !== "CANCELLED") {
			signals.pin(slot, why, clock.nowMs());
			signals.give(verdict === "fail" ? "device" : "station", `Slot ${slot.slot}: ${why.meaning}`, slot.slot);
		}
		changed();
		const trouble = await after.ended(unit, { verdict, ...(why ? { fault: why } : {}) }, slot.slot);
		if (trouble) {
			signals.pin(slot, trouble, clock.nowMs());
			signals.give("station", `${trouble.meaning} ${trouble.remedy}`, slot.slot);
		}
	}

	let adbServer: "up" | "down" = "up";
	const onSlotEvent = (event: SlotEvent) => {
		switch (event.type) {
			case "plugged":
				plugs.set(event.place.slot, (plugs.get(event.place.slot) ?? 0) + 1);
				devices.set(event.place.slot, event.device);
				visits.seen(event.place, event.device, true);
				break;
			case "state-changed":
				devices.set(event.place.slot, event.device);
				visits.seen(event.place, event.device, false);
				break;
			case "unplugged":
				devices.delete(event.place.slot);
				visits.left(event.place);
				break;
			case "brown-out":
				signals.give("station", `Slots ${event.slots.join(", ")} lost their phones at once. Check the hub's plug and power.`);
				break;
			default:
				adbServer = event.type === "server-up" ? "up" : "down";
				if (adbServer === "down") signals.give("station", "The adb server has ended. It is being started again.");
		}
		changed();
	};

	const ending = new AbortController();
	const watching = (async () => {
		for await (const event of options.slotEvents(ending.signal)) onSlotEvent(event);
	})().catch(onBug);
	const tick = setInterval(() => {
		void shift.tick().catch(onBug);
		changed();
	}, TICK_MS);
	road.onUp(() => {
		void road.deliverReceipts().catch(onBug);
		for (const slot of visits.slots.values()) {
			if (!REGISTRY_AWAY.has(slot.fault?.code ?? "") && slot.word !== "queued") continue;
			slot.again = true;
			slot.wake();
		}
		changed();
	});

	const tools: CommandTools = {
		desk,
		shift,
		slots: visits.slots,
		findBadge: options.findBadge,
		async identify({ slot }) {
			const device = devices.get(slot);
			if (device) await options.identify(device, slot);
		},
		async reprint(contractId, reason) {
			const unit = units.byContract(contractId);
			const isDone = log.state.units.get(contractId)?.standing === "pass";
			if (unit && isDone) return after.reprint(unit, shift.operator ?? "", reason);
			return { ok: false, code: "NO_LABEL", text: "Only a phone that passed has a label.", remedy: "Check the contract's number." };
		},
		acknowledge: (slot) => signals.unpin(slot),
		closeBatch,
	};

	async function closeBatch(operator: string): Promise<CommandAnswer> {
		const open = [...log.state.units.values()];
		const running = open.filter(({ standing }) => standing === "running").length;
		const queued = open.filter(({ standing }) => standing === "queued").length;
		if (log.state.closed) return { ok: true, text: "The batch is closed." };
		if (running + queued > 0) {
			const text = `${running} phones are being worked on and ${queued} wait for the registry.`;
			return { ok: false, code: "BATCH_UNFINISHED", text, remedy: "Let them end; plug the queued ones in again once the registry is back." };
		}
		await log.intend({ type: "batch-closed", operator });
		await shift.end("batch closed");
		await after.batchClosed();
		return { ok: true, text: "The batch is closed. Take the report along." };
	}

	let counted: { state: BatchState; atMs: number; figures: BatchFigures } | undefined;
	const figures = (): BatchFigures => {
		const nowMs = clock.nowMs();
		if (!counted || (counted.state !== log.state && nowMs - counted.atMs >= FIGURES_MS) || nowMs - counted.atMs >= TICK_MS) {
			counted = { state: log.state, atMs: nowMs, figures: options.figuresOf(log.state, options.units, nowMs) };
		}
		return counted.figures;
	};
	const cableOf = (slot: number): SlotView["cable"] => {
		const runs = figures().slots.find((each) => each.slot === slot)?.runs ?? 0;
		const dropped = drops.get(slot) ?? 0;
		return { plugs: plugs.get(slot) ?? 0, drops: dropped, score: runs === 0 ? 0 : Math.round((100 * dropped) / runs) };
	};

	if (options.operator !== undefined) await shift.begin(options.operator);

	return {
		view: () =>
			buildView(
				{
					...options,
					desk,
					shift,
					slots: visits.slots.values(),
					pinned: signals.pinned,
					signal: signals.latest,
					figures: figures(),
					adbServer,
					registry: {
						state: road.state,
						sinceMs: road.sinceMs,
						vouchers: road.vouchers(),
						queuedReceipts: [...log.state.units.values()].filter(({ queuedReceipt }) => queuedReceipt).length,
					},
					webhooks: after.webhooks(),
					cableOf,
				},
				revision,
			),
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		perform: (command: StationCommand) => performCommand(tools, command),
		async close() {
			clearInterval(tick);
			ending.abort();
			await Promise.all([visits.close(), watching]);
			await shift.end("signed out");
			road.close();
			log.close();
			await journal.close();
		},
	};
}
