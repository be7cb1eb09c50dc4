import { imeiTail } from "../../../proto/imei.ts";
import { type HandsetFacts, readFacts } from "../../handset/facts.ts";
import { type Fault, FaultError, fault } from "../../handset/fault.ts";
import type { HandsetPort } from "../../handset/port.ts";
import { identityOf, imeisOf } from "../../procedure/identity.ts";
import type { ProgressEvent } from "../../procedure/step.ts";
import type { Unit } from "../unit.ts";
import type { Signal } from "../view.ts";
import { enrollUnit, type RunEnd, type RunTools } from "./enroll-unit.ts";
import { type LiveSlot, setPhone, setWord } from "./live-slot.ts";
import { type Match, matchPhone } from "./match-phone.ts";
import type { PendingDecisions } from "./pending-decisions.ts";
import type { UnitIndex } from "./unit-index.ts";
import { refusedWord, verdictOf } from "./verdict.ts";

/** How many wrong phones in a row close a slot. */
const MOST_MISMATCHES = 3;

/** How often a run is made again by itself, and after which pause in milliseconds, when the registry answers and the run says it does not. */
const MOST_TRIES = 3;
const RETRY_MS = 2_000;

/** Ends of a run that are over when the registry is back, without a person's doing. */
const REGISTRY_AWAY: ReadonlySet<string> = new Set(["queued", "REGISTRY_UNREACHABLE", "VOUCHER_MISSING", "VOUCHER_EXPIRED"]);

/** Whether a run ended as it did because the registry was away. */
export function isRegistryAway(end: { readonly verdict?: string | undefined; readonly fault?: Fault | undefined }): boolean {
	return REGISTRY_AWAY.has(end.fault?.code ?? end.verdict ?? "");
}

/** What visits share: the station's desk. */
export interface Desk extends RunTools {
	readonly units: UnitIndex;
	/** The box that was scanned last and whose phone has not come yet. */
	scan: { readonly contractId: string; readonly imei: string; readonly atMs: number } | undefined;
	stop: { readonly text: string; readonly slot: number } | undefined;
	readonly pending: PendingDecisions;
	/** Who is signed in; nothing begins without. */
	operator(): string | undefined;
	/** Waits for the slot's turn among its neighbours. Gives how to let the next one in. */
	turn(slot: LiveSlot, signal: AbortSignal): Promise<() => void>;
	registryIsUp(): boolean;
	changed(): void;
	signal(kind: Signal["kind"], text: string, slot?: number): void;
	/** A unit can be taken up by another slot now. */
	freed(): void;
	/** A run ended: label, webhook, counters. */
	ended(slot: LiveSlot, unit: Unit, end: RunEnd): void;
}

/**
 * One phone's stay in one slot, from its coming to its leaving: who is it, may it be worked on, work, say how it ended, and wait for what
 * a person does about it. Ends when the phone leaves or `signal` is aborted.
 */
export async function visit(desk: Desk, slot: LiveSlot, port: HandsetPort, signal: AbortSignal): Promise<void> {
	let left = false;
	void port.gone.then(() => {
		left = true;
		slot.wake();
	});
	const isOver = () => left || signal.aborted;
	signal.addEventListener("abort", () => slot.wake(), { once: true });
	// Kept until somebody looks: a box may be scanned while the journal is written.
	let isWoken = false;
	let goOn = () => {};
	slot.wake = () => {
		isWoken = true;
		goOn();
	};
	const woken = async () => {
		if (!isWoken && !isOver()) {
			await new Promise<void>((resolve) => {
				goOn = resolve;
			});
		}
		isWoken = false;
	};
	const askedAgain = async () => {
		slot.again = false;
		while (!isOver() && !slot.again) await woken();
	};
	let facts: HandsetFacts | undefined;
	let shown: string | undefined;
	let tries = 0;
	while (!isOver()) {
		try {
			facts ??= await identify(desk, slot, port);
		} catch (error) {
			if (!(error instanceof FaultError)) throw error;
			refuse(desk, slot, error.fault);
			await askedAgain();
			continue;
		}
		if (isOver()) return; // left, or told to end, while it was being read
		isWoken = false;
		const match = look(desk, slot);
		if (match.kind === "run") {
			const end = await work(desk, slot, match.unit, port, facts, isOver);
			shown = undefined;
			if (!end) continue;
			facts = undefined; // the phone is another one now: what was read of it is old
			if (end.verdict === "pass") return;
			// The registry came back while the run was on its last step: nobody will call.
			if (isRegistryAway(end) && desk.registryIsUp() && tries < MOST_TRIES) {
				tries += 1;
				await desk.clock.pause(RETRY_MS);
			} else {
				tries = 0;
				await askedAgain();
			}
			continue;
		}
		// Said once: a scan of another box wakes everybody.
		const what = `${match.kind} ${"fault" in match ? match.fault.code : ""} ${match.kind === "other-phone" ? desk.scan?.contractId : ""}`;
		if (what !== shown) await show(desk, slot, match);
		shown = what;
		await woken();
	}
}

