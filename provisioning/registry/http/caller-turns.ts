import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { type Refusal, refusal } from "../refusal.ts";

/** Fewer than the pool has connections, so that check-ins and other callers find one: `database/database.ts`. */
const AT_ONCE = 8;
/** Enough for a station with all its phones; what waits is a header that was read and nothing else. */
const MOST_WAITING = 256;
/** Whoever hangs up keeps the turn until the work on it has ended, or for so long: no statement takes longer. Milliseconds. */
const LONGEST_WORK_MS = 20_000;

interface Turns {
	underWay: number;
	readonly waiting: Set<() => void>;
}

/** Of one request. */
interface Turn {
	/** Gives it back; more than once is harmless. */
	end(): void;
	/** The work is done, and what is left is to send the answer. */
	isWorkedOut: boolean;
	timer?: NodeJS.Timeout;
}

/** Takes a turn for a caller. Waits for one where too many of its requests are under way. @throws {Refusal} RATE_LIMITED. */
export type TakeTurn = (request: FastifyRequest, reply: FastifyReply, actor: string) => Promise<void>;

/**
 * Bounds how many requests of one caller are worked on at the same time: some are cheap to ask and costly to answer, and a rate alone
 * does not hold those.
 */
export function giveTurns(app: FastifyInstance): TakeTurn {
	const byActor = new Map<string, Turns>();
	const turnOf = new WeakMap<FastifyRequest, Turn>();
	app.addHook("onSend", async (request) => {
		const turn = turnOf.get(request);
		if (turn?.timer) turn.end();
		else if (turn) turn.isWorkedOut = true;
	});
	const closed = (request: FastifyRequest) => {
		const turn = turnOf.get(request);
		// Hung up in the middle: asking and not waiting for the answer costs as much as waiting.
		if (turn && !turn.isWorkedOut) turn.timer = setTimeout(() => turn.end(), LONGEST_WORK_MS).unref();
		else turn?.end();
	};

	function begin(request: FastifyRequest, actor: string, turns: Turns): void {
		turns.underWay += 1;
		const turn: Turn = {
			isWorkedOut: false,
			end() {
				if (!turnOf.delete(request)) return;
				clearTimeout(turn.timer);
				turns.underWay -= 1;
				const [next] = turns.waiting;
				if (next) next();
				else if (turns.underWay === 0) byActor.delete(actor);
			},
		};
		turnOf.set(request, turn);
	}

	return async (request, reply, actor) => {
		if (reply.raw.destroyed) throw tooManyAtOnce(); // hung up before this, so that nothing would give the turn back
		const turns = byActor.get(actor) ?? { underWay: 0, waiting: new Set() };
		byActor.set(actor, turns);
		if (turns.waiting.size >= MOST_WAITING) throw tooManyAtOnce();
		reply.raw.once("close", () => closed(request)); // not onResponse: that is not called for whoever hung up
		if (turns.underWay < AT_ONCE) return begin(request, actor, turns);
		await new Promise<void>((resolve, reject) => {
			const next = () => {
				turns.waiting.delete(next);
				begin(request, actor, turns);
				resolve();
			};
			turns.waiting.add(next);
			// Hung up: nobody hears the refusal, and it is no mistake of ours.
			const end = () => void (turns.waiting.delete(next) && reject(tooManyAtOnce()));
			turnOf.set(request, { isWorkedOut: true, end });
		});
	};
}

function tooManyAtOnce(): Refusal {
	return refusal(
		"RATE_LIMITED",
		`${AT_ONCE} requests of this caller are under way, and ${MOST_WAITING} more may wait.`,
		"Wait as long as Retry-After says, then ask with fewer at once.",
		{ retryAfterSeconds: "1" },
	);
}
