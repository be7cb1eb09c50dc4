import type { FaultCode } from "../fault-codes.ts";
import type { FaultEntry } from "../fault-entry.ts";

/** The words for faults of a warehouse station: its batch, its printer, the ERP and its own machine. */
export const STATION_FAULTS = {
	// The batch on a station
	UNIT_NOT_IN_BATCH: {
		meaning: "This phone is not on the batch's list. Nothing on it was changed.",
		remedy: "Put it aside for review; check that this is the right batch.",
		fixer: "operator",
		retryCanHelp: false,
	},
	UNIT_DONE: {
		meaning: "This phone is done already. Nothing on it was changed.",
		remedy: "Take it out and take the next one.",
		fixer: "operator",
		retryCanHelp: false,
	},
	UNIT_ON_HOLD: {
		meaning: "This phone is on hold. Nothing on it was changed.",
		remedy: "Put it in the hold lane; a supervisor can lift the hold.",
		fixer: "operator",
		retryCanHelp: false,
	},
	UNIT_IN_OTHER_SLOT: {
		meaning: "A phone with the same IMEI is being worked on in another slot. Nothing on this one was changed.",
		remedy: "Put both phones aside: two phones with one IMEI need an engineer.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	SCAN_MISMATCH: {
		meaning: "The phone in the slot is not the one whose box was scanned. Nothing on it was changed.",
		remedy: "Unplug it and plug in the phone from the scanned box, or scan this phone's own box.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "compare-imei",
	},
	SLOT_LOCKED: {
		meaning: "Three wrong phones in a row were plugged into this slot, so it is closed.",
		remedy: "Call a supervisor: a badge and a reason open it again.",
		fixer: "operator",
		retryCanHelp: false,
	},
	BATCH_EXISTS: {
		meaning: "There is a batch of this name on this station already. Nothing was changed.",
		remedy: "Go on with it: holdfast station resume NAME. For new phones choose another name with --batch.",
		fixer: "operator",
		retryCanHelp: false,
	},
	BATCH_UNKNOWN: {
		meaning: "There is no batch of this name on this station.",
		remedy: "Look at those there are with holdfast station list, and name one of them.",
		fixer: "operator",
		retryCanHelp: false,
	},
	// The station's label printer, and the ERP that it tells
	PRINTER_UNREACHABLE: {
		meaning: "The label printer does not answer. The phone itself is done; only its label is missing.",
		remedy: "Check that the printer is on and its network cable is in, then print the label again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	PRINTER_NOT_READY: {
		meaning: "The label printer answers, but it cannot print: no paper, open, paused or jammed. The phone itself is done.",
		remedy: "Do what the printer's display asks, then print again. If two labels of one number come out, destroy one.",
		fixer: "operator",
		retryCanHelp: true,
	},
	WEBHOOK_MISCONFIGURED: {
		meaning:
			"The address or the secret for messages to the ERP cannot be used, so nothing is sent to it. Phones are not affected.",
		remedy: "Correct the ERP's address or its secret file in the station's settings, then start the station again.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	WEBHOOK_UNDELIVERED: {
		meaning: "The ERP did not take a message for three days, so it is no longer sent. The phone and its record are not affected.",
		remedy: "Ask who runs the ERP what it refuses, then press Send again on the station's dashboard.",
		fixer: "engineer",
		retryCanHelp: true,
	},
	// The station's own machine
	STATION_DISK_FULL: {
		meaning: "This computer's disk is full, so work stopped before a step that could not have been recorded.",
		remedy: "Free some disk space on this computer, then start again.",
		fixer: "technician",
		retryCanHelp: false,
	},
	STATION_STOPPED: {
		meaning:
			"The station's program or its power ended while this phone was worked on. The phone is somewhere between two steps; nothing is lost.",
		remedy: "Plug the phone in again; the work goes on where it stopped.",
		fixer: "operator",
		retryCanHelp: true,
	},
	STATION_BUSY: {
		meaning: "Another program on this computer is changing the station's files. Nothing was changed from here.",
		remedy: "Wait a moment, then try again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	JOURNAL_DAMAGED: {
		meaning:
			"The record of this batch was changed or damaged before its last line, so it cannot be trusted. No phone was touched, and the file was left as it is.",
		remedy: "Keep the file, go on in a new batch, and ask a technician to look at the line that is named.",
		fixer: "technician",
		retryCanHelp: false,
	},
	JOURNAL_WRITE_FAILED: {
		meaning: "This computer could not write down what it was about to do, so it did not do it.",
		remedy: "Stop the station, have this computer's disk checked, then start the station again.",
		fixer: "technician",
		retryCanHelp: false,
	},
	JOURNAL_BUSY: {
		meaning: "Another station program is already working on this batch. Nothing was changed from here.",
		remedy: "Go on in the other window, or close it, then start again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	MANIFEST_INVALID: {
		meaning: "The list of phones for this batch has mistakes, so the batch was not opened. No phone was touched.",
		remedy: "Correct the cells that are named, or send the list of mistakes to whoever made the file.",
		fixer: "lender",
		retryCanHelp: false,
	},
	BADGES_UNREADABLE: {
		meaning: "The station's list of badges cannot be read, is damaged, or is open to other users of this computer.",
		remedy: "Ask a technician to put the file right, or to issue the badges again.",
		fixer: "technician",
		retryCanHelp: false,
	},
	BADGE_EXISTS: {
		meaning: "There is a badge of this name or with this code already. Nothing was changed.",
		remedy: "Choose another one, or take the old badge back first.",
		fixer: "technician",
		retryCanHelp: false,
	},
	BADGE_TRIES_SPENT: {
		meaning: "Too many codes that are no badge were tried, so no badge is read for a minute.",
		remedy: "Wait a minute, then scan your badge again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	HUB_MAP_UNREADABLE: {
		meaning: "The file that says which port has which number cannot be read. No phone was touched.",
		remedy: "Bring back the copy of hub.json, or calibrate the ports again.",
		fixer: "technician",
		retryCanHelp: false,
	},
	SLOT_NOT_SHOWN: {
		meaning: "This phone could not show its slot number. Nothing else about it changed.",
		remedy: "Find it by the sticker on the port that its cable goes to.",
		fixer: "operator",
		retryCanHelp: false,
	},
} as const satisfies Partial<Record<FaultCode, FaultEntry>>;
