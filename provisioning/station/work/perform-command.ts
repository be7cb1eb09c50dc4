import { imeiTail, parseImei } from "../../../proto/imei.ts";
import type { CommandAnswer, StationCommand } from "../command.ts";
import type { MisScan } from "../journal/entry.ts";
import type { Unit } from "../unit.ts";
import type { LiveSlot } from "./live-slot.ts";
import { readScannedText } from "./scanned-text.ts";
import type { Shift } from "./shift.ts";
import type { Desk } from "./visit.ts";

/** Whose badge it is. */
export interface BadgeHolder {
	readonly name: string;
	readonly role: "operator" | "supervisor" | "technician";
}

/** What commands reach besides the desk. */
export interface CommandTools {
	readonly desk: Desk;
	readonly shift: Shift;
	readonly slots: ReadonlyMap<number, LiveSlot>;
	/** Finds a badge's holder; `undefined` also when too many were tried. */
	findBadge(code: string): Promise<BadgeHolder | undefined>;
	/** Makes the phone in a slot show its slot number. @throws {FaultError} */
	identify(slot: LiveSlot): Promise<void>;
	/** Prints a unit's label again. */
	reprint(contractId: string, reason: string): Promise<CommandAnswer>;
	/** Sends messages to the ERP once more that were given up. How many. */
	resendWebhooks(): Promise<number>;
	/** Takes a failure off the pins. */
	acknowledge(slot: number): void;
	/** What has to be done before the batch may be closed; ends it. */
	closeBatch(operator: string): Promise<CommandAnswer>;
}

type Of<Type extends StationCommand["type"]> = Extract<StationCommand, { type: Type }>;

const done = (text: string): CommandAnswer => ({ ok: true, text });
const refused = (code: string, text: string, remedy: string): CommandAnswer => ({ ok: false, code, text, remedy });

const NOBODY = refused("NOT_SIGNED_IN", "Nobody is signed in.", "Scan your badge.");
const NO_SUPERVISOR = refused(
	"NOT_A_SUPERVISOR",
	"That is no supervisor's badge, or too many badges were tried.",
	"A supervisor scans their own badge; wait a minute after several tries.",
);

/** Does what a person asks, or says why not. Doing the same twice changes nothing. */
export async function performCommand(tools: CommandTools, command: StationCommand): Promise<CommandAnswer> {
	tools.shift.touch();
	switch (command.type) {
		case "scan":
			return scan(tools, command);
		case "sign-out":
			await tools.shift.end("signed out");
			wakeAll(tools);
			return done("Signed out.");
		case "check-shift":
			await tools.shift.checkAgain();
			wakeAll(tools);
			return done("Checked again.");
		case "skip-shift-check":
			return skipShiftCheck(tools, command);
		case "clear-scan":
			tools.desk.scan = undefined;
			wakeAll(tools);
			return done("The scanned box is forgotten.");
		case "start":
		case "retry":
			return again(tools, command);
		case "stop":
			return stop(tools, command);
		case "identify":
			return identify(tools, command);
		case "acknowledge":
			tools.acknowledge(command.slot);
			return done("Taken off.");
		case "hold":
			return hold(tools, command);
		case "lift-hold":
			return liftHold(tools, command);
		case "type-imei":
			return typeImei(tools, command);
		case "clear-mismatch":
			return clearMismatch(tools, command);
		case "reprint":
			return tools.shift.operator === undefined ? NOBODY : tools.reprint(command.contractId, command.reason);
		case "resend-webhooks": {
			if (tools.shift.operator === undefined) return NOBODY;
			const count = await tools.resendWebhooks();
			tools.desk.changed();
			return done(`Sending to the ERP again. Messages that had been given up: ${count}.`);
		}
		case "close-batch": {
			const { operator } = tools.shift;
			return operator === undefined ? NOBODY : tools.closeBatch(operator);
		}
	}
}

async function scan(tools: CommandTools, { text }: Of<"scan">): Promise<CommandAnswer> {
	const read = readScannedText(text);
	if (read.kind === "other") return signIn(tools, text);
	const { operator } = tools.shift;
	if (operator === undefined) return misScanned(tools, NOBODY);
	if (read.kind === "bad-imei")
		return misScan(tools, "not-a-code", text, `The code is no IMEI: ${read.problem}.`, "Scan the box's IMEI barcode again.");
	const [unit, ...others] = new Set(read.imeis.flatMap((imei) => tools.desk.units.byImei(imei) ?? []));
	if (!unit || others.length > 0) {
		return misScan(
			tools,
			"not-in-batch",
			text,
			"This box is not on the batch's list.",
			"Put it aside for review; check that this is the right batch.",
		);
	}
	return takeScan(tools, unit, read.imeis[0], text);
}

