import { wire } from "../../proto/wire.ts";
import { EPOCH } from "../agent/test-lender.ts";
import { type Broken, replay } from "./search.ts";
import type { Phone } from "./walk.ts";
import type { World } from "./world.ts";

const DAY_MS = 24 * 3600 * 1000;

/** The shortest way to a broken promise in plain words, one line for each event. */
export function tell(world: World, { moves, invariant, says, how }: Broken): string[] {
	const lines: string[] = [];
	replay(world, moves, (move, before, after) => {
		lines.push(`${when(before)}: ${move.says}${became(before, after)}`);
	});
	return [...lines, `${invariant} is broken: ${says} -- ${how}.`];
}

function when({ truth }: Phone): string {
	const ms = truth.realMs - EPOCH * 1000;
	const day = Math.floor(ms / DAY_MS);
	const rest = new Date(ms % DAY_MS).toISOString().slice(11, ms % 1000 ? 23 : 19);
	return `day ${day}, ${rest}`;
}

function became({ ledger: before }: Phone, { ledger: after }: Phone): string {
	const standing = wire.Standing[after.lock.standing]?.replace("STANDING_", "").replace("_", " ");
	const causes = after.lock.causes.map(({ cause }) => wire.LockCause[cause]?.replace("LOCK_CAUSE_", "").toLowerCase());
	const moved = before.lock.standing !== after.lock.standing || before.lock.causes.length !== after.lock.causes.length;
	return moved ? ` -> ${standing}${causes.length > 0 ? ` (${causes.join(", ")})` : ""}` : "";
}
