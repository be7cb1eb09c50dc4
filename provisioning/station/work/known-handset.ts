import type { KnownHandset } from "../../procedure/identity.ts";
import type { RunState } from "../journal/batch-state.ts";

/**
 * The handset that earlier runs of a unit worked on: nothing else may be worked on under its contract. A run that was stopped because
 * another phone had come names the wrong one, and counts for nothing.
 */
export function knownHandset(runs: readonly RunState[]): KnownHandset | undefined {
	const last = runs.findLast(({ serial, imeis, end }) => serial !== undefined && imeis && end?.fault !== "IDENTITY_CHANGED");
	return last?.serial === undefined || last.imeis === undefined ? undefined : { serial: last.serial, imeis: last.imeis };
}
