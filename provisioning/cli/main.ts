import { Command, CommanderError } from "commander";

import { addContract } from "./contract.ts";
import { addDevices } from "./devices.ts";
import { addDoctor } from "./doctor.ts";
import { addEnroll } from "./enroll.ts";
import { ExitCode } from "./exit-codes.ts";
import { addImei } from "./imei.ts";
import { addKeys } from "./keys.ts";
import { addOrder } from "./order.ts";
import { addRelease } from "./release.ts";
import { addServe } from "./serve.ts";
import { addSim } from "./sim.ts";
import { addVerify } from "./verify.ts";
import { TOOL } from "./version.ts";

const program = new Command("holdfast")
	.description("Enroll, verify and release financed phones; run the lender's registry.")
	.version(TOOL)
	.showHelpAfterError("(add --help for what it takes)")
	.exitOverride();

for (const add of [
	addDevices,
	addDoctor,
	addEnroll,
	addVerify,
	addRelease,
	addContract,
	addOrder,
	addImei,
	addKeys,
	addServe,
	addSim,
])
	add(program);

try {
	await program.parseAsync();
} catch (error) {
	if (!(error instanceof CommanderError)) throw error;
	// commander has said what is wrong; help and version end with 0.
	process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
}
// Some transports keep a socket to a frozen phone open: the work is done, so the process ends.
process.exit(process.exitCode ?? ExitCode.ok);
