import type { FaultCode } from "../../handset/fault-codes.ts";

/** Faults after which the same phone may come back by itself, or when its plug is pushed in: the work goes on without a click. */
export const COMES_BACK: readonly FaultCode[] = [
	"USB_LOST",
	"HANDSET_REBOOTED",
	"LINK_STALLED",
	"TRANSFER_STALLED",
	"ADB_OFFLINE",
];

/** The one action that a fault's card offers. */
export type FaultAction = "retry" | "pick" | "contract";

/** The browser's list must be opened, with the click that asks for it. */
const PICK: readonly FaultCode[] = ["USB_GRANT_LOST", "NO_DEVICE", "AMBIGUOUS_DEVICE"];

/** Nothing that is done to this phone helps: it, or the contract, is another one's. */
const WRONG: readonly FaultCode[] = [
	"IMEI_MISMATCH",
	"IMEI_ON_OTHER_CONTRACT",
	"AGENT_BOUND_ELSEWHERE",
	"CONTRACT_BOUND_ELSEWHERE",
	"CONTRACT_LEASED_ELSEWHERE",
	"CONTRACT_CLOSED",
	"CONTRACT_UNKNOWN",
];

export function actionFor(code: FaultCode): FaultAction {
	if (PICK.includes(code)) return "pick";
	return WRONG.includes(code) ? "contract" : "retry";
}

/** The phone or the contract is the wrong one: said in red, whatever else is on the card. */
export function isStop(code: FaultCode): boolean {
	return code === "IDENTITY_CHANGED" || WRONG.includes(code);
}
