import type { FaultCode } from "../handset/fault-codes.ts";

/** What the adb server says with FAIL (transport.cpp `acquire_one_transport`, adb.cpp), and what it means. */
const REFUSALS: readonly (readonly [RegExp, FaultCode])[] = [
	[/device unauthorized|device still authorizing/, "ADB_UNAUTHORIZED"],
	[/device offline|device still connecting/, "ADB_OFFLINE"],
	[/insufficient permissions|no permissions/, "ADB_NO_PERMISSION"],
	[/more than one (?:device|emulator)/, "AMBIGUOUS_DEVICE"],
	[/not found|no devices?\b|no such device|unknown device/, "NO_DEVICE"],
];

/** Code of a refusal; `undefined` for one of the phone's own, such as `closed`. */
export function classifyServerRefusal(text: string): FaultCode | undefined {
	return REFUSALS.find(([pattern]) => pattern.test(text))?.[1];
}
