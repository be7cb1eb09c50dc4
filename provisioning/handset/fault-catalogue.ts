import { CABLE_FAULTS } from "./fault-catalogue/cable.ts";
import { OWNER_FAULTS } from "./fault-catalogue/device-owner.ts";
import { LENDER_FAULTS } from "./fault-catalogue/lender.ts";
import { PHONE_FAULTS } from "./fault-catalogue/phone.ts";
import { STATION_FAULTS } from "./fault-catalogue/station.ts";
import type { FaultCode } from "./fault-codes.ts";
import type { FaultEntry } from "./fault-entry.ts";

/** The words for every fault. A code without an entry does not compile. */
export const FAULT_CATALOGUE: Readonly<Record<FaultCode, FaultEntry>> = {
	...CABLE_FAULTS,
	...PHONE_FAULTS,
	...OWNER_FAULTS,
	...LENDER_FAULTS,
	...STATION_FAULTS,
	CANCELLED: {
		meaning: "The work was stopped on request, after a finished step.",
		remedy: "Start again when you are ready; the work goes on where it stopped.",
		fixer: "operator",
		retryCanHelp: true,
	},
	UNCLASSIFIED: {
		meaning: "Something happened that is not in our list. Finished steps stay finished.",
		remedy: "Start again; if it stays so, send the report.",
		fixer: "engineer",
		retryCanHelp: true,
	},
};
