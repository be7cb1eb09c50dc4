/** The control that takes the cable: with debugging, Android ends adbd and every byte that is still on its way through it. */
const TAKES_THE_CABLE = "debugging";

/**
 * How long an answer has from here to the station, in powered-on time: `content` prints it and ends, adbd sends it, which takes tenths
 * of a second on a slow phone. The station waits many seconds for the drop, and whoever can use debugging now could just before.
 */
export const ANSWER_MS = 1000;

/**
 * The answer to a cable request goes before the cable does. A posture that comes of such a request and newly restricts debugging is
 * applied at once but for that, and in full a second after the request was served. Nothing is decided here, and nothing is forgotten:
 * the decision is stored, every event states it again, and a host that is killed in that second applies it when it starts.
 */
export interface AnswerFirst {
	/** A round of events begins. @param isAsked somebody at the cable waits for what comes of it. */
	begin(isAsked: boolean): void;
	/** What of the wanted restrictions may be applied now. */
	restrictedNow(wanted: readonly string[], nowMs: number): readonly string[];
	/** The round is over, and its answer is on its way. */
	end(nowMs: number): void;
	/** When the rest is to be applied; `undefined` if nothing waits. */
	readonly dueMs: number | undefined;
}

export function createAnswerFirst(): AnswerFirst {
	let isAsked = false;
	/** The posture that was last applied takes the cable: nobody is answered any more. */
	let isTaken = false;
	let dueMs: number | undefined;
	return {
		begin(asked) {
			isAsked = asked;
		},
		restrictedNow(wanted, nowMs) {
			const takes = wanted.includes(TAKES_THE_CABLE);
			// Later requests do not put it off any further.
			if (takes && isAsked && !isTaken) dueMs ??= Number.POSITIVE_INFINITY;
			if (takes && dueMs !== undefined && nowMs < dueMs) return wanted.filter((control) => control !== TAKES_THE_CABLE);
			isTaken = takes;
			dueMs = undefined;
			return wanted;
		},
		end(nowMs) {
			isAsked = false;
			if (dueMs === Number.POSITIVE_INFINITY) dueMs = nowMs + ANSWER_MS;
		},
		get dueMs() {
			return dueMs;
		},
	};
}
