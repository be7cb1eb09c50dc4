import { decode, encode, type Message } from "../../proto/codec.ts";
import { ProtocolError } from "../../proto/error.ts";
import { jurisdictionOf } from "../../proto/jurisdiction.ts";
import { wire } from "../../proto/wire.ts";
import type { AgentScript } from "./agent-script.ts";
import { type BookView, bookView } from "./instalment-book.ts";
import { perform } from "./life-acts.ts";
import {
	type Answer,
	around,
	askLender,
	isOn,
	type LifeMemory,
	putOrder,
	secondsAt,
	send,
	standingOf,
	type World,
} from "./life-memory.ts";
import { advanceTo, callHours, comeToNow, lockedMinutes, shownEffects } from "./life-time.ts";
import { recordView, type WorksRow, worksRows } from "./life-view.ts";
import { madeTerms, SIMULATED_CONTRACT } from "./made-terms.ts";
import type { Moment } from "./moment.ts";
import type { Act, MadeTerms, Scenario } from "./scenario.ts";
import { type ScreenView, type StandingName, screenView, type Way, waysOf } from "./screen-view.ts";
import { type OrderWish, simulatedLender } from "./simulated-lender.ts";
import { simulatedPhone } from "./simulated-phone.ts";
import { simulatedKeys } from "./simulated-signer.ts";

/** A phone and what surrounds it, at one moment. Plain data. */
export interface LifeView {
	/** Since the hand-over. */
	readonly hour: number;
	readonly atUnixSeconds: number;
	/** East of UTC: by whose clock people sleep. */
	readonly utcOffsetMinutes: number;
	readonly isOn: boolean;
	readonly isOnline: boolean;
	/** Whether somebody looks at the phone in the hours of the day. */
	readonly isLooking: boolean;
	readonly isCalling: boolean;
	readonly paysOnTime: boolean;
	readonly isLenderSilent: boolean;
	readonly isFeedStale: boolean;
	readonly standing: StandingName;
	readonly screen: ScreenView;
	readonly ways: readonly Way[];
	readonly works: readonly WorksRow[];
	readonly record: { readonly moments: readonly Moment[]; readonly head: string };
	readonly book: BookView;
	/** Minutes in each lock so far, the phone switched on. */
	readonly lockedMinutes: { readonly limited: number; readonly full: number };
	readonly lastAnswer: Answer | undefined;
}

/** One simulated phone, its borrower and its lender. Time moves by whole hours and only when asked to. */
export interface Life {
	/** Since the hand-over. */
	readonly hour: number;
	readonly standing: StandingName;
	/** Lets time pass up to an hour after the hand-over. The same hours in other steps give the same life. */
	advanceTo(hour: number): void;
	/** Something happens now. */
	act(act: Act): Answer;
	state(): LifeView;
	/** Every decision so far. */
	moments(): readonly Moment[];
	/** The borrower's file, which `holdfast audit verify` checks. */
	exportRecord(): Uint8Array;
	/** The same moment in another world, for looking ahead. */
	fork(): Life;
}

/** A life whose lender can be told to order something. */
export interface DirectedLife extends Life {
	/** The order waits for the phone's next check-in, which is now if there is a network. */
	order(wish: OrderWish): void;
}

export interface LifeOptions {
	readonly script: AgentScript;
	readonly seed: number;
	readonly startsAtUnixSeconds: number;
	/** A made-up contract, or the bytes of a real one. */
	readonly terms: MadeTerms | Uint8Array;
	/** Paid until, where that is later than the terms say of the beginning. */
	readonly paidUntilUnixSeconds?: number;
}

