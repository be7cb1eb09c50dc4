import type { Fault } from "../../handset/fault.ts";
import type { FaultCode } from "../../handset/fault-codes.ts";
import type { Verdict } from "../journal/entry.ts";
import type { SlotWord } from "../view.ts";

/** Faults that say nothing about the phone: the cable, the machine, the registry. The phone itself may be fine. */
const NOT_THE_PHONE: ReadonlySet<FaultCode> = new Set<FaultCode>([
	"NO_DEVICE",
	"AMBIGUOUS_DEVICE",
	"HANDSET_BUSY",
	"ADB_SERVER_GONE",
	"ADB_OFFLINE",
	"ADB_NO_PERMISSION",
	"USB_BUSY",
	"USB_ACCESS_DENIED",
	"USB_CONTROLLER_FULL",
	"USB_LOST",
	"LINK_STALLED",
	"TRANSFER_STALLED",
	"REGISTRY_UNREACHABLE",
	"REGISTRY_UNTRUSTED",
	"CONTRACT_LEASED_ELSEWHERE",
	"VOUCHER_MISSING",
	"VOUCHER_EXPIRED",
	"STATION_CLOCK_WRONG",
	"STATION_STOPPED",
	"STATION_DISK_FULL",
	"JOURNAL_WRITE_FAILED",
	"UNCLASSIFIED",
]);

/** The word of a card whose phone was looked at and not begun with: its own trouble, or that of what is around it. */
export function refusedWord({ code }: Fault): Extract<SlotWord, "preflight-fail" | "error"> {
	return verdictOf(code) === "error" ? "error" : "preflight-fail";
}

/** Red or amber: whether a run failed because of its phone (or its contract), or because of what is around it. */
export function verdictOf(code: FaultCode): Extract<Verdict, "fail" | "error" | "cancelled"> {
	if (code === "CANCELLED") return "cancelled";
	return NOT_THE_PHONE.has(code) ? "error" : "fail";
}
