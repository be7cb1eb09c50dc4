import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline/promises";

import type { Command } from "commander";

import { imeiTail } from "../../proto/imei.ts";
import { type Fault, faultError } from "../handset/fault.ts";
import { AGENT_PACKAGE } from "../handset/packages.ts";
import type { EnrollmentStatus, RegistryPort, ReleaseGrant } from "../procedure/registry-port.ts";
import { RELEASE_STEPS, type Releasing } from "../procedure/release.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { openEvidenceLog } from "./evidence-log.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { chooseHandset, type HandsetFlags, openHandset, withHandsetFlags } from "./handset-choice.ts";
import { lockHandset } from "./handset-lock.ts";
import { openRegistry, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { runProcedure } from "./run-procedure.ts";
import { UsageError } from "./usage-error.ts";

interface ReleaseFlags extends HandsetFlags, RegistryFlags {
	readonly confirm?: string;
}

/** A sealed phone comes back to the cable when it next hears from the lender: give it time. */
const SEALED_WAIT_MS = 10 * 60_000;

export function addRelease(program: Command): void {
	const command = program
		.command("release")
		.argument("<contract>", "a contract that is paid in full")
		.description("give a paid-off handset back: deliver the release, see the agent undo its own policy, remove it")
		.option("--confirm <imei-tail>", "last four digits of the handset's IMEI");
	withHandsetFlags(withRegistryFlags(withCommonFlags(command))).action(perform<ReleaseFlags>(release));
}

async function release(context: CommandContext, flags: ReleaseFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const registry = await openRegistry(context, flags);
	const status = await registry.enrollmentOf(contractId);
	if (!status) throw faultError("CONTRACT_UNKNOWN", { details: { contract: contractId } });
	await requireConfirmation(context, flags, status);
	// The proof of payoff: without it the registry grants nothing and nobody touches the phone.
	const grant = await registry.grantRelease(contractId);
	if (status.state === "sealed") {
		context.output.note(
			"USB debugging is off on this phone. Connect it to the internet: it opens itself when it hears of the payoff.",
		);
	}
	const choice = await chooseHandset(context, flags, {
		waitMs: flags.wait === undefined ? SEALED_WAIT_MS : flags.wait * 1000,
	});
	if (!choice) return ExitCode.noDevice;
	const lock = await lockHandset(context.stateFolder, choice.adbSerial);
	const port = await openHandset(context, flags, choice);
	const found: Releasing["found"] = {};
	try {
		const fault = await run(context, {
			port,
			registry,
			contractId,
			grant,
			found,
		});
		if (fault) {
			context.output.fault(fault);
			return exitCodeOf(fault.code);
		}
	} finally {
		await port.close();
		await lock.release();
	}
	const state = found.status?.state;
	context.output.result(
		{
			ok: true,
			contract: contractId,
			certificate: grant.certificateId,
			imei: status.imei1,
			state,
			...(found.health ? { health: found.health } : {}),
		},
		[`Released: contract ${contractId}, IMEI ${status.imei1}. Certificate ${grant.certificateId}.`],
	);
	return ExitCode.ok;
}

async function run(
	context: CommandContext,
	{
		port,
		registry,
		contractId,
		grant,
		found,
	}: Pick<Releasing, "port" | "registry" | "contractId" | "found"> & {
		registry: RegistryPort;
		grant: ReleaseGrant;
	},
): Promise<Fault | undefined> {
	const evidence = await openEvidenceLog(context.stateFolder, `release-${contractId}`, context.clock.nowMs());
	try {
		const releasing: Releasing = {
			port,
			registry,
			contractId,
			grant,
			packageName: AGENT_PACKAGE,
			clock: context.clock,
			crypto: createNodeCrypto(),
			randomBytes: (length) => Uint8Array.from(randomBytes(length)),
			found,
		};
		return await runProcedure(context, RELEASE_STEPS, releasing, { evidence });
	} finally {
		await evidence.close();
	}
}

/** Freeing cannot be undone, so the operator names the phone: there is no `--yes`. */
async function requireConfirmation(
	{ mayAsk, output }: CommandContext,
	{ confirm }: ReleaseFlags,
	status: EnrollmentStatus,
): Promise<void> {
	const tails = [status.imei1, status.imei2 ?? ""].filter((imei) => imei !== "").map(imeiTail);
	let answer = confirm;
	if (answer === undefined && mayAsk) {
		const terminal = createInterface({
			input: process.stdin,
			output: process.stderr,
		});
		answer = await terminal.question(`Contract ${status.contractId}. Type the last four digits of the phone's IMEI: `);
		terminal.close();
	}
	if (answer === undefined) throw new UsageError("release needs --confirm with the last four digits of the phone's IMEI");
	if (tails.includes(answer.trim())) return;
	output.note(`${answer} is not the end of this contract's IMEI.`);
	throw faultError("IMEI_MISMATCH", {
		details: {
			typed: answer,
			contract: tails.map((tail) => `…${tail}`).join(", "),
		},
	});
}
