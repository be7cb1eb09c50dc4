import type { FaultCode } from "../fault-codes.ts";
import type { FaultEntry } from "../fault-entry.ts";

/** The words for faults of the phone itself, who it is, and installing on it. Causes and remedies of the Xiaomi rows follow field reports and the AOSP
 * sources of the texts in `install-faults.ts` and `setting-faults.ts`. */
export const PHONE_FAULTS = {
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
} as const satisfies Partial<Record<FaultCode, FaultEntry>>;
