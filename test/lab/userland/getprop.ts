import type { Handset } from "../handset.ts";
import { type Command, failed, out } from "./command.ts";

/** `getprop [NAME [DEFAULT]]`: one value, or all as `[name]: [value]`. A property that is not set prints an empty line. */
export const getprop: Command = (phone, argv) => {
	const [name, standard = ""] = argv.slice(1);
	const props = allProps(phone);
	if (name !== undefined) return out(props[name] ?? standard);
	return out(
		...Object.keys(props)
			.sort()
			.map((key) => `[${key}]: [${props[key]}]`),
	);
};

/** `setprop`: only root may write the properties that matter; the shell gets no more than the kernel's words. */
export const setprop: Command = (_phone, argv) =>
	failed(1, `setprop: failed to set property '${argv[1] ?? ""}' to '${argv[2] ?? ""}'\n`);

function allProps(phone: Handset): Record<string, string> {
	const { props, telephony, settings } = phone.state;
	const all: Record<string, string> = {
		...props,
		"init.svc.adbd": "running",
		"sys.boot_completed": phone.booted ? "1" : "",
		"sys.usb.state": "adb",
	};
	if (!phone.booted) delete all["sys.boot_completed"];
	for (const source of telephony.imeiProps) Object.assign(all, imeiProps(source, telephony.imeis));
	if (settings.global.adb_enabled === "0") all["init.svc.adbd"] = "stopped";
	return all;
}

function imeiProps(source: string, imeis: readonly string[]): Record<string, string> {
	// Xiaomi's own count from 0, the makers' of modems from 1 and also without a number.
	const first = source === "ro.ril.miui.imei" ? 0 : 1;
	const numbered = Object.fromEntries(imeis.map((imei, slot) => [`${source}${slot + first}`, imei]));
	return first === 1 ? { ...numbered, [source]: imeis[0] ?? "" } : numbered;
}
