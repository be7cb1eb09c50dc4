import { type Command, failed, out } from "./command.ts";

/** `reboot`: the phone goes away and comes back. */
export const reboot: Command = (phone) => {
	phone.watcher?.onPhysical("reboot");
	return out();
};

/** `svc power reboot`, `svc power stayon`, `svc wifi`, `svc data`. */
export const svc: Command = (phone, argv, stdin) => {
	const [service, action] = argv.slice(1);
	if (service === "power" && action === "reboot") return reboot(phone, argv, stdin);
	return service === undefined ? failed(1, "Available commands:\n    help\n    power\n    data\n    wifi\n    usb\n") : out();
};