async function takeScan({ desk, slots, shift }: CommandTools, unit: Unit, imei: string, text: string): Promise<CommandAnswer> {
	const tools = { desk, shift };
	const standing = desk.log.state.units.get(unit.contractId)?.standing;
	if (standing === "pass") return misScan(tools, "already-done", text, "This phone is done already.", "Take the next one.");
	if (standing === "hold") return misScan(tools, "on-hold", text, "This phone is on hold.", "Put it in the hold lane.");
	if (desk.scan?.contractId !== unit.contractId) {
		await desk.log.tell({ type: "scanned", operator: shift.operator ?? "", contractId: unit.contractId, imei });
		desk.scan = { contractId: unit.contractId, imei, atMs: desk.clock.nowMs() };
	}
	const waiting = [...slots.values()].find((slot) => slot.phone?.imeis.some((each) => desk.units.byImei(each) === unit));
	for (const slot of slots.values()) slot.wake();
	desk.changed();
	return done(
		waiting ? `Box …${imeiTail(imei)}: its phone is in slot ${waiting.slot}.` : `Box …${imeiTail(imei)}. Plug its phone in.`,
	);
}

async function signIn(tools: CommandTools, text: string): Promise<CommandAnswer> {
	const holder = await tools.findBadge(text);
	if (!holder) {
		return misScan(
			tools,
			"not-a-code",
			text,
			"That is neither a box nor a badge of this station.",
			"Scan the box's IMEI barcode, or your badge.",
		);
	}
	if (tools.desk.log.down) return refused(tools.desk.log.down.code, tools.desk.log.down.meaning, tools.desk.log.down.remedy);
	if (tools.shift.operator !== holder.name) await tools.shift.begin(holder.name);
	wakeAll(tools);
	const failed = tools.shift.blocking.map(({ name }) => name);
	return done(failed.length === 0 ? `Welcome, ${holder.name}.` : `Welcome, ${holder.name}. Before work: ${failed.join(", ")}.`);
}

async function misScan(
	{ desk, shift }: Pick<CommandTools, "desk" | "shift">,
	why: MisScan,
	scanned: string,
	text: string,
	remedy: string,
): Promise<CommandAnswer> {
	// A tail of four tells a clerk which box; of a badge it tells nothing.
	const tail = why === "not-a-code" ? "" : scanned.slice(-4);
	await desk.log.tell({ type: "mis-scan", operator: shift.operator ?? "", why, tail });
	return misScanned({ desk }, refused(why.toUpperCase().replaceAll("-", "_"), text, remedy));
}

function misScanned({ desk }: Pick<CommandTools, "desk">, answer: CommandAnswer): CommandAnswer {
	desk.signal("operator", answer.text);
	return answer;
}

/** Names of slots, and their count as the person saw it: a list that changed meanwhile is not acted on. */
function named({ slots }: CommandTools, command: Of<"start" | "retry" | "stop">): LiveSlot[] | undefined {
	const found = command.slots.flatMap((slot) => slots.get(slot) ?? []);
	return command.count === command.slots.length && found.length === command.slots.length ? found : undefined;
}

const OTHER_COUNT = refused(
	"COUNT_DIFFERS",
	"The number does not fit the slots, so nothing was done.",
	"Look at the list again and type how many there are.",
);

function again(tools: CommandTools, command: Of<"start" | "retry">): CommandAnswer {
	const meant = named(tools, command);
	if (!meant) return OTHER_COUNT;
	if (tools.shift.operator === undefined) return NOBODY;
	const idle = meant.filter(({ run, visit }) => run === undefined && visit !== undefined);
	for (const slot of idle) {
		slot.again = true;
		slot.wake();
	}
	return idle.length > 0
		? done(`Trying again: ${idle.map(({ slot }) => slot).join(", ")}.`)
		: done("Nothing to try again there.");
}

function stop(tools: CommandTools, command: Of<"stop">): CommandAnswer {
	const meant = named(tools, command);
	if (!meant) return OTHER_COUNT;
	const running = meant.filter(({ run }) => run !== undefined);
	for (const slot of running) slot.run?.abort();
	return done(running.length > 0 ? "Stopping at the next safe point." : "Nothing is running there.");
}

async function identify(tools: CommandTools, { slot: number }: Of<"identify">): Promise<CommandAnswer> {
	const slot = tools.slots.get(number);
	if (!slot?.visit) return refused("NO_DEVICE", `There is no phone in slot ${number}.`, "Plug one in.");
	await tools.identify(slot);
	return done(`The phone in slot ${number} shows its number.`);
}

