import type { ShiftCheck } from "../journal/entry.ts";
import type { BatchLog } from "./batch-log.ts";

/** How long a badge counts while nobody does anything, in milliseconds. */
export const SIGN_OUT_MS = 30 * 60 * 1000;

/** Who is at the station, and whether it was fit for work when the shift began. */
export interface Shift {
	readonly operator: string | undefined;
	readonly startedAtMs: number;
	readonly checks: readonly ShiftCheck[];
	/** Checks that failed and that no supervisor has waved through. */
	readonly blocking: readonly ShiftCheck[];
	begin(operator: string): Promise<void>;
	/** Looks again at what failed. */
	checkAgain(): Promise<void>;
	/** A supervisor lets work begin all the same. */
	waive(): void;
	end(why: "signed out" | "timed out" | "batch closed"): Promise<void>;
	/** Somebody did something. */
	touch(): void;
	/** Signs out whoever left. */
	tick(): Promise<void>;
}

export interface ShiftOptions {
	readonly log: BatchLog;
	readonly runChecks: () => Promise<readonly ShiftCheck[]>;
	readonly nowMs: () => number;
	/** Phones are being worked on: nobody is signed out under way. */
	readonly isBusy: () => boolean;
	readonly changed: () => void;
}

export function createShift({ log, runChecks, nowMs, isBusy, changed }: ShiftOptions): Shift {
	let operator: string | undefined;
	let startedAtMs = 0;
	let touchedAtMs = 0;
	let checks: readonly ShiftCheck[] = [];
	let waived = false;
	const end = async (why: "signed out" | "timed out" | "batch closed") => {
		if (operator === undefined) return;
		const who = operator;
		operator = undefined;
		changed();
		await log.tell({ type: "shift-ended", operator: who, why });
	};
	return {
		get operator() {
			return operator;
		},
		get startedAtMs() {
			return startedAtMs;
		},
		get checks() {
			return checks;
		},
		get blocking() {
			return waived ? [] : checks.filter(({ ok }) => !ok);
		},
		async begin(name) {
			await end("signed out");
			checks = await runChecks();
			waived = false;
			startedAtMs = nowMs();
			touchedAtMs = startedAtMs;
			await log.intend({ type: "shift-started", operator: name, checks });
			operator = name;
			changed();
		},
		async checkAgain() {
			checks = await runChecks();
			changed();
		},
		waive() {
			waived = true;
			changed();
		},
		end,
		touch() {
			touchedAtMs = nowMs();
		},
		async tick() {
			if (isBusy()) touchedAtMs = nowMs();
			if (operator !== undefined && nowMs() - touchedAtMs > SIGN_OUT_MS) await end("timed out");
		},
	};
}
