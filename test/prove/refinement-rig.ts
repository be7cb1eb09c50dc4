import { wire } from "../../proto/wire.ts";
import { DAY, EPOCH, HOUR, termsOf } from "../agent/test-lender.ts";
import type { SymbolicLender } from "./lender.ts";
import type { Level, Promised, Wish } from "./promises.ts";
import { Reference } from "./reference.ts";
import type { Move } from "./refinement-moves.ts";
import { type Channel, type Question, SymbolicPhone } from "./symbolic-phone.ts";

const HOLDS: Readonly<Record<Wish["hold"], wire.HoldKind>> = {
	DISPUTE: wire.HoldKind.HOLD_KIND_DISPUTE,
	PROMISE: wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY,
	DISASTER: wire.HoldKind.HOLD_KIND_DISASTER,
	CLEARING: wire.HoldKind.HOLD_KIND_CLEARING,
};

/** A contract, as the terms say it and as a person reads it. */
export interface Contract {
	readonly terms: wire.Terms.$Properties;
	readonly promised: Promised;
	/** Otherwise the network is down when the phone is bound. */
	readonly isReachedAtOnce: boolean;
}

const PAID_UNTIL = EPOCH + 2 * DAY;
/** How many different contracts there are. */
export const CONTRACTS = 4;

/** One of {@link CONTRACTS} contracts: with quiet hours or without; a long budget or a short one; up to FULL or not;
 * its lender reached at once or not. */
export function contractOf(index: number): Contract {
	const isQuiet = index % 2 === 1;
	const isShort = index >= 2;
	const budget = isShort ? 2 * DAY : 10 * DAY;
	const warnings = isShort ? [DAY] : [3 * DAY, DAY / 2];
	const cap: Level = index === 1 ? 1 : 2;
	const offlineLevel: Level = index === 2 ? 2 : 1;
	const dueDays = index === 3 ? [1, 2] : [2, 32, 62];
	const deadDays = index === 3 ? 20 : 60;
	const [quietFrom, quietTo] = isQuiet ? [22 * HOUR, 6 * HOUR] : [0, 0];
	return {
		isReachedAtOnce: index !== 3,
		terms: termsOf({
			instalments: dueDays.map((day) => ({ dueAtUnixSeconds: EPOCH + day * DAY, amountMinor: 50_000 })),
			initialPaidUntilUnixSeconds: PAID_UNTIL,
			ladder: { graceSeconds: 3 * DAY, limitedDwellSeconds: DAY, maxLevel: cap },
			offline: { budgetSeconds: budget, warnAtRemainingSeconds: warnings, level: offlineLevel },
			deadLenderReleaseSeconds: deadDays * DAY,
			...(isQuiet ? { quietHours: { startMinute: quietFrom / 60, endMinute: quietTo / 60, utcOffsetMinutes: 0 } } : {}),
		}),
		promised: {
			grace: 3 * DAY,
			dwell: DAY,
			cap,
			budget,
			lastWarning: warnings.at(-1) ?? 0,
			offlineLevel,
			passes: 2,
			pass: DAY,
			notices: 3,
			spacing: DAY,
			total: 72 * HOUR,
			ways: 2,
			warningLife: 60 * DAY,
			dead: deadDays * DAY,
			unconfirmed: 14 * DAY,
			finalDue: EPOCH + (dueDays.at(-1) ?? 0) * DAY,
			quietFrom,
			quietTo,
			commandEnds: EPOCH + 80 * DAY,
		},
	};
}

/** The phone and the reference, living the same life. */
export class Rig {
	readonly phone = new SymbolicPhone();
	readonly reference: Reference;
	readonly #lender: SymbolicLender;
	readonly #questions: Question[] = [];
	readonly #orders: { wish: Wish; envelope: Uint8Array }[] = [];
	readonly #tally: Map<string, number>;
	#isUp = true;
	#isFeedStale = false;
	#notices = 0;

	constructor(contract: Contract, lender: SymbolicLender, tally: Map<string, number>) {
		this.#lender = lender;
		this.#tally = tally;
		this.reference = new Reference(contract.promised, EPOCH, PAID_UNTIL);
		this.phone.onQuestion = (question, isPosted) => this.#asked(question, isPosted);
		this.#isUp = contract.isReachedAtOnce;
		this.phone.bind(lender);
	}

	#asked(question: Question, isPosted: boolean): void {
		this.#questions.push(question);
		this.reference.ask(question.counter);
		if (!isPosted) return;
		if (this.#isUp) this.#answer(question, 0);
		else this.phone.send({ checkInFailed: { counter: question.counter } });
	}

	#answer(question: Question, aheadSeconds: number): void {
		const time = Math.floor(this.phone.unixSeconds) + aheadSeconds;
		const stale = this.#isFeedStale;
		const wasTaken = this.reference.answer(question.counter, time, stale);
		const took = this.phone.answer(this.#lender.reply(question, time, { paymentFeedStale: stale }));
		// Once the contract has ended it matters to nobody what an answer says.
		if (!this.reference.released) this.#same("the answer is taken", took, wasTaken);
	}

