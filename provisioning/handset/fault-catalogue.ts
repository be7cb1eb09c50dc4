import type { FaultCode, Fixer } from "./fault-codes.ts";

/** What is always true of a fault, whatever the phone said. The words are for a shop clerk with the phone in hand. */
export interface FaultEntry {
	/** What happened and what it means for the phone in hand. */
	readonly meaning: string;
	/** One action first. */
	readonly remedy: string;
	readonly fixer: Fixer;
	/** Doing the same again, after a pause and with nobody touching the phone or nothing but its cable, may end otherwise. */
	readonly retryCanHelp: boolean;
	/** Id of the picture that shows the remedy. */
	readonly picture?: string;
}

/**
 * The words for every fault. Causes and remedies of the Xiaomi and device-owner rows follow the AOSP sources and field
 * reports of the texts in `dpm-faults.ts`, `install-faults.ts` and `setting-faults.ts`.
 */
export const FAULT_CATALOGUE = {
	// The cable and the adb server
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
	// The handset's own state
	HANDSET_BOOTING: {
		meaning: "The phone is still starting up.",
		remedy: "Wait until the lock screen or home screen shows, then start again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	HANDSET_REBOOTED: {
		meaning: "The phone restarted in the middle of the work. Finished steps stay finished.",
		remedy: "Unlock the phone, check that USB debugging is still on, then start again.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "usb-debugging",
	},
	ANDROID_TOO_OLD: {
		meaning: "This phone's Android is too old for the agent. Nothing on the phone was changed.",
		remedy: "Update the phone in Settings > About phone, or sell another model.",
		fixer: "operator",
		retryCanHelp: false,
	},
	BATTERY_LOW: {
		meaning: "The battery is too low to work on safely.",
		remedy: "Charge the phone until the battery is above the limit, then start again.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "charge",
	},
	STORAGE_FULL: {
		meaning: "The phone's storage is full.",
		remedy: "Free some space on the phone, then start again.",
		fixer: "operator",
		retryCanHelp: false,
	},
	BOOTLOADER_UNLOCKED: {
		meaning: "This phone's bootloader is unlocked, so nothing on it can be relied on. Nothing on the phone was changed.",
		remedy: "Do not enrol this phone. Send it back to the supplier or to a technician.",
		fixer: "technician",
		retryCanHelp: false,
		picture: "bootloader-unlocked",
	},
	BOOT_STATE_BAD: {
		meaning: "The phone reports that its system software is not the maker's own. Nothing on the phone was changed.",
		remedy: "Do not enrol this phone. A technician must install the official software first.",
		fixer: "technician",
		retryCanHelp: false,
	},
	PATCH_TOO_OLD: {
		meaning: "The phone's security update is older than the lender accepts. Nothing on the phone was changed.",
		remedy: "Update the phone in Settings > About phone, then start again.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "system-update",
	},
	FINGERPRINT_MISMATCH: {
		meaning: "The phone's software does not fit its model or region. Nothing on the phone was changed.",
		remedy: "Do not enrol this phone. Send it to a technician.",
		fixer: "technician",
		retryCanHelp: false,
	},
	XIAOMI_SECURITY_TOGGLE_OFF: {
		meaning: 'The switch "USB debugging (Security settings)" is off, so the phone refuses management commands.',
		remedy: 'In Developer options, switch on "USB debugging (Security settings)", then unplug and plug in again.',
		fixer: "operator",
		retryCanHelp: false,
		picture: "xiaomi-security-toggle",
	},
	XIAOMI_INSTALL_TOGGLE_OFF: {
		meaning: 'The switch "Install via USB" is off, so the phone refuses to install the agent.',
		remedy: 'In Developer options, switch on "Install via USB", then start again.',
		fixer: "operator",
		retryCanHelp: false,
		picture: "xiaomi-install-toggle",
	},
	FIND_DEVICE_ON: {
		meaning: "Find device is on: after a reset the phone would ask for the account that is signed in now.",
		remedy: "On the phone, switch off Find device and sign out of the Mi account.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "find-device-off",
	},
	MIUI_REFUSED: {
		meaning: "Xiaomi's software refused a change to one of its own parts.",
		remedy: "Sign out of the Mi account on the phone, then start again.",
		fixer: "technician",
		retryCanHelp: false,
		picture: "mi-sign-out",
	},
	// Who this handset is
	IMEI_UNREADABLE: {
		meaning: "The phone's IMEI could not be read, so it can't be tied to a contract yet.",
		remedy: "Dial *#06# on the phone and scan the number shown.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "dial-imei",
	},
	IMEI_INVALID: {
		meaning: "The number that the phone gives is not a real IMEI. Nothing on the phone was changed.",
		remedy: "Do not enrol this phone. Send it to a technician.",
		fixer: "technician",
		retryCanHelp: false,
	},
	IMEI_MISMATCH: {
		meaning: "This is not the phone in the contract: its IMEI is another one. Nothing on the phone was changed.",
		remedy: "Stop. Compare *#06# on the phone with the contract and take the right phone.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "compare-imei",
	},
	IDENTITY_CHANGED: {
		meaning: "A different phone is now plugged in where the first one was. Work stopped at once.",
		remedy: "Stop. Plug the first phone back in, or start anew with this one.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "compare-imei",
	},
	// Installing
	XIAOMI_INSTALL_BLOCKED: {
		meaning: "The phone asked whether to install, and the answer was no or came too late. Nothing was installed.",
		remedy: "Keep the screen on and unlocked, start again, and tap Install on the phone within ten seconds.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "xiaomi-install-dialog",
	},
	XIAOMI_ISOLATION: {
		meaning: "HyperOS does not allow this app to be installed this way. Nothing was installed.",
		remedy: "Send the report to the agent's maker: the package needs changing.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	INSTALL_VERIFICATION: {
		meaning: "The phone's app check rejected the agent. Nothing was installed.",
		remedy: "In Play Store > Play Protect, pause scanning and start again; switch it back on afterwards.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "play-protect",
	},
	INSTALL_DOWNGRADE: {
		meaning: "The phone already has a newer agent. It was left as it is.",
		remedy: "Use the newest agent file on this computer.",
		fixer: "operator",
		retryCanHelp: false,
	},
	INSTALL_WRONG_SIGNER: {
		meaning: "The phone has an app of the same name from somebody else. It was left as it is.",
		remedy: "Stop. Send the phone to a technician: the app there isn't ours.",
		fixer: "technician",
		retryCanHelp: false,
	},
	INSTALL_TEST_ONLY: {
		meaning: "The agent file is a test build, which the phone refuses.",
		remedy: "Use the released agent file.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	INSTALL_NO_SPACE: {
		meaning: "There is not enough room on the phone for the agent. Nothing was installed.",
		remedy: "Free some space on the phone, then start again.",
		fixer: "operator",
		retryCanHelp: false,
	},
	INSTALL_REFUSED: {
		meaning: "The phone refused to install the agent, for a reason not in our list. Nothing was installed.",
		remedy: "Restart the phone and start again; if it stays so, send the report.",
		fixer: "technician",
		retryCanHelp: true,
	},
	APK_UNREADABLE: {
		meaning: "The agent file on this computer is damaged or not an app. The phone was not touched.",
		remedy: "Download the agent file again.",
		fixer: "operator",
		retryCanHelp: false,
	},
	APK_WRONG_PACKAGE: {
		meaning: "The file on this computer is another app than the agent. The phone was not touched.",
		remedy: "Choose the agent file that came with this version.",
		fixer: "operator",
		retryCanHelp: false,
	},
	APK_WRONG_SIGNER: {
		meaning: "The agent file on this computer is not signed by the key that was expected. The phone was not touched.",
		remedy: "Stop. Download the agent again from the official place, and report this.",
		fixer: "lender",
		retryCanHelp: false,
	},
	APK_TEST_ONLY: {
		meaning: "The agent file on this computer is a test build. The phone was not touched.",
		remedy: "Use the released agent file.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	APK_DEBUGGABLE: {
		meaning: "The agent file on this computer can be debugged, so anyone could switch it off. The phone was not touched.",
		remedy: "Use the released agent file.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	// Device owner
	DPM_ACCOUNTS_PRESENT: {
		meaning: "An account is still signed in on the phone, so the agent could not be put in charge.",
		remedy: "In Settings > Accounts, remove every account, wait ten seconds, start again. Do not restart the phone.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "remove-accounts",
	},
	DPM_REFUSED_SILENTLY: {
		meaning: "The phone refused to put the agent in charge and gave no reason; most often an account is left in some user.",
		remedy: "Remove the accounts of every user and of every second space, then start again.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "remove-accounts",
	},
	DPM_USERS_PRESENT: {
		meaning: "The phone has a second user, second space or dual apps, so the agent could not be put in charge.",
		remedy: "In Settings, remove dual apps, second space and other users, then start again.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "remove-users",
	},
	DPM_OWNER_EXISTS: {
		meaning: "Another company's app is already in charge of this phone. It was left as it is.",
		remedy: "Stop. Find out who owns this phone; only they can give it back.",
		fixer: "lender",
		retryCanHelp: false,
	},
	DPM_PROFILE_OWNER: {
		meaning: "The phone has a work app in charge of its main user. It was left as it is.",
		remedy: "In Settings, remove the work profile or work app, or reset the phone.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "remove-work-profile",
	},
	DPM_USER_NOT_RUNNING: {
		meaning: "The phone has not been unlocked since it started.",
		remedy: "Unlock the phone's screen, wait ten seconds, then start again.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "unlock-screen",
	},
	DPM_CALLER: {
		meaning: "The phone says that set-up is over or that the wrong user asked.",
		remedy: "Switch to the phone's main user and start again; otherwise reset the phone.",
		fixer: "technician",
		retryCanHelp: false,
	},
	DPM_OEM_RULE: {
		meaning: "This maker's software has a rule of its own against putting the agent in charge.",
		remedy: "Send the report: this model needs an engineer's look.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	DPM_UNKNOWN_ADMIN: {
		meaning: "The phone does not find the agent's admin part yet.",
		remedy: "Start again: the agent is checked and, if need be, installed anew.",
		fixer: "operator",
		retryCanHelp: true,
	},
	DPM_BAD_ADMIN: {
		meaning: "The agent file is not made as the phone wants an admin app to be.",
		remedy: "Use the released agent file; report this if it was.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	DPM_ADMIN_REMOVING: {
		meaning: "The phone is still taking back an earlier try.",
		remedy: "Wait ten seconds, then start again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	DPM_NOT_ACTIVE: {
		meaning: "The agent is not installed for the phone's main user.",
		remedy: "Start again: the agent is checked and, if need be, installed anew.",
		fixer: "operator",
		retryCanHelp: true,
	},
	DPM_USAGE: {
		meaning: "This program asked the phone in a way it does not understand. Nothing on the phone was changed.",
		remedy: "Update this program; report this if it is the newest.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	DPM_SERVICE_DOWN: {
		meaning: "The phone's management service is not running, most often just after a start.",
		remedy: "Wait half a minute, then start again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	DO_PROTECTED: {
		meaning: "The agent is in charge and protects itself, as it should: it can't be removed this way.",
		remedy: "Release the phone first, with the release command.",
		fixer: "operator",
		retryCanHelp: false,
	},
	// The agent
	AGENT_UNREACHABLE: {
		meaning: "The agent on the phone does not answer.",
		remedy: "Unlock the phone and start again; if it stays so, restart the phone.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "unlock-screen",
	},
	AGENT_REPLY_INVALID: {
		meaning: "The agent on the phone answered with something that is not an answer.",
		remedy: "Start again: the agent is checked and, if need be, installed anew.",
		fixer: "technician",
		retryCanHelp: true,
	},
	AGENT_REQUEST_TOO_LARGE: {
		meaning: "What the lender sends is too long to be given to the agent over the cable. It was given nothing.",
		remedy: "Connect the phone to the internet: there it fetches everything by itself. Then start again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	AGENT_REFUSED: {
		meaning: "The agent refused what was asked and changed nothing.",
		remedy: "Read the reason in the details, or send the report to the lender.",
		fixer: "lender",
		retryCanHelp: false,
	},
	AGENT_BOUND_ELSEWHERE: {
		meaning: "The agent on this phone already serves another contract. It was left as it is.",
		remedy: "Stop. Release the phone from its first contract before giving it a new one.",
		fixer: "lender",
		retryCanHelp: false,
	},
	RECEIPT_INVALID: {
		meaning: "The phone's receipt does not prove that it took this contract.",
		remedy: "Stop. Keep the phone and send the report to the lender.",
		fixer: "lender",
		retryCanHelp: false,
	},
	SEAL_FAILED: {
		meaning: "The phone is enrolled, but USB debugging could not be switched off.",
		remedy: "Switch off USB debugging in Developer options by hand, and let the lender see the next check-in.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "usb-debugging-off",
	},
	// The lender's side
	REGISTRY_UNREACHABLE: {
		meaning: "The lender's computer cannot be reached. The phone is as the last finished step left it.",
		remedy: "Check this computer's internet, then start again; the work goes on where it stopped.",
		fixer: "operator",
		retryCanHelp: true,
	},
	REGISTRY_REFUSED: {
		meaning: "The lender's computer refused the request.",
		remedy: "Read the reason in the details and ask the lender.",
		fixer: "lender",
		retryCanHelp: false,
	},
	REGISTRY_UNTRUSTED: {
		meaning: "The answer did not come from the lender, or was changed on its way. It was not used.",
		remedy: "Stop. Check the lender's address, and report this.",
		fixer: "lender",
		retryCanHelp: false,
	},
	CONTRACT_UNKNOWN: {
		meaning: "The lender has no contract with this number.",
		remedy: "Type or scan the contract number again.",
		fixer: "operator",
		retryCanHelp: false,
	},
	CONTRACT_CLOSED: {
		meaning: "This contract is already closed. Nothing on the phone was changed.",
		remedy: "Check the contract number, or ask the lender for the new contract.",
		fixer: "operator",
		retryCanHelp: false,
	},
	CONTRACT_BOUND_ELSEWHERE: {
		meaning: "This contract already belongs to another phone. Nothing on the phone was changed.",
		remedy: "Check the contract number; for an exchange, ask the lender to release the first phone.",
		fixer: "lender",
		retryCanHelp: false,
	},
	CONTRACT_LEASED_ELSEWHERE: {
		meaning: "Another station is working on this contract. Nothing on the phone was changed.",
		remedy: "Bring the phone to the station that the details name, or wait until that station has let go of the contract.",
		fixer: "operator",
		retryCanHelp: true,
	},
	IMEI_ON_OTHER_CONTRACT: {
		meaning: "This phone already belongs to another contract. Nothing on the phone was changed.",
		remedy: "Stop. Ask the lender which contract is right.",
		fixer: "lender",
		retryCanHelp: false,
	},
	PAYOFF_NOT_PROVEN: {
		meaning: "The lender does not confirm that everything was paid, so the phone was not released.",
		remedy: "Ask the lender to record the last payment, then start again.",
		fixer: "lender",
		retryCanHelp: true,
	},
	// Work without the lender's side
	VOUCHER_MISSING: {
		meaning: "The lender's computer cannot be reached, and no voucher for this phone was fetched while it could.",
		remedy: "Put the phone aside and start it again when the lender's computer can be reached.",
		fixer: "operator",
		retryCanHelp: true,
	},
	VOUCHER_EXPIRED: {
		meaning: "The lender's computer cannot be reached, and this phone's voucher has expired or ends within the hour.",
		remedy: "Put the phone aside and start it again when the lender's computer can be reached.",
		fixer: "operator",
		retryCanHelp: true,
	},
	STATION_CLOCK_WRONG: {
		meaning: "The clock of this computer is wrong: its vouchers were made later than it says. No voucher was used.",
		remedy: "Set the date and time of this computer, then start again.",
		fixer: "technician",
		retryCanHelp: false,
	},
	// Giving the phone back
	RELEASE_INCOMPLETE: {
		meaning: "The release was accepted, but something on the phone is still restricted.",
		remedy: "Leave the phone plugged in and run the release again.",
		fixer: "technician",
		retryCanHelp: true,
	},
	OWNER_REMAINS: {
		meaning: "The release was accepted, but the agent is still in charge of the phone.",
		remedy: "Restart the phone and run the release again.",
		fixer: "technician",
		retryCanHelp: true,
	},
	STILL_FINANCED: {
		meaning: "The lender says that this phone is on a running contract.",
		remedy: "Look the phone up by its IMEI, and end that contract first.",
		fixer: "lender",
		retryCanHelp: false,
	},
	CERTIFICATE_UNPROVEN: {
		meaning: "There is no payoff certificate of the lender that proves this phone to be free.",
		remedy: "Compare the certificate's number with the paper, and run the release to its end.",
		fixer: "technician",
		retryCanHelp: false,
	},
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
		remedy: "Ask who runs the ERP what it refuses, then send the message again from the station's list.",
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
} as const satisfies Record<FaultCode, FaultEntry> as Readonly<Record<FaultCode, FaultEntry>>;
