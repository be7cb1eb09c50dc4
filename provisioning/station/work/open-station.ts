import type { Fault } from "../../handset/fault.ts";
import type { HandsetPort } from "../../handset/port.ts";
import type { SeenDevice } from "../../transport/device-list.ts";
import type { CommandAnswer } from "../command.ts";
import type { BatchFigures, BatchState } from "../journal/batch-state.ts";
import type { JournalLine, ShiftCheck } from "../journal/entry.ts";
import { figuresOf } from "../journal/figures.ts";
import type { ControllerGate } from "../slots/controller-gate.ts";
import { identify } from "../slots/identify.ts";
import type { Station } from "../station.ts";
import type { Unit } from "../unit.ts";
import type { StationView } from "../view.ts";
import { type BatchLog, createBatchLog, type LogJournal } from "./batch-log.ts";
import { buildView } from "./build-view.ts";
import { closeBatch } from "./close-batch.ts";
import type { RunEnd, RunTools } from "./enroll-unit.ts";
import { type FollowOptions, followSlots } from "./follow-slots.ts";
import { type LiveSlot, setWord } from "./live-slot.ts";
import { noDecisions } from "./pending-decisions.ts";
import { type BadgeHolder, type CommandTools, performCommand } from "./perform-command.ts";
import type { RegistryRoad } from "./registry-road.ts";
import { findSealedMeanwhile } from "./sealed-meanwhile.ts";
import { createShift } from "./shift.ts";
import { createSignals } from "./signals.ts";
import { openSlotVisits } from "./slot-visits.ts";
import { indexUnits } from "./unit-index.ts";
import { type Desk, isRegistryAway } from "./visit.ts";

const TICK_MS = 5_000;
/** Figures are counted anew at most so often: a batch may have ten thousand units. */
const FIGURES_MS = 1_000;
/** What is over when the disk has room again. */
const NO_JOURNAL: ReadonlySet<string> = new Set(["STATION_DISK_FULL", "JOURNAL_WRITE_FAILED"]);

/** What comes after a run: label, webhook. A printer without paper undoes no enrolment, so nothing of it throws. */
export interface AfterRun {
	/** Gives what went wrong with the label, if anything. */
	ended(unit: Unit, end: RunEnd, slot: number): Promise<Fault | undefined>;
	reprint(unit: Unit, operator: string, reason: string): Promise<CommandAnswer>;
	webhooks(): StationView["webhooks"];
	/** How many messages to the ERP are sent once more. */
	resendWebhooks(): Promise<number>;
	batchClosed(): Promise<void>;
	close(): Promise<void>;
}

export interface StationOptions
	extends Omit<RunTools, "log" | "registryFor" | "lease" | "letGo">,
		Pick<FollowOptions, "hubMap" | "track" | "reviveAdbServer" | "usbFacts" | "onBug"> {
	readonly station: string;
	readonly batchId: string;
	readonly units: readonly Unit[];
	readonly journal: LogJournal & { close(): Promise<void> };
	readonly initial: BatchState;
	fold(state: BatchState, line: JournalLine): BatchState;
	openPort(device: SeenDevice): Promise<HandsetPort>;
	readonly gate: Pick<ControllerGate, "installTurn">;
	/** The lender's side. `refused`: a receipt that it will never take. */
	openRoad(log: BatchLog, refused: (contractId: string, why: Fault) => void): RegistryRoad;
	openAfter(log: BatchLog): Promise<AfterRun>;
	findBadge(code: string): Promise<BadgeHolder | undefined>;
	runChecks(): Promise<readonly ShiftCheck[]>;
	/** Who works here where there are no badges; then nobody has to sign in. */
	readonly operator?: string | undefined;
}

/**
 * Opens a station on a batch: watches the slots, takes every phone that belongs to the batch through its enrolment, and keeps all of it
 * in the journal. The journal decides: started again on it, a station goes on where it was.
 */
