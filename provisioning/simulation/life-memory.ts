import { wire } from "../../proto/wire.ts";
import { earnedUntil } from "./instalment-book.ts";
import type { Act } from "./scenario.ts";
import { type StandingName, screenView } from "./screen-view.ts";
import type { LenderBook, OrderWish, SimulatedLender } from "./simulated-lender.ts";
import type { Effects, EventBody, SimulatedPhone, Surroundings } from "./simulated-phone.ts";

export const HOUR = 3600;
export const DAY_HOURS = 24;
/** How long before the due date whoever pays on time pays. */
export const EARLY_HOURS = 48;
/** Somebody looks at the phone in these hours of the local day. */
export const [WAKES_AT, SLEEPS_AT] = [7, 22];

/** What became of an act. */
export interface Answer {
	readonly kind: Act["kind"];
	readonly accepted: boolean;
	/** Why not: agent/daemon/borrower.ts, PHONE_OFF, NO_NETWORK or NOTHING_DUE; a rule such as F3 where the floor refused. */
	readonly code: string;
}

/** What of a life never changes. */
export interface World {
	readonly lender: SimulatedLender;
	readonly instalments: readonly { readonly dueAtUnixSeconds: number; readonly amountMinor: number }[];
	readonly startsAtUnixSeconds: number;
	readonly utcOffsetMinutes: number;
	/** Local hours of the day at which the phone is called: see `callHours`. */
	readonly callHours: readonly number[];
}

/** What changes. Everything in it is replaced, never changed in place, so that a shallow copy is another life. */
export interface LifeMemory {
	readonly phone: SimulatedPhone;
	book: LenderBook;
	/** What is shown, in hours since the hand-over. */
	hour: number;
	/** Up to where the phone was called; never after `hour`. */
	lived: number;
	/** Hour at which it is switched on again. */
	offUntil: number | undefined;
	isOnline: boolean;
	isLooking: boolean;
	isCalling: boolean;
	paysOnTime: boolean;
	paidInstalments: number;
	minutes: { readonly limited: number; readonly full: number };
	lastAnswer: Answer | undefined;
}

export function secondsAt({ startsAtUnixSeconds }: World, hour: number): number {
	return startsAtUnixSeconds + hour * HOUR;
}

export function localHour(world: World, hour: number): number {
	return Math.floor(((secondsAt(world, hour) + world.utcOffsetMinutes * 60) % (DAY_HOURS * HOUR)) / HOUR);
}

export function isAwake(world: World, hour: number): boolean {
	const local = localHour(world, hour);
	return local >= WAKES_AT && local < SLEEPS_AT;
}

export function isOn({ offUntil }: LifeMemory): boolean {
	return offUntil === undefined;
}

export function standingOf({ phone }: LifeMemory): StandingName {
	return screenView(phone.effects).kind;
}

export function isLocked(memory: LifeMemory): boolean {
	const standing = standingOf(memory);
	return standing === "limited" || standing === "full";
}

/** What surrounds the phone at an hour. */
export function around(world: World, memory: LifeMemory, hour: number): Surroundings {
	const unixSeconds = secondsAt(world, hour);
	return {
		unixSeconds,
		isPersonPresent: memory.isLooking && isAwake(world, hour),
		post(envelope) {
			if (!memory.isOnline || memory.book.isSilent) return undefined;
			const { book, envelope: reply } = world.lender.answer(memory.book, envelope, unixSeconds);
			memory.book = book;
			return reply;
		},
	};
}

/** Something happens to the phone at the hour that is shown. */
export function send(world: World, memory: LifeMemory, body: EventBody): Effects {
	return memory.phone.send(body, around(world, memory, memory.hour));
}

/** "I paid, check now", where there is a network. */
export function askLender(world: World, memory: LifeMemory): void {
	if (isOn(memory) && memory.isOnline) send(world, memory, { checkNow: {} });
}

/** The lender will say so at the next check-in. */
export function putOrder(memory: LifeMemory, wish: OrderWish): void {
	memory.book = { ...memory.book, waiting: [...memory.book.waiting, wish] };
}

/** Books so many instalments as the registry does; false if nothing is due any more. */
export function pay(world: World, memory: LifeMemory, instalments: number, hour: number): boolean {
	const { length } = world.instalments;
	if (memory.book.isPaidOff || memory.paidInstalments >= length) return false;
	memory.paidInstalments = Math.min(memory.paidInstalments + instalments, length);
	const earned = earnedUntil(world.instalments, memory.paidInstalments);
	if (earned === undefined) {
		memory.book = { ...memory.book, isPaidOff: true };
		putOrder(memory, { reason: wire.ReasonCode.REASON_CODE_PAID_OFF, release: { certificateId: "SIM-PAYOFF" } });
		return true;
	}
	const paidUntilUnixSeconds = Math.max(memory.book.paidUntilUnixSeconds, earned);
	memory.book = { ...memory.book, paidUntilUnixSeconds };
	putOrder(memory, {
		reason: wire.ReasonCode.REASON_CODE_PAYMENT,
		extend: {
			paidUntilUnixSeconds,
			paymentReference: `SIM-${memory.paidInstalments}`,
			receivedAtUnixSeconds: secondsAt(world, hour),
		},
	});
	return true;
}

/** Whoever pays on time pays two days before. */
export function payWhatIsDue(world: World, memory: LifeMemory, hour: number): void {
	const next = world.instalments[memory.paidInstalments];
	const isTime = next && secondsAt(world, hour) >= next.dueAtUnixSeconds - EARLY_HOURS * HOUR;
	if (memory.paysOnTime && isTime) pay(world, memory, 1, hour);
}