async function hold({ desk, shift, slots }: CommandTools, { contractId, reason }: Of<"hold">): Promise<CommandAnswer> {
	const { operator } = shift;
	if (operator === undefined) return NOBODY;
	if (!desk.units.byContract(contractId))
		return refused("UNIT_NOT_IN_BATCH", "The batch has no such contract.", "Check its number.");
	const { log, pending } = desk;
	const standing = log.state.units.get(contractId)?.standing;
	const isBegun = standing === "running" || pending.taken.get(contractId)?.begun;
	if (isBegun) return refused("UNIT_IN_OTHER_SLOT", "It is being worked on.", "Stop it first.");
	if (standing === "pass") return refused("UNIT_DONE", "It is done already.", "Take it up with the lender's staff.");
	if (standing === "hold") return done(`${contractId} is on hold.`);
	pending.held.set(contractId, reason);
	try {
		// A phone that waits for its turn hears of it before the disk does.
		wakeAll({ slots, desk });
		await log.tell({ type: "held", contractId, operator, reason });
	} finally {
		pending.held.delete(contractId);
	}
	wakeAll({ slots, desk });
	return done(`${contractId} is on hold.`);
}

async function liftHold(tools: CommandTools, { contractId, reason, badge }: Of<"lift-hold">): Promise<CommandAnswer> {
	const supervisor = await supervisorOf(tools, badge);
	if (supervisor === undefined) return NO_SUPERVISOR;
	const { desk } = tools;
	if (desk.log.state.units.get(contractId)?.standing !== "hold") return done(`${contractId} is not on hold.`);
	await desk.log.tell({ type: "hold-lifted", contractId, supervisor, reason });
	wakeAll(tools);
	return done(`${contractId} is off hold.`);
}

async function typeImei(tools: CommandTools, { imei: typed, reason, badge }: Of<"type-imei">): Promise<CommandAnswer> {
	const { desk, shift } = tools;
	const supervisor = await supervisorOf(tools, badge);
	if (supervisor === undefined) return NO_SUPERVISOR;
	if (shift.operator === undefined) return NOBODY;
	const parsed = parseImei(typed);
	if ("problem" in parsed)
		return refused("IMEI_INVALID", `That is no IMEI: ${parsed.problem}.`, "Type the 15 digits from the box.");
	const unit = desk.units.byImei(parsed.imei);
	if (!unit)
		return misScan(tools, "not-in-batch", parsed.imei, "This box is not on the batch's list.", "Put it aside for review.");
	await desk.log.tell({
		type: "override",
		supervisor,
		operator: shift.operator,
		what: "typed-imei",
		reason,
		contractId: unit.contractId,
	});
	return takeScan(tools, unit, parsed.imei, parsed.imei);
}

async function clearMismatch(tools: CommandTools, { slot: number, reason, badge }: Of<"clear-mismatch">): Promise<CommandAnswer> {
	const { desk, shift } = tools;
	const supervisor = await supervisorOf(tools, badge);
	if (supervisor === undefined) return NO_SUPERVISOR;
	const isLocked = desk.log.state.lockedSlots.has(number);
	if (!isLocked && desk.stop?.slot !== number) return done("There is no stop on this slot.");
	const what = isLocked ? "unlock-slot" : "clear-mismatch";
	await desk.log.tell({ type: "override", supervisor, operator: shift.operator ?? "", what, reason, slot: number });
	if (desk.stop?.slot === number) desk.stop = undefined;
	desk.scan = undefined;
	wakeAll(tools);
	return done(`Slot ${number} is open again.`);
}

async function skipShiftCheck(tools: CommandTools, { reason, badge }: Of<"skip-shift-check">): Promise<CommandAnswer> {
	const { desk, shift } = tools;
	const supervisor = await supervisorOf(tools, badge);
	if (supervisor === undefined) return NO_SUPERVISOR;
	if (shift.operator === undefined) return NOBODY;
	await desk.log.tell({ type: "override", supervisor, operator: shift.operator, what: "skip-shift-check", reason });
	shift.waive();
	wakeAll(tools);
	return done("Work may begin.");
}

async function supervisorOf({ findBadge }: CommandTools, badge: string): Promise<string | undefined> {
	const holder = await findBadge(badge);
	return holder?.role === "supervisor" ? holder.name : undefined;
}

function wakeAll({ slots, desk }: Pick<CommandTools, "slots" | "desk">): void {
	for (const slot of slots.values()) slot.wake();
	desk.changed();
}
