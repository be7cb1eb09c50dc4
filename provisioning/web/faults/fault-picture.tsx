import type { ReactNode } from "react";

import {
	AllowUsbDebugging,
	Charge,
	GoodCable,
	PickPhone,
	PlugIn,
	Replug,
	UdevRule,
	UsbAccess,
	UsbBusy,
	UsbController,
} from "./pictures/cable-pictures.tsx";
import { BootloaderUnlocked, CompareImei, DialImei, UnlockScreen } from "./pictures/identity-pictures.tsx";
import {
	FindDeviceOff,
	FinishSetup,
	MiSignOut,
	PlayProtect,
	RemoveAccounts,
	RemoveUsers,
	RemoveWorkProfile,
	SystemUpdate,
	UsbDebugging,
	UsbDebuggingOff,
	XiaomiInstallDialog,
	XiaomiInstallToggle,
	XiaomiSecurityToggle,
} from "./pictures/settings-pictures.tsx";

/** The picture of each id that the fault catalogue names; a test holds the two together. */
export const FAULT_PICTURES: Readonly<Record<string, () => ReactNode>> = {
	"plug-in": PlugIn,
	"allow-usb-debugging": AllowUsbDebugging,
	replug: Replug,
	"udev-rule": UdevRule,
	"finish-setup": FinishSetup,
	"usb-busy": UsbBusy,
	"usb-access": UsbAccess,
	"pick-phone": PickPhone,
	"good-cable": GoodCable,
	"usb-controller": UsbController,
	"usb-debugging": UsbDebugging,
	charge: Charge,
	"bootloader-unlocked": BootloaderUnlocked,
	"system-update": SystemUpdate,
	"xiaomi-security-toggle": XiaomiSecurityToggle,
	"xiaomi-install-toggle": XiaomiInstallToggle,
	"find-device-off": FindDeviceOff,
	"mi-sign-out": MiSignOut,
	"dial-imei": DialImei,
	"compare-imei": CompareImei,
	"xiaomi-install-dialog": XiaomiInstallDialog,
	"play-protect": PlayProtect,
	"remove-accounts": RemoveAccounts,
	"remove-users": RemoveUsers,
	"remove-work-profile": RemoveWorkProfile,
	"unlock-screen": UnlockScreen,
	"usb-debugging-off": UsbDebuggingOff,
};

/** What to do, drawn. The words beside it say the same, so it is hidden from screen readers. */
export function FaultPicture({ id }: { readonly id: string }) {
	const Drawing = Object.hasOwn(FAULT_PICTURES, id) ? FAULT_PICTURES[id] : undefined;
	return Drawing ? <Drawing /> : null;
}
