import { mkdir } from "node:fs/promises";

import { type Command, InvalidArgumentError, Option } from "commander";

import { calibrate } from "../../station/slots/calibrate.ts";
import { EMPTY_HUB_MAP } from "../../station/slots/hub-map.ts";
import { loadHubMap, saveHubMap } from "../../station/slots/hub-map-file.ts";
import { watchSlots } from "../../station/slots/slot-watch.ts";
import { systemUsbTree, usbFacts } from "../../station/slots/usb-facts.ts";
import { ensureAdbServer } from "../../transport/adb-server-process.ts";
import { trackDevices } from "../../transport/device-list.ts";
import { perform, portNumber, withEndlessFlags } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { stationFolder } from "./station-flags.ts";

interface CalibrateFlags {
	readonly adbPort: number;
	readonly ports: number;
	readonly anew?: boolean;
}

export function addCalibrate(station: Command): void {
	const command = station
		.command("calibrate")
		.description("give the ports their numbers: plug one phone into port 1, take it out, plug it into port 2, ...")
		.requiredOption("--ports <count>", "how many ports there are", (text) => {
			const value = Number(text);
			if (!Number.isInteger(value) || value < 1 || value > 256) throw new InvalidArgumentError("1 to 256");
			return value;
		})
		.option("--anew", "forget the numbers that were given before")
		.addOption(
			new Option("--adb-port <port>", "port of the adb server")
				.argParser(portNumber)
				.default(5037)
				.env("ANDROID_ADB_SERVER_PORT"),
		);
	withEndlessFlags(command).action(perform<CalibrateFlags>(run));
}

async function run(context: CommandContext, flags: CalibrateFlags): Promise<ExitCode> {
	const { output, clock, signal } = context;
	const folder = stationFolder(context);
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const before = flags.anew ? EMPTY_HUB_MAP : await loadHubMap(folder);
	await ensureAdbServer(flags.adbPort);
	const watch = watchSlots({ track: (ending) => trackDevices(ending, { port: flags.adbPort }), hubMap: before, clock });
	try {
		await watch.ready;
		const map = await calibrate({
			watch,
			map: before,
			count: flags.ports,
			say: ({ text }) => output.note(text),
			save: (next) => saveHubMap(folder, next),
			facts: usbFacts(systemUsbTree()),
			signal,
		});
		const isWhole = map.slots.length >= flags.ports;
		output.result({ ok: isWhole, slots: map.slots }, [
			...map.slots.map(({ slot, usbPath, controller }) => `${slot}  ${usbPath}  ${controller}`),
			isWhole
				? "Every port has its number. Put the stickers on."
				: "Not every port has a number yet: run the same command again to go on.",
		]);
		return isWhole ? ExitCode.ok : ExitCode.partial;
	} finally {
		await watch.close();
	}
}
