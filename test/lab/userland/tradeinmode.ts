import { type Command, failed, out } from "./command.ts";

/** `tradeinmode getstatus`: Android 16 on a reset phone (source.android.com/docs/core/perf/trade-in-mode). */
export const tradeinmode: Command = (phone, argv) => {
	const { sdk, props, telephony, serial, quirks } = phone.state;
	if (sdk < 36) return failed(127, "/system/bin/sh: tradeinmode: inaccessible or not found\n");
	if (quirks.foyer !== true) return failed(1, "Error: device is not in trade-in mode\n");
	if (argv[1] === "evaluate") return failed(1, "Error: refused here, it would wipe the phone\n");
	if (argv[1] !== "getstatus") return failed(1, "Unknown command\n");
	return out(
		JSON.stringify({
			battery: {
				cycle_count: 1,
				health: 100,
				state: 2,
				manufacturing_date: 1_748_736_000,
				first_usage_date: 0,
			},
			storage: {
				useful_lifetime_remaining: 100,
				capacity_bytes: "128000000000",
			},
			launch_level: sdk,
			locks: { factory_reset_protection: false },
			product: {
				brand: props["ro.product.brand"],
				device: props["ro.product.device"],
				manufacturer: props["ro.product.manufacturer"],
				model: props["ro.product.model"],
				name: props["ro.product.name"],
			},
			imeis: telephony.imeis,
			serial,
		}),
	);
};