/** A phone that was just handed over: bound, confirmed and sealed. A problem where the agent does not take these terms. */
export function createLife(options: LifeOptions): DirectedLife | { readonly problem: string } {
	const { script, seed, startsAtUnixSeconds, terms } = options;
	const keys = simulatedKeys(seed);
	const real = terms instanceof Uint8Array ? readTerms(terms) : undefined;
	if (real && "problem" in real) return real;
	const lender = simulatedLender(keys, seed, real ?? SIMULATED_CONTRACT);
	const bytes = terms instanceof Uint8Array ? terms : madeTerms(terms, startsAtUnixSeconds, lender.releaseDigest);
	const { instalments, initialPaidUntilUnixSeconds, quietHours, jurisdiction } = real ?? decode(wire.Terms, bytes);
	const paidUntil = Math.max(options.paidUntilUnixSeconds ?? 0, initialPaidUntilUnixSeconds);
	const night = quietHours ?? jurisdictionOf(jurisdiction)?.quietHours;
	const world: World = {
		lender,
		instalments,
		startsAtUnixSeconds,
		utcOffsetMinutes: night?.utcOffsetMinutes ?? 0,
		callHours: callHours(night),
	};
	const memory: LifeMemory = {
		phone: simulatedPhone({
			daemon: script.open({ verifyP256: keys.verifyP256 }),
			key: keys.signer("device"),
			seed,
			imeis: lender.imeis,
			startsAtUnixSeconds,
		}),
		book: lender.openBook(paidUntil, startsAtUnixSeconds),
		hour: 0,
		lived: 0,
		offUntil: undefined,
		isOnline: true,
		isLooking: true,
		isCalling: false,
		paysOnTime: false,
		paidInstalments: instalments.filter(({ dueAtUnixSeconds }) => dueAtUnixSeconds < paidUntil).length,
		minutes: { limited: 0, full: 0 },
		lastAnswer: undefined,
	};
	if (paidUntil > initialPaidUntilUnixSeconds) {
		// Comes with the very answer that confirms the binding: no debt of the past is seen in between.
		putOrder(memory, { reason: wire.ReasonCode.REASON_CODE_PAYMENT, extend: { paidUntilUnixSeconds: paidUntil } });
	}
	const problem = handOver(world, memory, lender.bind(bytes, startsAtUnixSeconds));
	return problem === undefined ? lifeWith(world, memory) : { problem };
}

/** Lives a whole scenario to its last hour. */
export function liveScenario(script: AgentScript, scenario: Scenario): Life | { readonly problem: string } {
	const { seed, startsAtUnixSeconds, terms } = scenario;
	const life = createLife({ script, seed, startsAtUnixSeconds, terms });
	if ("problem" in life) return life;
	for (const { atHour, act } of scenario.acts) {
		life.advanceTo(atHour);
		life.act(act);
	}
	life.advanceTo(scenario.hours);
	return life;
}

function readTerms(bytes: Uint8Array): Message<wire.Terms.$Properties> | { readonly problem: string } {
	try {
		return decode(wire.Terms, bytes);
	} catch (error) {
		if (error instanceof ProtocolError) return { problem: `TERMS_REFUSED: ${error.code}` };
		throw error;
	}
}

/** What a station does: bind, let the lender confirm, seal. Gives what was refused. */
function handOver(world: World, memory: LifeMemory, bind: wire.Bind.$Properties): string | undefined {
	memory.phone.boot(around(world, memory, 0));
	const ask = (request: wire.CableRequest.$Properties) => {
		const { cableReply } = send(world, memory, { cable: { request: encode(wire.CableRequest, request) } });
		const { refused } = decode(wire.CableReply, cableReply);
		return refused ? `${refused.code}: ${refused.detail}` : undefined;
	};
	const unbound = ask({ bind });
	if (unbound !== undefined) return unbound;
	askLender(world, memory);
	return ask({ seal: {} });
}

function lifeWith(world: World, memory: LifeMemory): DirectedLife {
	return {
		get hour() {
			return memory.hour;
		},
		get standing() {
			return standingOf(memory);
		},
		advanceTo: (hour) => advanceTo(world, memory, hour),
		act(act) {
			comeToNow(world, memory);
			memory.lastAnswer = { kind: act.kind, ...perform(world, memory, act) };
			return memory.lastAnswer;
		},
		order(wish) {
			comeToNow(world, memory);
			putOrder(memory, wish);
			askLender(world, memory);
		},
		moments: () => recordView(memory.phone.decided).moments,
		state: () => viewOf(world, memory),
		exportRecord() {
			comeToNow(world, memory);
			const now = around(world, memory, memory.hour);
			// Whoever reads the record changes nothing of the life; a phone that is off is turned on for it.
			const phone = memory.phone.fork();
			if (!isOn(memory)) phone.boot(now);
			return phone.exportRecord(now);
		},
		fork: () => lifeWith(world, { ...memory, phone: memory.phone.fork() }),
	};
}

function viewOf(world: World, memory: LifeMemory): LifeView {
	const screen = screenView(shownEffects(world, memory));
	const { hour, isOnline, isLooking, isCalling, paysOnTime, book, phone, lastAnswer } = memory;
	return {
		hour,
		atUnixSeconds: secondsAt(world, hour),
		utcOffsetMinutes: world.utcOffsetMinutes,
		isOn: isOn(memory),
		isOnline,
		isLooking,
		isCalling,
		paysOnTime,
		isLenderSilent: book.isSilent,
		isFeedStale: book.isFeedStale,
		standing: screen.kind,
		screen,
		ways: waysOf(screen),
		works: worksRows(phone.restricted),
		record: recordView(phone.decided),
		book: bookView(world.instalments, memory.paidInstalments, book),
		lockedMinutes: lockedMinutes(memory),
		lastAnswer,
	};
}
