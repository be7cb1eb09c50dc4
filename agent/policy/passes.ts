import type { LockRecord } from "./ledger.ts";
import type { Situation } from "./situation.ts";
import type { Agreement } from "./terms.ts";
import { trustedNow } from "./trusted-time.ts";

const YEAR = 365 * 24 * 3600;

/** Passes in 365 days: the terms', never fewer than the profile's (F13). */
function passesPerYear({ terms, profile }: Agreement): number {
	return Math.max(terms.passes.perYear, profile.passes.minPerYear);
}

/** How long a pass lasts, within the profile's bounds (F13). */
export function passSeconds({ terms, profile }: Agreement): number {
	const { minDurationSeconds, maxDurationSeconds } = profile.passes;
	return Math.min(Math.max(terms.passes.durationSeconds, minDurationSeconds), maxDurationSeconds);
}

/** Passes left in the last 365 days of trusted time. */
export function passesLeft(situation: Situation): number {
	return Math.max(0, passesPerYear(situation) - recent(situation).length);
}

function recent({ ledger }: Situation): number[] {
	const now = trustedNow(ledger.time);
	return ledger.lock.passesTakenAtUnixSeconds.filter((takenAt) => takenAt + YEAR > now);
}

/** Whether a pass is in use: then nothing is locked. */
export function isPassInUse({ ledger }: Situation): boolean {
	return ledger.time.poweredOnMs < ledger.lock.passUntilPoweredOnMs;
}

/** Takes a pass. Counted before it is used, so that a power cut cannot give it back. */
export function takePass(situation: Situation): LockRecord {
	const { ledger } = situation;
	return {
		...ledger.lock,
		passesTakenAtUnixSeconds: [...recent(situation), trustedNow(ledger.time)],
		passUntilPoweredOnMs: ledger.time.poweredOnMs + passSeconds(situation) * 1000,
	};
}
