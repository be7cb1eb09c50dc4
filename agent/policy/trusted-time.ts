import type { TimeRecord } from "./ledger.ts";

/** A moment as the host gives it: which boot, and milliseconds since that boot with sleep counted. */
export interface PoweredOnInstant {
	readonly bootCount: number;
	readonly elapsedMs: number;
}

/** Longest believable time since a boot: 20 years. More is a broken host, not time. */
const MAX_ELAPSED_MS = 20 * 365 * 24 * 3600 * 1000;
/** Keeps sums of believable times exact in a number, whatever a broken host says how often. */
const MAX_POWERED_ON_MS = Number.MAX_SAFE_INTEGER / 8;

/** Whether a host's moment can be true at all. */
export function isBelievable(now: PoweredOnInstant): boolean {
	return now.elapsedMs >= 0 && now.elapsedMs <= MAX_ELAPSED_MS && now.bootCount >= 0 && now.bootCount <= 2 ** 32;
}

/** What became of the time record, and whether a boot lies between. */
export interface Advanced {
	readonly time: TimeRecord;
	/** Milliseconds of the present boot from which powered-on time was not yet counted; `undefined` within a boot. */
	readonly newSessionFromMs: number | undefined;
}

/**
 * Moves powered-on time forward to a moment. Time switched off is not counted: nobody is punished for a flat battery.
 * A boot that is later than the last one was powered on for all of its milliseconds. When time runs backward within
 * a boot, or the boot count does, a new session begins here and nothing is counted for what cannot be known.
 */
export function advance(time: TimeRecord, now: PoweredOnInstant): Advanced {
	const sameBoot = now.bootCount === time.bootCount;
	const forward = sameBoot && now.elapsedMs >= time.elapsedMs;
	const laterBoot = now.bootCount > time.bootCount;
	const passedMs = forward ? now.elapsedMs - time.elapsedMs : laterBoot ? now.elapsedMs : 0;
	return {
		time: {
			...time,
			bootCount: now.bootCount,
			elapsedMs: now.elapsedMs,
			poweredOnMs: Math.min(time.poweredOnMs + passedMs, MAX_POWERED_ON_MS),
		},
		newSessionFromMs: forward ? undefined : laterBoot ? 0 : now.elapsedMs,
	};
}

/** Takes a time that somebody entitled signed. Earlier than what is known already: nothing changes. */
export function learnSignedTime(time: TimeRecord, unixSeconds: number): TimeRecord {
	if (unixSeconds * 1000 <= trustedNowMs(time)) return time;
	return { ...time, signedUnixSeconds: unixSeconds, signedAtPoweredOnMs: time.poweredOnMs };
}

/** Whether anybody entitled has ever signed a time. */
export function isTimeKnown(time: TimeRecord): boolean {
	return time.signedUnixSeconds > 0;
}

/**
 * The least that the time can be, seconds since 1970-01-01T00:00:00Z: the highest signed time plus the powered-on time
 * since it was learnt. The wall clock is not in it, so setting the wall clock changes nothing. 0 = not known.
 */
export function trustedNow(time: TimeRecord): number {
	return Math.floor(trustedNowMs(time) / 1000);
}

/** Powered-on milliseconds at which trusted time reaches a time, if nobody signs a later one before. */
export function poweredOnAt(time: TimeRecord, unixSeconds: number): number {
	return time.poweredOnMs + Math.max(0, unixSeconds * 1000 - trustedNowMs(time));
}

function trustedNowMs(time: TimeRecord): number {
	if (!isTimeKnown(time)) return 0;
	return time.signedUnixSeconds * 1000 + (time.poweredOnMs - time.signedAtPoweredOnMs);
}
