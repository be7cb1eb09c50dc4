import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";

import { fileClock } from "../../provisioning/registry/clock-file.ts";

/** Virtual time for everything in a lab, kept in a file that the registry and other processes read and may rewrite. */
export interface LabClock {
	readonly path: string;
	/** Unix milliseconds of virtual time. */
	nowMs(): number;
	/** Lets virtual time jump ahead. */
	advance(ms: number): void;
	/** From now on a real second lasts this many virtual ones. */
	setRate(rate: number): void;
	/** Calls once when virtual time has reached `atMs`, noticing jumps within a twentieth of a second. */
	callAt(atMs: number, call: () => void): { cancel(): void };
	close(): void;
}

const TICK_MS = 50;

/** Opens the clock file, or makes one that runs as real time does. */
export function labClock(path: string): LabClock {
	if (!statSync(path, { throwIfNoEntry: false })) writeClock(path, Date.now(), 1);
	const clock = fileClock(path);
	const alarms = new Set<{ atMs: number; call: () => void }>();
	const fireDue = () => {
		if (alarms.size === 0) return;
		const now = clock.nowMs();
		for (const alarm of [...alarms]) {
			if (alarm.atMs > now) continue;
			alarms.delete(alarm);
			alarm.call();
		}
	};
	const timer = setInterval(fireDue, TICK_MS);
	timer.unref();
	return {
		path,
		nowMs: () => clock.nowMs(),
		advance(ms) {
			writeClock(path, clock.nowMs() + ms, rateOf(path)); // a jump does not change the pace
			fireDue();
		},
		setRate: (next) => writeClock(path, clock.nowMs(), next),
		callAt(atMs, call) {
			const alarm = { atMs, call };
			alarms.add(alarm);
			return { cancel: () => void alarms.delete(alarm) };
		},
		close: () => clearInterval(timer),
	};
}

/** Atomic, so that no reader sees half of it. */
function writeClock(path: string, anchorVirtualMs: number, rate: number): void {
	writeFileSync(`${path}.part`, `${JSON.stringify({ anchorRealMs: Date.now(), anchorVirtualMs, rate })}\n`);
	renameSync(`${path}.part`, path);
}

function rateOf(path: string): number {
	const setting: unknown = JSON.parse(readFileSync(path, "utf8"));
	const rate: unknown = typeof setting === "object" && setting !== null ? Reflect.get(setting, "rate") : undefined;
	return typeof rate === "number" ? rate : 1;
}
