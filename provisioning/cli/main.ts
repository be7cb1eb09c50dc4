import { Command, CommanderError } from "commander";

import { ExitCode } from "./exit-codes.ts";
import { TOOL } from "./version.ts";

type AddCommand = (program: Command) => void;

/** Every command and where it is. Only the one that is asked for is loaded: a command answers in a blink. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
	devices: async () => (await import("./devices.ts")).addDevices,
	doctor: async () => (await import("./doctor.ts")).addDoctor,
	enroll: async () => (await import("./enroll.ts")).addEnroll,
	verify: async () => (await import("./verify.ts")).addVerify,
	release: async () => (await import("./release.ts")).addRelease,
	service: async () => (await import("./service.ts")).addService,
	contract: async () => (await import("./contract.ts")).addContract,
	order: async () => (await import("./order.ts")).addOrder,
	code: async () => (await import("./code.ts")).addCode,
	imei: async () => (await import("./imei.ts")).addImei,
	keys: async () => (await import("./keys.ts")).addKeys,
	attestation: async () => (await import("./attestation.ts")).addAttestation,
	account: async () => (await import("./account.ts")).addAccount,
	webhook: async () => (await import("./webhook.ts")).addWebhook,
	ledger: async () => (await import("./ledger.ts")).addLedger,
	audit: async () => (await import("./audit.ts")).addAudit,
	station: async () => (await import("./station/station.ts")).addStation,
	backup: async () => (await import("./backup.ts")).addBackup,
	serve: async () => (await import("./serve.ts")).addServe,
	sim: async () => (await import("./sim.ts")).addSim,
};

const program = new Command("holdfast")
	.description("Enroll, verify and release financed phones; run the lender's registry.")
	.version(TOOL)
	.showHelpAfterError("(add --help for what it takes)")
	.exitOverride();

const asked = COMMANDS[process.argv[2] ?? ""];
for (const load of asked ? [asked] : Object.values(COMMANDS)) (await load())(program);

try {
	await program.parseAsync();
} catch (error) {
	if (!(error instanceof CommanderError)) throw error;
	// commander has said what is wrong; help and version end with 0.
	process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
}
// Some transports keep a socket to a frozen phone open: the work is done, so the process ends.
process.exit(process.exitCode ?? ExitCode.ok);
