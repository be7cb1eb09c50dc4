import type { CommandAnswer, StationCommand } from "../../station/command.ts";

/** How long after its answer the same command counts as the same click, milliseconds. */
const SAME_CLICK_MS = 1_000;
const ATTEMPTS = 3;

/** Sends one request; rejects if no answer came. */
export type Send = (key: string, body: string) => Promise<{ status: number; json: () => Promise<unknown> }>;

export interface Surroundings {
	readonly send: Send;
	readonly newKey: () => string;
	/** A clock that never goes back, milliseconds. */
	readonly nowMs: () => number;
	readonly pause: (milliseconds: number) => Promise<void>;
}

/** Nothing came back: the command may or may not have been done. */
export const UNREACHABLE = "STATION_UNREACHABLE";

/**
 * Sends commands to the station. The same command while it is under way, or right after, is the same click: it is not sent again.
 * A command whose answer was lost is sent again with the same key, so that it still happens once.
 */
export function createCommander({
	send,
	newKey,
	nowMs,
	pause,
}: Surroundings): (command: StationCommand) => Promise<CommandAnswer> {
	const recent = new Map<string, { answer: Promise<CommandAnswer>; endedAtMs: number }>();
	return (command) => {
		const body = JSON.stringify(command);
		for (const [old, { endedAtMs }] of recent) if (endedAtMs + SAME_CLICK_MS <= nowMs()) recent.delete(old);
		const earlier = recent.get(body);
		if (earlier) return earlier.answer;
		const entry = { answer: sendAgain(send, newKey(), body, pause), endedAtMs: Number.POSITIVE_INFINITY };
		recent.set(body, entry);
		void entry.answer.then(() => {
			entry.endedAtMs = nowMs();
		});
		return entry.answer;
	};
}

async function sendAgain(send: Send, key: string, body: string, pause: Surroundings["pause"]): Promise<CommandAnswer> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			const answer = await send(key, body);
			const json = await answer.json();
			if (answer.status === 200) return json as CommandAnswer; // what our own server sends
			const problem = json as { code?: string; detail?: string; next?: string }; // RFC 9457, from the same
			return { ok: false, code: problem.code ?? String(answer.status), text: problem.detail ?? "", remedy: problem.next ?? "" };
		} catch {
			if (attempt === ATTEMPTS) return { ok: false, code: UNREACHABLE, text: "", remedy: "" };
			await pause(500 * attempt);
		}
	}
}
