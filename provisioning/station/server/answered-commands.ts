import { createHash } from "node:crypto";

import type { CommandAnswer, StationCommand } from "../command.ts";
import { ServerRefusal } from "./problem.ts";

const MAX_KEYS = 5_000;

/**
 * Does each command once. The same key again, while it runs or within `keepMs` after, gives the same answer and does nothing:
 * whoever clicks twice, or sends again because the answer was lost, does not act twice. Only a hash of a command is kept.
 *
 * @param nowMs a clock that never goes back.
 */
export function createAnsweredCommands(
	perform: (command: StationCommand) => Promise<CommandAnswer>,
	keepMs: number,
	nowMs: () => number,
): (key: string, command: StationCommand) => Promise<CommandAnswer> {
	const known = new Map<string, { digest: string; atMs: number; answer: Promise<CommandAnswer> }>();
	return (key, command) => {
		const now = nowMs();
		for (const [old, { atMs }] of known) {
			if (atMs + keepMs > now && known.size < MAX_KEYS) break; // a map keeps the order of time
			known.delete(old);
		}
		const digest = createHash("sha256").update(JSON.stringify(command)).digest("base64");
		const earlier = known.get(key);
		if (earlier && earlier.digest !== digest) {
			throw new ServerRefusal(
				"KEY_REUSED",
				"This idempotency key belongs to another command.",
				"Make a new key for each command.",
			);
		}
		if (earlier) return earlier.answer;
		const answer = perform(command);
		answer.catch(() => {}); // told to whoever waits for it
		known.set(key, { digest, atMs: now, answer });
		return answer;
	};
}
