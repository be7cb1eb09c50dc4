import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";

/** A line through real time: virtual = anchorVirtualMs + (real - anchorRealMs) * rate. All in Unix milliseconds. */
export interface ClockSetting {
	readonly anchorRealMs: number;
	readonly anchorVirtualMs: number;
	readonly rate: number;
}

/** Virtual time for everything in a lab, kept in a file that other processes read and may rewrite. */
export interface LabClock {
	readonly path: string;
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
	let setting: ClockSetting = { anchorRealMs: Date.now(), anchorVirtualMs: Date.now(), rate: 1 };
	let mtimeMs = -1;
	const alarms = new Set<{ atMs: number; call: () => void }>();
	const write = (next: ClockSetting) => {
		writeFileSync(`${path}.part`, `${JSON.stringify(next)}\n`);
		renameSync(`${path}.part`, path);
		setting = next;
		mtimeMs = -1;
	};
	const refresh = () => {
		const found = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
		if (found === undefined || found === mtimeMs) return;
		mtimeMs = found;
		setting = readSetting(readFileSync(path, "utf8"), path);
	};
	const nowMs = () => {
		refresh();
		return Math.floor(setting.anchorVirtualMs + (Date.now() - setting.anchorRealMs) * setting.rate);
	};
	const fireDue = () => {
		if (alarms.size === 0) return;
		const now = nowMs();
		for (const alarm of [...alarms]) {
			if (alarm.atMs > now) continue;
			alarms.delete(alarm);
			alarm.call();
		}
	};
	if (statSync(path, { throwIfNoEntry: false })) refresh();
	else write(setting);
	const timer = setInterval(fireDue, TICK_MS);
	timer.unref();
	return {
		path,
		nowMs,
		advance(ms) {
			write({ anchorRealMs: Date.now(), anchorVirtualMs: nowMs() + ms, rate: setting.rate });
			fireDue();
		},
		setRate(rate) {
			write({ anchorRealMs: Date.now(), anchorVirtualMs: nowMs(), rate });
		},
		callAt(atMs, call) {
			const alarm = { atMs, call };
			alarms.add(alarm);
			return { cancel: () => void alarms.delete(alarm) };
		},
		close: () => clearInterval(timer),
	};
}

function readSetting(text: string, path: string): ClockSetting {
	const setting: unknown = JSON.parse(text);
	if (
		typeof setting === "object" &&
		setting !== null &&
		"anchorRealMs" in setting &&
		"anchorVirtualMs" in setting &&
		"rate" in setting &&
		typeof setting.anchorRealMs === "number" &&
		typeof setting.anchorVirtualMs === "number" &&
		typeof setting.rate === "number"
	) {
		return { anchorRealMs: setting.anchorRealMs, anchorVirtualMs: setting.anchorVirtualMs, rate: setting.rate };
	}
	throw new Error(`${path} is not a clock file`);
}
