import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Command, InvalidArgumentError } from "commander";

import { ensureAdbServer } from "../transport/adb-server-process.ts";
import { perform, withEndlessFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { type HandsetFlags, withHandsetFlags } from "./handset-choice.ts";
import { addSimLife } from "./sim-life.ts";
import { aborted } from "./told-to-stop.ts";
import { UsageError } from "./usage-error.ts";

const MOST_HANDSETS = 64;

interface SimFlags extends HandsetFlags {
	readonly handsets: number;
	readonly profile?: string;
	readonly fault?: string[];
}

export function addSim(program: Command): void {
	const command = program
		.command("sim")
		.description("virtual handsets to try things on, plugged into the adb server until this command is stopped")
		.option("--handsets <count>", "how many", handsetCount, 1)
		.option("--profile <id>", "which build of HyperOS or MIUI")
		.option("--fault <id...>", "what is wrong with them");
	withHandsetFlags(withEndlessFlags(command)).action(perform<SimFlags>(sim));
	addSimLife(command);
}

async function sim(context: CommandContext, flags: SimFlags): Promise<ExitCode> {
	await ensureAdbServer(flags.adbPort);
	// The only arrow from here to the lab, and only when it is asked for.
	const { openLab } = await import("../../test/lab/lab.ts");
	const folder = await mkdtemp(join(tmpdir(), "holdfast-sim-"));
	const lab = await openLab({ stateFolder: folder, transport: "in-process", adbServerPort: flags.adbPort });
	try {
		for (let index = 0; index < flags.handsets; index += 1) {
			const wish = { ...(flags.profile ? { profile: flags.profile } : {}), faults: flags.fault ?? [] };
			const handset = await lab.add(wish).catch((error: unknown) => {
				throw error instanceof RangeError ? new UsageError(error.message) : error;
			});
			handset.tapAllow();
		}
		const handsets = lab.handsets.map(({ adbSerial, serial, imeis, profile, faults }) => ({
			adbSerial,
			serial,
			imeis,
			profile,
			faults,
		}));
		context.output.result(
			{ ok: true, handsets },
			handsets.map(({ adbSerial, imeis, profile }) => `${adbSerial}  IMEI ${imeis.join(" and ")}  ${profile}`),
		);
		context.output.note(`Try: holdfast doctor -s ${handsets[0]?.adbSerial}. Ctrl-C ends the handsets.`);
		await aborted(context.signal);
	} finally {
		await lab.close();
		await rm(folder, { recursive: true, force: true });
	}
	return ExitCode.ok;
}

function handsetCount(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > MOST_HANDSETS) throw new InvalidArgumentError(`1 to ${MOST_HANDSETS}`);
	return value;
}
