import type { FaultCode } from "../fault-codes.ts";
import type { FaultEntry } from "../fault-entry.ts";

/** The words for faults of the cable and the adb server. */
export const CABLE_FAULTS = {
	NO_DEVICE: {
		meaning: "No phone is connected, or the computer does not see it.",
		remedy: "Plug the phone in with a data cable and switch on USB debugging on it.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "plug-in",
	},
	AMBIGUOUS_DEVICE: {
		meaning: "Several phones fit, so none was touched.",
		remedy: "Name the phone with -s SERIAL, or leave only one plugged in.",
		fixer: "operator",
		retryCanHelp: false,
	},
	HANDSET_BUSY: {
		meaning: "Another window or program is already working on this phone. Nothing was changed from here.",
		remedy: "Wait until the other one has finished, or close it, then start again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	ADB_SERVER_GONE: {
		meaning:
			"The adb program that talks to the phones is not running or has ended. The phones are as they were at the last step.",
		remedy: "Start again; if it stays so, install adb (Android platform-tools) on this computer.",
		fixer: "operator",
		retryCanHelp: true,
	},
	ADB_UNAUTHORIZED: {
		meaning: "The phone does not trust this computer yet.",
		remedy: 'On the phone, tick "Always allow" and tap Allow. No question there? Switch USB debugging off and on.',
		fixer: "operator",
		retryCanHelp: true,
		picture: "allow-usb-debugging",
	},
	ADB_AUTH_TIMEOUT: {
		meaning: "Nobody tapped Allow on the phone in time. Nothing on the phone was changed.",
		remedy: "Unplug, plug in again, and tap Allow within four minutes.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "allow-usb-debugging",
	},
	ADB_OFFLINE: {
		meaning: "The computer sees the phone, but the phone does not answer.",
		remedy: "Unplug the cable, wait five seconds, plug it in again.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "replug",
	},
	ADB_NO_PERMISSION: {
		meaning: "This computer does not let you use the phone's USB port.",
		remedy: "Install the udev rule from the set-up page, then plug the phone in again.",
		fixer: "technician",
		retryCanHelp: false,
		picture: "udev-rule",
	},
	ADB_FOYER: {
		meaning: "The phone is still in its first set-up, where it refuses almost every command.",
		remedy: "Finish the set-up on the phone up to the home screen, then start again.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "finish-setup",
	},
	USB_BUSY: {
		meaning: "Another program on this computer holds the phone's USB connection.",
		remedy: "Close other tabs and phone programs, and stop the adb server; then try again.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "usb-busy",
	},
	USB_ACCESS_DENIED: {
		meaning: "This computer refused access to the phone's USB connection.",
		remedy: "Linux: install the udev rule. Windows: install the WinUSB driver. Then plug in again.",
		fixer: "technician",
		retryCanHelp: false,
		picture: "usb-access",
	},
	USB_LOST: {
		meaning: "The connection to the phone ended in the middle. Finished steps stay finished.",
		remedy: "Plug the phone in again; the work goes on where it stopped. Change the cable if it happens twice.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "replug",
	},
	USB_GRANT_LOST: {
		meaning: "The browser has forgotten this phone.",
		remedy: "Press Connect and choose the phone in the list again.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "pick-phone",
	},
	USB_SLOW: {
		meaning: "The cable or port carries data too slowly; it would work, but badly.",
		remedy: "Use another cable, straight into the computer, without a hub.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "good-cable",
	},
	USB_CONTROLLER_FULL: {
		meaning: "This computer's USB controller has no room for another phone.",
		remedy: "Unplug one phone, or move this one to a port on another USB card.",
		fixer: "technician",
		retryCanHelp: false,
		picture: "usb-controller",
	},
	LINK_STALLED: {
		meaning: "The phone stopped answering. Finished steps stay finished.",
		remedy: "Wake the phone's screen, then unplug and plug in again. Restart the phone if it happens twice.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "replug",
	},
	TRANSFER_STALLED: {
		meaning: "Copying to the phone stopped moving. The copy is not complete.",
		remedy: "Use another cable, straight into the computer, then start again.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "good-cable",
	},
	PUSH_REFUSED: {
		meaning: "The phone refused to store a file.",
		remedy: "Free some space on the phone and restart it, then start again.",
		fixer: "technician",
		retryCanHelp: false,
	},
} as const satisfies Partial<Record<FaultCode, FaultEntry>>;