async function identify(desk: Desk, slot: LiveSlot, port: HandsetPort): Promise<HandsetFacts> {
	setWord(slot, "detected", desk.clock.nowMs());
	desk.changed();
	const facts = await readFacts(port);
	const handset = identityOf(facts);
	setPhone(slot, { serial: handset.serial, imeis: imeisOf(handset) }, facts);
	return facts;
}

/**
 * Decides anew: boxes are scanned and holds lifted while a phone waits.
 *
 * @param taken the unit that the slot has taken up: which box is scanned by now says nothing about it any more.
 */
function look(desk: Desk, slot: LiveSlot, taken?: Unit): Match | { readonly kind: "nobody" | "locked" | "down" } {
	const { log, units, scan, pending } = desk;
	const { phone } = slot;
	if (log.down) return { kind: "down" };
	if (log.state.lockedSlots.has(slot.slot)) return { kind: "locked" };
	if (desk.operator() === undefined || pending.closing || log.state.closed) return { kind: "nobody" };
	if (!phone) throw new Error("a phone is matched before it was identified");
	const match = matchPhone({
		units,
		batch: log.state,
		phone,
		scanned: taken?.contractId ?? scan?.contractId,
		cameAfterScan: taken === undefined && scan !== undefined && slot.pluggedAtMs >= scan.atMs,
		usbPath: slot.usbPath,
	});
	if (match.kind !== "run") return match;
	const { unit } = match;
	const other = pending.taken.get(unit.contractId);
	if (other !== undefined && other.slot !== slot) {
		return { kind: "refused", unit, fault: fault("UNIT_IN_OTHER_SLOT", { details: { contract: unit.contractId } }) };
	}
	const reason = pending.held.get(unit.contractId);
	return reason === undefined ? match : { kind: "refused", unit, fault: fault("UNIT_ON_HOLD", { details: { reason } }) };
}

type Waiting = Exclude<ReturnType<typeof look>, { kind: "run" }>;

async function show(desk: Desk, slot: LiveSlot, match: Waiting): Promise<void> {
	const { log } = desk;
	if ("unit" in match) slot.contractId = match.unit?.contractId;
	switch (match.kind) {
		case "down":
			return refuse(desk, slot, log.down ?? fault("STATION_DISK_FULL"));
		case "locked":
			return refuse(desk, slot, fault("SLOT_LOCKED"));
		case "refused":
			if (match.fault.code === "UNIT_ON_HOLD") return hold(desk, slot, match.fault);
			if (match.fault.code === "UNIT_DONE") return done(desk, slot);
			return refuse(desk, slot, match.fault);
		case "other-phone":
			return otherPhone(desk, slot, match.fault);
		default:
			setWord(slot, "ready", desk.clock.nowMs());
			desk.changed();
	}
}

function hold(desk: Desk, slot: LiveSlot, why: Fault): void {
	setWord(slot, "hold", desk.clock.nowMs(), why);
	desk.signal("operator", why.meaning, slot.slot);
}

function done(desk: Desk, slot: LiveSlot): void {
	setWord(slot, "remove-me", desk.clock.nowMs());
	desk.changed();
}

function refuse(desk: Desk, slot: LiveSlot, why: Fault): void {
	const word = refusedWord(why);
	setWord(slot, word, desk.clock.nowMs(), why);
	const kind = why.fixer === "operator" ? "operator" : word === "error" ? "station" : "device";
	desk.signal(kind, `${why.meaning} ${why.remedy}`, slot.slot);
}

