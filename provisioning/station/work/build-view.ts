import { imeiTail } from "../../../proto/imei.ts";
import type { BatchFigures } from "../journal/batch-state.ts";
import type { PinnedFault, Signal, SlotView, StationView } from "../view.ts";
import type { LiveSlot } from "./live-slot.ts";
import type { Shift } from "./shift.ts";
import type { Desk } from "./visit.ts";

/** What a view is built from, beside the desk and its slots. */
export interface ViewSources {
	readonly station: string;
	readonly tool: string;
	readonly batchId: string;
	readonly desk: Desk;
	readonly shift: Shift;
	readonly slots: Iterable<LiveSlot>;
	readonly pinned: readonly PinnedFault[];
	readonly signal: Signal | undefined;
	readonly figures: BatchFigures;
	readonly adbServer: "up" | "down";
	readonly registry: StationView["registry"];
	readonly webhooks: StationView["webhooks"];
	cableOf(slot: number): SlotView["cable"];
}

/** Everything that is shown, as one plain value. */
export function buildView(sources: ViewSources, revision: number): StationView {
	const { desk, shift, figures, signal } = sources;
	const { state, down } = desk.log;
	const { match, seal } = state.opened;
	return {
		revision,
		nowMs: desk.clock.nowMs(),
		station: sources.station,
		tool: sources.tool,
		adbServer: sources.adbServer,
		registry: sources.registry,
		webhooks: sources.webhooks,
		...(shift.operator === undefined
			? {}
			: { shift: { operator: shift.operator, startedAtMs: shift.startedAtMs, checks: shift.checks } }),
		batch: {
			id: sources.batchId,
			match,
			seal,
			figures,
			head: { n: state.head.n, hash: state.head.hash },
			...(state.closed ? { closed: true } : {}),
		},
		...(desk.scan
			? { scan: { contractId: desk.scan.contractId, imeiTail: imeiTail(desk.scan.imei), atMs: desk.scan.atMs } }
			: {}),
		...(desk.stop ? { stop: desk.stop } : {}),
		...(down ? { down } : {}),
		slots: [...sources.slots].sort((a, b) => a.slot - b.slot).map((slot) => slotView(slot, sources)),
		pinned: sources.pinned,
		...(signal ? { signal } : {}),
	};
}

function slotView(live: LiveSlot, { desk, cableOf }: ViewSources): SlotView {
	const { slot, usbPath, word, phone, contractId, model, step, sinceMs, endedAtMs, batteryPercent, linkSpeed, fault } = live;
	const imei = phone?.imeis[0];
	return {
		slot,
		usbPath,
		word,
		sinceMs,
		cable: cableOf(slot),
		...(imei === undefined ? {} : { imeiTail: imeiTail(imei) }),
		...(contractId === undefined ? {} : { contractId }),
		...(model === undefined ? {} : { model }),
		...(step === undefined ? {} : { step }),
		...(endedAtMs === undefined ? {} : { endedAtMs }),
		...(batteryPercent === undefined ? {} : { batteryPercent }),
		...(linkSpeed === undefined ? {} : { linkSpeed }),
		...(fault === undefined ? {} : { fault: plainFault(fault) }),
		...(desk.log.state.lockedSlots.has(slot) ? { locked: true as const } : {}),
	};
}

/** Raw text of a phone is for the evidence, not for a screen. */
function plainFault({ raw: _, ...shown }: NonNullable<LiveSlot["fault"]>): NonNullable<SlotView["fault"]> {
	return shown;
}
