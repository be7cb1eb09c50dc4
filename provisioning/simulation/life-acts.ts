import { dammDigit } from "../../proto/damm.ts";
import { wire } from "../../proto/wire.ts";
import {
	type Answer,
	around,
	askLender,
	DAY_HOURS,
	isOn,
	type LifeMemory,
	pay,
	payWhatIsDue,
	putOrder,
	secondsAt,
	send,
	type World,
} from "./life-memory.ts";
import type { Act } from "./scenario.ts";
import { screenView } from "./screen-view.ts";
import type { OrderWish } from "./simulated-lender.ts";
import type { Effects } from "./simulated-phone.ts";

type Outcome = Omit<Answer, "kind">;
const DONE: Outcome = { accepted: true, code: "" };

/** Does what an act says, at the hour that is shown. */
export function perform(world: World, memory: LifeMemory, act: Act): Outcome {
	switch (act.kind) {
		case "pay":
		case "payOff": {
			const instalments = act.kind === "payOff" ? world.instalments.length : act.instalments;
			if (!pay(world, memory, instalments, memory.hour)) return refused("NOTHING_DUE");
			askLender(world, memory);
			return DONE;
		}
		case "payOnTime":
			memory.paysOnTime = act.on;
			payWhatIsDue(world, memory, memory.hour);
			return DONE;
		case "network":
			memory.isOnline = act.on;
			askLender(world, memory);
			return DONE;
		case "look":
			memory.isLooking = act.on;
			if (isOn(memory)) send(world, memory, { tick: {} });
			return DONE;
		case "promise":
			hold(world, memory, wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY, wire.ReasonCode.REASON_CODE_PROMISE_TO_PAY, act.days);
			return DONE;
		case "disaster":
			hold(world, memory, wire.HoldKind.HOLD_KIND_DISASTER, wire.ReasonCode.REASON_CODE_DISASTER, act.days);
			return DONE;
		case "lenderSilent":
			memory.book = { ...memory.book, isSilent: act.on };
			return DONE;
		case "feedStale":
			memory.book = { ...memory.book, isFeedStale: act.on };
			askLender(world, memory);
			return DONE;
		default:
			return isOn(memory) ? performOnPhone(world, memory, act) : refused("PHONE_OFF");
	}
}

function hold(world: World, memory: LifeMemory, kind: wire.HoldKind, reason: wire.ReasonCode, days: number): void {
	putOrder(memory, { reason, hold: { kind, untilUnixSeconds: secondsAt(world, memory.hour + days * DAY_HOURS) } });
	askLender(world, memory);
}

/** What needs the phone in the hand, and switched on. */
function performOnPhone(world: World, memory: LifeMemory, act: Act): Outcome {
	switch (act.kind) {
		case "emergencyCall":
			memory.isCalling = act.on;
			send(world, memory, { emergencyCall: { active: act.on } });
			return DONE;
		case "reboot":
			memory.phone.boot(around(world, memory, memory.hour));
			return DONE;
		case "powerOff":
			if (memory.isCalling) send(world, memory, { emergencyCall: { active: false } });
			memory.isCalling = false;
			memory.offUntil = memory.hour + act.hours;
			return DONE;
		case "checkNow":
			send(world, memory, { checkNow: {} });
			return memory.isOnline && !memory.book.isSilent ? DONE : refused("NO_NETWORK");
		case "dispute":
			return answerOf(send(world, memory, { disputeOpened: {} }));
		case "pass":
			return answerOf(send(world, memory, { passTaken: {} }));
		case "code": {
			const code = codeFrom(world, memory, act.from);
			return code === undefined ? refused("NOT_AVAILABLE") : answerOf(send(world, memory, { codeEntered: { code } }));
		}
		case "returned":
			// In the shop, over the cable: the network is not asked.
			memory.book = { ...memory.book, isPaidOff: true, waiting: [] };
			return deliver(world, memory, { reason: wire.ReasonCode.REASON_CODE_RETURNED, release: { certificateId: "SIM-RETURNED" } });
		case "stolenKey":
			if (!memory.isOnline) return refused("NO_NETWORK");
			return deliver(world, memory, { reason: wire.ReasonCode.REASON_CODE_FRAUD, restrict: { level: levelOf(act.level) } });
		default:
			return DONE;
	}
}

function levelOf(level: "limited" | "full"): wire.RestrictionLevel {
	const { RESTRICTION_LEVEL_FULL, RESTRICTION_LEVEL_LIMITED } = wire.RestrictionLevel;
	return level === "full" ? RESTRICTION_LEVEL_FULL : RESTRICTION_LEVEL_LIMITED;
}

/** An order that somebody carries to the phone now, and what the record says became of it. */
function deliver(world: World, memory: LifeMemory, wish: OrderWish): Outcome {
	const before = memory.phone.decided.length;
	const { book, envelope } = world.lender.order(memory.book, wish, secondsAt(world, memory.hour));
	memory.book = book;
	send(world, memory, { orders: { orderEnvelopes: [envelope] } });
	const refusal = memory.phone.decided
		.slice(before)
		.find(({ decision }) => decision.kind === wire.DecisionKind.DECISION_KIND_ORDER_REFUSED);
	return refusal ? refused(refusal.decision.detail) : DONE;
}

function codeFrom(world: World, { book, phone, hour }: LifeMemory, from: "support" | "receipt" | "guess"): string | undefined {
	if (from === "receipt") return book.isPaidOff ? world.lender.releaseCode : undefined;
	// A guess that is well formed: one day more, and a MAC out of the air.
	const guess = "100100000000";
	if (from === "guess") return guess + dammDigit(guess);
	const { requestNumber } = screenView(phone.effects);
	return world.lender.timeCode(book, requestNumber, phone.devicePublicKey, secondsAt(world, hour));
}

function refused(code: string): Outcome {
	return { accepted: false, code };
}

function answerOf({ answer }: Effects): Outcome {
	return answer ? { accepted: answer.accepted, code: answer.code } : DONE;
}
