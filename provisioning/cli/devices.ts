import type { Command } from "commander";
import { fault } from "../handset/fault.ts";
import { ensureAdbServer } from "../transport/adb-server-process.ts";
import { faultOfState, listDevices } from "../transport/device-list.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { type HandsetFlags, withHandsetFlags } from "./handset-choice.ts";
import { jsonOf } from "./output.ts";

export function addDevices(program: Command): void {
	const command = program.command("devices").description("handsets on the cable, and what keeps each from being used");
	withHandsetFlags(withCommonFlags(command)).action(perform<HandsetFlags>(devices));
}

async function devices(context: CommandContext, flags: HandsetFlags): Promise<ExitCode> {
	await ensureAdbServer(flags.adbPort);
	const seen = (await listDevices(flags.adbPort)).map((device) => {
		const code = faultOfState(device.state);
		return {
			...device,
			...(code === undefined ? {} : { fault: jsonOf(fault(code)) }),
		};
	});
	const lines = seen.map(({ serial, state, usbPath, model, fault: problem }) =>
		[serial, state, usbPath === undefined ? "" : `usb:${usbPath}`, model ?? "", problem ? String(problem.remedy) : ""]
			.filter((part) => part !== "")
			.join("  "),
	);
	context.output.result(
		{ ok: true, devices: seen },
		lines.length > 0 ? lines : ["No handset. Plug one in with USB debugging on."],
	);
	return ExitCode.ok;
}