/** The buzzer: nothing was done to the phone, and nothing will be until a person saw to it. */
async function otherPhone(desk: Desk, slot: LiveSlot, why: Fault): Promise<void> {
	const operator = desk.operator() ?? "";
	const tail = imeiTail(slot.phone?.imeis[0] ?? "");
	setWord(slot, "fail", desk.clock.nowMs(), why);
	desk.stop = { text: `${why.meaning} ${why.remedy}`, slot: slot.slot };
	desk.signal("operator", why.meaning, slot.slot);
	await desk.log.tell({ type: "mis-scan", operator, why: "other-phone", tail, slot: slot.slot });
	if ((desk.log.state.mismatches.get(slot.slot) ?? 0) < MOST_MISMATCHES) return;
	await desk.log.tell({ type: "slot-locked", slot: slot.slot, why: "three mismatches in a row" });
	refuse(desk, slot, fault("SLOT_LOCKED"));
}

/**
 * Takes a unit up in the very moment of its match, waits for the slot's turn and enrolls it. Gives nothing when it was not begun: while
 * the phone waited it left, was put on hold, its operator signed out, the station closed.
 */
async function work(
	desk: Desk,
	slot: LiveSlot,
	unit: Unit,
	port: HandsetPort,
	facts: HandsetFacts,
	isOver: () => boolean,
): Promise<RunEnd | undefined> {
	const { clock, pending } = desk;
	const { contractId } = unit;
	const taken = { slot, begun: false };
	pending.taken.set(contractId, taken);
	slot.contractId = contractId;
	if (desk.scan?.contractId === unit.contractId) desk.scan = undefined;
	if (desk.stop?.slot === slot.slot) desk.stop = undefined;
	setWord(slot, "ready", clock.nowMs());
	desk.changed();
	const run = new AbortController();
	slot.run = run;
	// Not by the visit's own signal: a phone that leaves ends its run by itself, as USB_LOST and not as a person's wish.
	const { signal } = run;
	const mayBegin = () => !isOver() && look(desk, slot, unit).kind === "run";
	const waiting = new AbortController();
	const { wake } = slot;
	slot.wake = () => {
		if (!mayBegin()) waiting.abort();
		wake();
	};
	let leave = () => {};
	let startedAtMs = clock.nowMs();
	let end: RunEnd;
	try {
		leave = await desk.turn(slot, AbortSignal.any([signal, waiting.signal]));
		// Again: much may have happened while others were at work, and not all of it wakes a slot.
		if (!mayBegin()) return undefined;
		taken.begun = true;
		startedAtMs = clock.nowMs();
		setWord(slot, "running", startedAtMs);
		desk.changed();
		const onProgress = (event: ProgressEvent) => showProgress(desk, slot, event);
		const { slot: number, usbPath } = slot;
		const operator = desk.operator() ?? "";
		end = await enrollUnit(desk, { unit, slot: number, usbPath, port, facts, operator, signal, onProgress });
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		if (!taken.begun && !signal.aborted) return undefined;
		end = { verdict: verdictOf(error.fault.code), fault: error.fault };
	} finally {
		leave();
		slot.run = undefined;
		slot.wake = wake;
		pending.taken.delete(contractId);
		desk.freed();
	}
	setWord(slot, wordOf(end), startedAtMs, end.fault);
	slot.endedAtMs = clock.nowMs();
	desk.ended(slot, unit, end);
	return end;
}

/** What was found by looking, before anything was changed, needs a switch or a charger, not a repair. */
function wordOf({ verdict, step }: RunEnd): LiveSlot["word"] {
	if (verdict === "cancelled") return "error";
	return verdict === "fail" && (step === "identify" || step === "preflight") ? "preflight-fail" : verdict;
}

/** From here on everything that was done is being read back. */
const VERIFYING: ReadonlySet<string> = new Set(["attest", "confirm", "seal"]);

function showProgress(desk: Desk, slot: LiveSlot, event: ProgressEvent): void {
	if (event.type === "step-started") {
		const { step: name, title, index, count } = event;
		slot.step = { name, title, number: index + 1, count };
		slot.word = VERIFYING.has(name) ? "verify" : "running";
	} else if (event.type === "step-note" && slot.step) {
		slot.step = { ...slot.step, note: event.text };
	} else if (event.type === "step-progress" && slot.step) {
		slot.step = { ...slot.step, fraction: event.fraction };
	} else return;
	desk.changed();
}
