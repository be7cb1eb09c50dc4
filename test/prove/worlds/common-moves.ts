import { wire } from "../../../proto/wire.ts";
import type { SymbolicSigner } from "../symbolic-crypto.ts";
import { type Fact, ORIGIN_MS } from "../truth.ts";
import type { Phone } from "../walk.ts";
import type { Move, World } from "../world.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const TICK = 5 * MINUTE;

const { NOTICE_CHANNEL_SCREEN: SCREEN, NOTICE_CHANNEL_NOTIFICATION: NOTIFICATION, NOTICE_CHANNEL_SMS: SMS } = wire.NoticeChannel;

/** Whether the phone stands a millisecond before a line of the world's grid of times. */
const isBeforeLine = ({ truth }: Phone) => truth.onMs % SECOND !== 0;
const isOnLine = (phone: Phone) => !isBeforeLine(phone);

const passes = (ms: number, says: string, can: (phone: Phone) => boolean): Move => ({
	says: `${says} pass`,
	by: "time",
	wayOut: true,
	wayOutAlone: true,
	can,
	make: (walk) => walk.pass(ms),
});

/**
 * Time by a grid: whole steps, and the last millisecond before a step, because promises are kept or broken at their edges. From
 * `untilDay` on, when all that was agreed lies behind, and once the phone is free, only leaps.
 */
export function time(step: number, says: string, leaps: readonly (readonly [number, string])[], untilDay: number): Move[] {
	const isNear = ({ truth }: Phone) => truth.onMs < ORIGIN_MS + untilDay * DAY;
	const mayStep = (phone: Phone) => isOnLine(phone) && isNear(phone) && !phone.truth.released;
	return [
		passes(step, says, mayStep),
		{ says: `${says} pass, but for a millisecond`, by: "time", can: mayStep, make: (walk) => walk.pass(step - 1) },
		passes(1, "the millisecond", isBeforeLine),
		...leaps.map(([ms, text]) => passes(ms, text, isOnLine)),
	];
}

/**
 * Things that begin a count of time happen on the lines of the grid: otherwise each count would be off by a millisecond of its
 * own. What ends one, such as a payment, happens in the last millisecond as well.
 */
export function onLines(...moves: readonly Move[]): Move[] {
	return moves.map((move) => ({ ...move, can: (phone) => isOnLine(phone) && (move.can?.(phone) ?? true) }));
}

/** Time in whole steps only, for worlds whose clock restarts with each boot: half ticks, so that a boot falls into one. */
export function steps(ms: number, says: string, jumps: readonly (readonly [number, string])[] = []): Move[] {
	return [[ms, says] as const, ...jumps].map(([length, text]) => passes(length, text, () => true));
}

export const look: Move = {
	says: "a person looks at the notices",
	by: "borrower",
	wayOut: true,
	make: (walk) => walk.look([NOTIFICATION, SCREEN]),
};
export const glance: Move = {
	says: "a notification arrives, nobody looks at the screen",
	by: "borrower",
	make: (walk) => walk.look([NOTIFICATION]),
};
export const textMessage: Move = {
	says: "a text message arrives, nobody looks at the screen",
	by: "borrower",
	make: (walk) => walk.look([SMS]),
};
export const callBegins: Move = {
	says: "an emergency call begins",
	by: "borrower",
	can: ({ truth }) => !truth.call,
	make: (walk) => walk.send({ event: "emergencyCall", emergencyCall: { active: true } }, { kind: "call", active: true }),
};
export const callEnds: Move = {
	says: "the emergency call ends",
	by: "borrower",
	can: ({ truth }) => truth.call,
	make: (walk) => walk.send({ event: "emergencyCall", emergencyCall: { active: false } }, { kind: "call", active: false }),
};
export const pass: Move = {
	says: "the borrower takes an emergency pass",
	by: "borrower",
	wayOut: true,
	wayOutAlone: true,
	make: (walk) => walk.send({ event: "passTaken", passTaken: {} }, { kind: "pass" }),
};
export const dispute: Move = {
	says: "the borrower disputes",
	by: "borrower",
	make: (walk) => walk.send({ event: "disputeOpened", disputeOpened: {} }, { kind: "dispute" }),
};
export const reboot: Move = { says: "the phone is rebooted", by: "borrower", make: (walk) => walk.boot() };

/** A move, and a person who reads at once what it put on the screen. */
export function andIsRead(move: Move): Move {
	return {
		...move,
		says: `${move.says} and is read`,
		make: (walk) => {
			move.make(walk);
			look.make(walk);
		},
	};
}

type OrderFact = Extract<Fact, { kind: "order" }>;

/** An order and the truth about it. `fact` is what an honest one would be, unless it says otherwise. */
export function orderMove(
	world: Pick<World, "lender">,
	says: string,
	by: Move["by"],
	order: Partial<wire.Order.$Properties>,
	signer: readonly SymbolicSigner[],
	fact: Partial<OrderFact> & Pick<OrderFact, "action">,
	{ wayOut }: { wayOut?: true } = {},
): Move {
	const envelope = world.lender.order(order, signer);
	const truth: OrderFact = {
		kind: "order",
		by: "command",
		ring: 1,
		toUs: true,
		epoch: order.epoch ?? 1,
		sequence: order.sequence ?? 0,
		reason: order.reason ?? wire.ReasonCode.REASON_CODE_OVERDUE,
		paidUntilUnixSeconds: order.extend?.paidUntilUnixSeconds ?? 0,
		...fact,
	};
	return { says, by, ...(wayOut ? { wayOut } : {}), make: (walk) => walk.orders(envelope, truth) };
}

/** The borrower pays: an Extend in its turn, once. What becomes of it a second time is the matter of the worlds of orders. */
export function paymentMove(
	{ lender }: Pick<World, "lender">,
	sequence: number,
	paidUntilUnixSeconds: number,
	until: string,
): Move {
	return {
		...orderMove(
			{ lender },
			`the borrower pays, and Extend ${sequence} arrives: ${until}`,
			"borrower",
			{ sequence, extend: { paidUntilUnixSeconds } },
			lender.keys.command,
			{ action: "extend" },
			{ wayOut: true },
		),
		can: ({ ledger }) => (ledger.contract?.lastSequence ?? 0) < sequence,
	};
}

/** A lock warning of the lender's own, or of whoever holds its command key. */
export function lockWarning({ lender }: Pick<World, "lender">, by: Move["by"], sequence: number): Move {
	return orderMove(
		{ lender },
		`lock warning ${sequence} arrives`,
		by,
		{
			sequence,
			notice: {
				noticeId: `w${sequence}`,
				kind: wire.NoticeKind.NOTICE_KIND_LOCK_WARNING,
				texts: [{ language: "es", text: "x" }],
			},
		},
		lender.keys.command,
		{ action: "notice" },
	);
}
