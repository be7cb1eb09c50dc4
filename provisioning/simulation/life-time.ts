import {
	around,
	DAY_HOURS,
	EARLY_HOURS,
	HOUR,
	isAwake,
	isLocked,
	isOn,
	type LifeMemory,
	localHour,
	payWhatIsDue,
	secondsAt,
	standingOf,
	WAKES_AT,
	type World,
} from "./life-memory.ts";
import { screenView } from "./screen-view.ts";
import type { Effects, Probe } from "./simulated-phone.ts";

/**
 * Lets time pass up to an hour. The phone is called at hours that follow from the contract and from what people did, never from
 * where somebody stopped to look: the same hours in other steps are the same life. What the phone would say at any hour can be asked
 * without calling it, for it is one function; so an hour at which something changes is looked for, and all others are passed over.
 */
export function advanceTo(world: World, memory: LifeMemory, target: number): void {
	while (memory.lived < target && liveTowards(world, memory, target));
	memory.hour = Math.max(memory.hour, target);
}

/** The phone is called at the hour that is shown, because something is done to it. */
export function comeToNow(world: World, memory: LifeMemory): void {
	if (memory.lived === memory.hour) return;
	if (isOn(memory)) liveThrough(world, memory, memory.hour, memory.phone.probe(secondsAt(world, memory.hour)));
	else memory.lived = memory.hour;
}

/** What is on the screen at the hour that is shown. */
export function shownEffects(world: World, memory: LifeMemory): Effects {
	const isCalled = memory.lived === memory.hour || !isOn(memory);
	return isCalled ? memory.phone.effects : memory.phone.probe(secondsAt(world, memory.hour)).effects;
}

/** Minutes in each lock so far, the time since the last call with it. */
export function lockedMinutes(memory: LifeMemory): LifeMemory["minutes"] {
	return minutesAt(memory, memory.hour);
}

/**
 * When a phone has to be called so that nothing is missed, in hours of the local day, the morning first. A change stays once it is
 * there, but for a lock that quiet hours put off: it has to be asked for at their end, and in the last hour before they begin.
 */
export function callHours(night: { readonly startMinute: number; readonly endMinute: number } | null | undefined): number[] {
	if (!night) return [WAKES_AT];
	const end = Math.ceil(night.endMinute / 60) % DAY_HOURS;
	const last = (Math.ceil(night.startMinute / 60) - 1 + DAY_HOURS) % DAY_HOURS;
	return [end, last];
}

/** Lives up to the next hour at which something happens, if that is not after the target. False: nothing does until then. */
function liveTowards(world: World, memory: LifeMemory, target: number): boolean {
	const until = nextHour(world, memory);
	if (memory.offUntil !== undefined) {
		if (until > target) return false;
		memory.lived = until;
		if (memory.offUntil === until) {
			memory.offUntil = undefined;
			memory.phone.boot(around(world, memory, until));
		}
		payWhatIsDue(world, memory, until);
		return true;
	}
	const probe = memory.phone.probe(secondsAt(world, until));
	const found = isSame(memory.phone.effects, probe.effects) ? { hour: until, probe } : firstChange(world, memory, until, probe);
	if (found.hour > target) return false;
	liveThrough(world, memory, found.hour, found.probe);
	payWhatIsDue(world, memory, found.hour);
	return true;
}

function liveThrough(world: World, memory: LifeMemory, hour: number, probe: Probe): void {
	memory.minutes = minutesAt(memory, hour);
	memory.phone.commit(probe, around(world, memory, hour));
	memory.lived = hour;
}

function minutesAt(memory: LifeMemory, hour: number): LifeMemory["minutes"] {
	const { minutes, lived } = memory;
	const standing = standingOf(memory);
	const isCounted = isOn(memory) && (standing === "limited" || standing === "full");
	return isCounted ? { ...minutes, [standing]: minutes[standing] + (hour - lived) * 60 } : minutes;
}

/** The next hour at which the phone has to be called whatever it says. */
function nextHour(world: World, memory: LifeMemory): number {
	const { lived, offUntil, phone, book } = memory;
	const hours = [nextPaymentHour(world, memory)];
	if (offUntil !== undefined) hours.push(offUntil);
	else {
		hours.push(nextCall(world, memory));
		if (phone.hasUnseenNotices && memory.isLooking) hours.push(firstHour(lived + 1, (hour) => isAwake(world, hour)));
		// A locked phone asks its lender every half hour (F6).
		if (book.waiting.length > 0 && memory.isOnline && !book.isSilent && isLocked(memory)) hours.push(lived + 1);
	}
	return Math.min(...hours.filter((hour) => hour > lived));
}

/** Once a day, in the morning; while a lock is near also before the evening, for it may not begin at night (F14). */
function nextCall(world: World, { phone, lived }: LifeMemory): number {
	const { kind, warnings } = screenView(phone.effects);
	const isCalm = (kind === "unlocked" && warnings.length === 0) || kind === "released";
	const wanted = isCalm ? world.callHours.slice(0, 1) : world.callHours;
	return firstHour(lived + 1, (hour) => wanted.includes(localHour(world, hour)));
}

function firstHour(from: number, isIt: (hour: number) => boolean): number {
	let hour = from;
	while (!isIt(hour)) hour += 1;
	return hour;
}

function nextPaymentHour(world: World, memory: LifeMemory): number {
	const next = world.instalments[memory.paidInstalments];
	if (!memory.paysOnTime || !next || memory.book.isPaidOff) return Number.POSITIVE_INFINITY;
	return Math.max(memory.lived + 1, Math.ceil((next.dueAtUnixSeconds - world.startsAtUnixSeconds) / HOUR) - EARLY_HOURS);
}

/** Earliest hour up to one at which the phone says something new. */
function firstChange(world: World, memory: LifeMemory, until: number, atUntil: Probe): { hour: number; probe: Probe } {
	let same = memory.lived;
	let changed = { hour: until, probe: atUntil };
	while (changed.hour - same > 1) {
		const middle = Math.floor((same + changed.hour) / 2);
		const probe = memory.phone.probe(secondsAt(world, middle));
		if (isSame(memory.phone.effects, probe.effects)) same = middle;
		else changed = { hour: middle, probe };
	}
	return changed;
}

/** Whether the phone says the same as before, but for how much time is left. */
function isSame(before: Effects, after: Effects): boolean {
	return after.record.length === 0 && gist(before) === gist(after);
}

function gist(effects: Effects): string {
	const screen = screenView(effects);
	return [
		screen.kind,
		effects.posture?.restricted.join(),
		screen.causes.join(),
		screen.warnings.map(({ kind }) => kind).join(),
		effects.notices.map(({ noticeId }) => noticeId).join(),
		screen.heldUntilUnixSeconds,
		screen.passRemainingSeconds > 0,
		screen.passesLeft,
		screen.codesBackOffSeconds > 0,
		screen.isContactRequired,
		effects.returnOwnership,
	].join("|");
}
