import { wire } from "../../proto/wire.ts";

/** Whether anything is restricted beyond what every financed phone has. */
export function isLocked(standing: wire.Standing): boolean {
	return standing === wire.Standing.STANDING_LOCKED_LIMITED || standing === wire.Standing.STANDING_LOCKED_FULL;
}

/** The level in force at a standing. */
export function levelOf(standing: wire.Standing): wire.RestrictionLevel {
	if (standing === wire.Standing.STANDING_LOCKED_LIMITED) return wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED;
	if (standing === wire.Standing.STANDING_LOCKED_FULL) return wire.RestrictionLevel.RESTRICTION_LEVEL_FULL;
	return wire.RestrictionLevel.RESTRICTION_LEVEL_NONE;
}
