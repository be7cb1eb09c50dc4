import { type Command, Option } from "commander";

import { FaultError, fault, faultError } from "../handset/fault.ts";
import type { HandsetPort } from "../handset/port.ts";
import { openThroughServer } from "../transport/adb-server.ts";
import { ensureAdbServer } from "../transport/adb-server-process.ts";
import { faultOfState, listDevices, type SeenDevice } from "../transport/device-list.ts";
import { openTcp } from "../transport/tcp.ts";
import { portNumber } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { UsageError } from "./usage-error.ts";

const DEFAULT_ADB_PORT = 5037;
/** How long a handset that was named may take to appear. Long enough to push a plug in. */
const APPEAR_MS = 60_000;
const POLL_MS = 200;

export interface HandsetFlags {
	readonly serial?: string;
	readonly adbPort: number;
	readonly wait?: number;
}

/** Which handset, and by which road. */
export type HandsetChoice =
	| { readonly road: "server"; readonly adbSerial: string }
	| {
			readonly road: "tcp";
			readonly adbSerial: string;
			readonly host: string;
			readonly port: number;
	  };

export function withHandsetFlags(command: Command): Command {
	return command
		.addOption(
			new Option("-s, --serial <serial>", "adb serial, usb:PATH, or tcp:HOST:PORT for adbd itself").env("ANDROID_SERIAL"),
		)
		.addOption(
			new Option("--adb-port <port>", "port of the adb server")
				.argParser(portNumber)
				.default(DEFAULT_ADB_PORT)
				.env("ANDROID_ADB_SERVER_PORT"),
		)
		.option("--wait <seconds>", "how long to wait for the handset to appear", Number);
}

export interface ChoiceOptions {
	/** How long to wait, if not as the flags say. */
	readonly waitMs?: number | undefined;
	/** No handset is an answer, not a fault. */
	readonly optional?: boolean;
	/** Asked while it is waited for; once it says true, no handset is an answer, too. */
	readonly isNeedless?: () => Promise<boolean>;
}

/**
 * Finds the one handset that is meant. Never takes "the next one": a named handset is waited for, visibly; without a name
 * there must be exactly one.
 *
 * @throws {FaultError} NO_DEVICE, AMBIGUOUS_DEVICE, and the fault of a handset that is there but not usable.
 */
export async function chooseHandset(
	context: CommandContext,
	flags: HandsetFlags,
	{ waitMs, optional = false, isNeedless }: ChoiceOptions = {},
): Promise<HandsetChoice | undefined> {
	const tcp = /^tcp:(.+):(\d+)$/.exec(flags.serial ?? "");
	if (tcp?.[1] && tcp[2])
		return {
			road: "tcp",
			adbSerial: `${tcp[1]}:${tcp[2]}`,
			host: tcp[1],
			port: portNumber(tcp[2]),
		};
	if (flags.serial?.startsWith("tcp:")) throw new UsageError("tcp: takes HOST:PORT, such as tcp:127.0.0.1:5555");
	await ensureAdbServer(flags.adbPort);
	const patience = waitMs ?? (flags.wait === undefined ? (flags.serial === undefined ? 0 : APPEAR_MS) : flags.wait * 1000);
	const until = context.clock.nowMs() + patience;
	let said = false;
	while (true) {
		const devices = await listDevices(flags.adbPort);
		const outcome = pick(devices, flags.serial);
		if ("device" in outcome) return { road: "server", adbSerial: outcome.device.serial };
		if (context.signal.aborted) throw faultError("CANCELLED");
		if (isGone(outcome.problem) && (await isNeedless?.())) return undefined;
		if (context.clock.nowMs() >= until) {
			if (optional && isGone(outcome.problem)) return undefined;
			// Waited in vain for a tap: the dialog may have gone by itself.
			if (said && outcome.problem.fault.code === "ADB_UNAUTHORIZED") throw faultError("ADB_AUTH_TIMEOUT", outcome.problem.fault);
			throw outcome.problem;
		}
		if (!said)
			context.output.note(
				`${outcome.problem.fault.code}: ${outcome.problem.fault.remedy} Waiting up to ${Math.ceil(patience / 1000)} s …`,
			);
		said = true;
		await context.clock.pause(POLL_MS);
	}
}

/** Not on the cable, or about to leave it: a handset that has just sealed itself is listed as offline for a moment. */
function isGone({ fault: { code } }: FaultError): boolean {
	return code === "NO_DEVICE" || code === "ADB_OFFLINE";
}

function pick(devices: readonly SeenDevice[], serial: string | undefined): { device: SeenDevice } | { problem: FaultError } {
	const meant =
		serial === undefined ? devices : devices.filter((device) => device.serial === serial || `usb:${device.usbPath}` === serial);
	const [device, ...others] = meant;
	if (!device)
		return {
			problem: faultError("NO_DEVICE", serial === undefined ? {} : { details: { serial } }),
		};
	if (others.length > 0) {
		return {
			problem: faultError("AMBIGUOUS_DEVICE", {
				details: { handsets: meant.map((each) => each.serial).join(", ") },
			}),
		};
	}
	const code = faultOfState(device.state);
	return code === undefined
		? { device }
		: {
				problem: new FaultError(
					fault(code, {
						details: { handset: device.serial, state: device.state },
					}),
				),
			};
}

/** Opens the chosen handset. One visit, one port: close it. */
export async function openHandset(
	{ stateFolder }: CommandContext,
	flags: HandsetFlags,
	choice: HandsetChoice,
): Promise<HandsetPort> {
	if (choice.road === "tcp")
		return openTcp({
			host: choice.host,
			port: choice.port,
			keyFolder: stateFolder,
		});
	return openThroughServer({ serial: choice.adbSerial, port: flags.adbPort });
}
