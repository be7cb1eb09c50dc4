import { type FaultError, faultError } from "../fault.ts";

/** The one refusal of the APK reader. `reason` says which rule of the format the file broke; nothing of the file is echoed. */
export function unreadable(reason: string, cause?: unknown): FaultError {
	return faultError("APK_UNREADABLE", { details: { reason } }, cause === undefined ? undefined : { cause });
}