	/** Lives one move on both sides, and asks both what holds. */
	live(move: Move): void {
		this.#count(`did ${move.move}`);
		switch (move.move) {
			case "live":
				this.reference.live(move.seconds);
				this.phone.live(move.seconds);
				break;
			case "reboot":
				this.reference.reboot();
				this.phone.reboot(move.offSeconds);
				break;
			case "look":
				this.#look(move.channels);
				break;
			case "network":
				this.#isUp = move.isUp;
				this.#isFeedStale = move.isFeedStale;
				this.phone.send({ checkNow: {} });
				break;
			case "ask":
				this.phone.cable({ startCheckIn: {} });
				break;
			case "answer": {
				const question = this.#questions.at(-1 - move.question);
				if (question) this.#answer(question, move.aheadSeconds);
				break;
			}
			case "order":
				this.#order(move);
				break;
			case "replay": {
				const old = this.#orders.at(-1 - move.order);
				if (old) this.#deliver(old.wish, old.envelope);
				break;
			}
			case "pass": {
				const given = this.reference.takePass();
				this.#same("the pass is given", this.phone.send({ passTaken: {} }).answer?.accepted, given);
				break;
			}
			case "dispute": {
				const taken = this.reference.dispute();
				this.#same("the dispute is taken", this.phone.send({ disputeOpened: {} }).answer?.accepted, taken);
				break;
			}
			case "call":
				this.reference.calls(move.active);
				this.phone.send({ emergencyCall: { active: move.active } });
		}
		this.#compare();
	}

	#look(channels: readonly Channel[]): void {
		for (const { noticeId, kind } of this.phone.effects.notices ?? []) {
			for (const way of channels) {
				this.reference.shown(noticeId ?? "", kindOf(kind), way);
				this.phone.shown(noticeId ?? "", way);
			}
		}
	}

	#order(move: Move & { move: "order" }): void {
		const { action, role, level, hold, reason, warns } = move;
		const now = Math.floor(this.phone.unixSeconds);
		const sequence = Math.max(0, this.reference.sequence + move.step);
		const issued = now + move.lateSeconds;
		const expires = issued + 10 * DAY;
		const until = now + move.days * DAY;
		const wish: Wish = {
			action,
			role,
			sequence,
			issued,
			expires,
			level,
			until,
			hold,
			debt: reason === wire.ReasonCode.REASON_CODE_OVERDUE,
			fair: isFair(reason),
		};
		const { keys } = this.#lender;
		const signers = { C: keys.command, R: keys.release, H: keys.heartbeat, E: keys.enroll }[role];
		// Four different notices: a phone remembers sixteen, and a lender that sends more only puts its lock off.
		this.#notices += 1;
		const noticeId = `n${this.#notices % 4}`;
		const kind = warns ? wire.NoticeKind.NOTICE_KIND_LOCK_WARNING : wire.NoticeKind.NOTICE_KIND_INFORMATION;
		const envelope = this.#lender.order(
			{
				sequence,
				reason,
				issuedAtUnixSeconds: issued,
				expiresAtUnixSeconds: expires,
				...(action === "extend" ? { extend: { paidUntilUnixSeconds: until } } : {}),
				...(action === "restrict" ? { restrict: { level } } : {}),
				...(action === "restore" ? { restore: {} } : {}),
				...(action === "notice" ? { notice: { noticeId, kind, texts: [{ language: "es", text: "Aviso" }] } } : {}),
				...(action === "hold" ? { hold: { kind: HOLDS[hold], untilUnixSeconds: until } } : {}),
				...(action === "window" ? { serviceWindow: { opensAtUnixSeconds: now, closesAtUnixSeconds: now + HOUR } } : {}),
				...(action === "release" ? { release: { certificateId: "P-1" } } : {}),
			},
			signers,
		);
		this.#orders.push({ wish, envelope });
		this.#deliver(wish, envelope);
	}

	#deliver(wish: Wish, envelope: Uint8Array): void {
		const expected = this.reference.order(wish);
		const { result } = this.phone.order(envelope);
		this.#count(`${wish.action} ${expected}`);
		this.#same(`the ${wish.action} order is`, wire.OrderResult[result].replace("ORDER_RESULT_", ""), expected);
	}

	#compare(): void {
		const { phone, reference } = this;
		const standing = reference.standing();
		this.#count(standing);
		this.#same("the standing is", phone.standing, standing);
		const { level } = reference;
		this.#same("the causes are", phone.causes, level === 0 ? "" : [...reference.causes.keys()].sort().join("+"));
		const { restricted } = phone;
		this.#same("camera and gallery are off", restricted.includes("cameraAndGallery"), level >= 1);
		this.#same("the phone is held on the lender's page", restricted.includes("lockTask"), level === 2);
		this.#same("help is open", !HELP.some((control) => restricted.includes(control)), true);
		if (reference.released) this.#same("controls that are off", restricted.length, 0);
	}

	#same(what: string, found: unknown, expected: unknown): void {
		if (found !== expected) throw new Error(`${what}: the agent says ${found}, the promises say ${expected}`);
	}

	#count(what: string): void {
		this.#tally.set(what, (this.#tally.get(what) ?? 0) + 1);
	}
}

/** F1, F2: what no state restricts. */
const HELP = ["emergencyCall", "incomingCalls", "supportLine", "payApp", "internet", "messagesAndAlerts"];

function kindOf(kind: wire.NoticeKind | null | undefined): "offline" | "warning" | "overdue" | "other" {
	if (kind === wire.NoticeKind.NOTICE_KIND_OFFLINE_WARNING) return "offline";
	if (kind === wire.NoticeKind.NOTICE_KIND_LOCK_WARNING) return "warning";
	return kind === wire.NoticeKind.NOTICE_KIND_OVERDUE ? "overdue" : "other";
}

function isFair(reason: wire.ReasonCode): boolean {
	return reason === wire.ReasonCode.REASON_CODE_OVERDUE || reason === wire.ReasonCode.REASON_CODE_FRAUD;
}