export async function openStation(
	options: StationOptions,
): Promise<Station & { readonly road: RegistryRoad; readonly log: BatchLog }> {
	const { clock, onBug, journal, initial, fold } = options;
	const changes = createChanges();
	const { changed } = changes;
	const units = indexUnits(options.units);
	// There from the first moment: the log tells of a full disk before anything can be plugged in.
	const live = new Map<number, LiveSlot>();
	let wasDown = false;
	const log: BatchLog = createBatchLog({
		...{ journal, initial, fold, pause: clock.pause },
		changed() {
			if (wasDown && log.down === undefined) tryAgain(({ fault: why }) => NO_JOURNAL.has(why?.code ?? ""));
			wasDown = log.down !== undefined;
			changed();
		},
	});
	const signals = createSignals(changed);
	const after = await options.openAfter(log);
	const road = options.openRoad(log, (contractId, why) => {
		const slot = [...live.values()].find((each) => each.contractId === contractId);
		if (slot) signals.pin(slot, why, clock.nowMs());
		signals.give("device", `Contract ${contractId}: ${why.meaning} ${why.remedy}`);
	});
	const shift = createShift({
		log,
		runChecks: options.runChecks,
		nowMs: () => clock.nowMs(),
		isBusy: () => [...live.values()].some(({ run }) => run !== undefined),
		changed,
	});
	const desk: Desk = {
		...options,
		log,
		units,
		registryFor: road.registryFor,
		registryIsUp: () => road.status().state === "up",
		lease: road.lease,
		letGo: road.letGo,
		pending: noDecisions(),
		scan: undefined,
		stop: undefined,
		operator: () => (shift.blocking.length > 0 ? undefined : shift.operator),
		turn: async ({ controller }, signal) => (await options.gate.installTurn(controller, signal)).end,
		changed,
		signal: (kind, text, slot) => signals.give(kind, text, slot),
		freed() {
			for (const slot of live.values()) slot.wake();
		},
		ended: (slot, unit, end) => void conclude(slot, unit, end).catch(onBug),
	};
	const visits = openSlotVisits({ desk, slots: live, openPort: options.openPort, onBug });

	async function conclude(slot: LiveSlot, unit: Unit, end: RunEnd): Promise<void> {
		const { verdict, fault: why } = end;
		const told = slots.runEnded(slot, why?.code);
		if (verdict === "pass" || verdict === "queued") {
			signals.unpin(slot.slot);
			const text = verdict === "pass" ? `Slot ${slot.slot} passed.` : `Slot ${slot.slot} is bound and waits for the registry.`;
			signals.give("ok", text, slot.slot);
		} else if (why && why.code !== "CANCELLED" && (await told) === "alone" && isLatest(unit, why)) {
			signals.pin(slot, why, clock.nowMs());
			signals.give(verdict === "fail" ? "device" : "station", `Slot ${slot.slot}: ${why.meaning}`, slot.slot);
		}
		const trouble = await after.ended(unit, end, slot.slot);
		if (!trouble) return;
		signals.pin(slot, trouble, clock.nowMs());
		signals.give("station", `${trouble.meaning} ${trouble.remedy}`, slot.slot);
	}

	/** Whether nothing has happened to the unit since: a cable that was put back at once needs nobody. */
	function isLatest({ contractId }: Unit, { code }: Fault): boolean {
		return log.state.units.get(contractId)?.runs.at(-1)?.end?.fault === code || log.down !== undefined;
	}

	const slots = followSlots({ ...options, desk, visits, signals });
	let isLooking = false;
	/** Phones that can no longer say on the cable that they are done. */
	async function lookForSealed(): Promise<void> {
		if (isLooking || log.down || road.status().state === "down") return;
		isLooking = true;
		const passed = (contractId: string) => {
			const unit = units.byContract(contractId);
			const slot = [...live.values()].find((each) => each.contractId === contractId && each.run === undefined);
			if (slot) {
				setWord(slot, "remove-me", clock.nowMs());
				signals.unpin(slot.slot);
			}
			if (unit) void after.ended(unit, { verdict: "pass" }, slot?.slot ?? 0).catch(onBug);
			signals.give("ok", `Contract ${contractId}: its phone had sealed itself, and told the registry.`, slot?.slot);
		};
		await findSealedMeanwhile({ log, registry: road.registryFor(""), passed }).finally(() => {
			isLooking = false;
		});
	}
	const tick = setInterval(() => {
		void shift.tick().catch(onBug);
		void lookForSealed().catch(onBug);
		changed();
	}, TICK_MS);
	road.onUp(() => tryAgain(({ word, fault: why }) => isRegistryAway({ verdict: word, fault: why })));

	/** What stopped these slots is over, and no person was needed for it. */
	function tryAgain(isMeant: (slot: LiveSlot) => boolean): void {
		for (const slot of live.values()) {
			if (!isMeant(slot)) continue;
			slot.again = true;
			slot.wake();
		}
		changed();
	}

	const tools: CommandTools = {
		desk,
		shift,
		slots: live,
		findBadge: options.findBadge,
		async identify({ slot }) {
			const device = slots.deviceIn(slot);
			if (!device) return;
			const port = await options.openPort(device);
			try {
				await identify(port, { slot });
			} finally {
				await port.close();
			}
		},
		resendWebhooks: () => after.resendWebhooks(),
		async reprint(contractId, reason) {
			const unit = units.byContract(contractId);
			const isDone = log.state.units.get(contractId)?.standing === "pass";
			if (unit && isDone) return after.reprint(unit, shift.operator ?? "", reason);
			return {
				ok: false,
				code: "NO_LABEL",
				text: "Only a phone that passed has a label.",
				remedy: "Check the contract's number.",
			};
		},
		acknowledge: (slot) => signals.unpin(slot),
		closeBatch: (operator) => closeBatch({ log, pending: desk.pending, shift, road, after, units }, operator),
	};

	const count = countedFigures(() => figuresOf(log.state, options.units, clock.nowMs()), clock.nowMs);
	if (options.operator !== undefined) {
		await shift.begin(options.operator);
		// Phones that were there already waited for somebody.
		for (const slot of live.values()) slot.wake();
	}

	return {
		road,
		log,
		view: () =>
			buildView(
				{
					...options,
					desk,
					shift,
					slots: live.values(),
					pinned: signals.pinned,
					signal: signals.latest,
					figures: count(log.state),
					adbServer: slots.adbServer,
					registry: {
						...road.status(),
						vouchers: road.vouchers(),
						queuedReceipts: [...log.state.units.values()].filter(({ queuedReceipt }) => queuedReceipt).length,
					},
					webhooks: after.webhooks(),
					cableOf: slots.cableOf,
				},
				changes.revision,
			),
		onChange: changes.onChange,
		perform: (command) => performCommand(tools, command),
		async close() {
			clearInterval(tick);
			await slots.close();
			await visits.close();
			await shift.end("signed out");
			await after.close();
			await road.close();
			log.close();
			await journal.close();
		},
	};
}

/** Tells listeners of changes, once for all of them in a turn of the event loop. */
function createChanges() {
	const listeners = new Set<() => void>();
	let revision = 0;
	let isAnnounced = false;
	return {
		get revision() {
			return revision;
		},
		changed() {
			revision += 1;
			if (isAnnounced) return;
			isAnnounced = true;
			setImmediate(() => {
				isAnnounced = false;
				for (const listener of [...listeners]) listener();
			});
		},
		onChange(listener: () => void): () => void {
			const own = () => listener();
			listeners.add(own);
			return () => void listeners.delete(own);
		},
	};
}

/** Figures of a state, counted at most once in {@link FIGURES_MS}, and again after {@link TICK_MS} because time goes by. */
function countedFigures(count: () => BatchFigures, nowMs: () => number): (state: BatchState) => BatchFigures {
	let counted: { readonly state: BatchState; readonly atMs: number; readonly figures: BatchFigures } | undefined;
	return (state) => {
		const age = counted ? nowMs() - counted.atMs : Number.POSITIVE_INFINITY;
		const isOld = age >= TICK_MS || (counted?.state !== state && age >= FIGURES_MS);
		if (!counted || isOld) counted = { state, atMs: nowMs(), figures: count() };
		return counted.figures;
	};
}
