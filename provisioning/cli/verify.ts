import { randomBytes } from "node:crypto";

import type { Command } from "commander";

import type { EnrollmentStatus } from "../procedure/registry-port.ts";
import { VERIFY_STEPS, type Verification } from "../procedure/verify.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { type ApkFlags, readAgentApk, withApkFlags } from "./agent-apk.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { chooseHandset, openHandset, withHandsetFlags } from "./handset-choice.ts";
import { openRegistry, withRegistryFlags } from "./registry-access.ts";
import { runProcedure } from "./run-procedure.ts";
import { UsageError } from "./usage-error.ts";
import { type ReleasedFlags, verifyReleased } from "./verify-released.ts";

type VerifyFlags = ReleasedFlags & ApkFlags & { readonly released?: boolean };

export function addVerify(program: Command): void {
	const command = program
		.command("verify")
		.argument("[contract]", "may be left out with --released and --certificate")
		.description("compare a handset with what the registry says of it; changes nothing")
		.option(
			"--released",
			"after payoff: exit 0 only if the phone is really free: nothing left behind, not financed, certificate genuine",
		)
		.option("--certificate <number>", "with --released: the number on the payoff certificate, HF-...");
	withHandsetFlags(withRegistryFlags(withApkFlags(withCommonFlags(command)))).action(perform<VerifyFlags>(verify));
}

async function verify(context: CommandContext, flags: VerifyFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	if (flags.released) return verifyReleased(context, flags, contractId);
	if (contractId === "") throw new UsageError("verify needs a contract; without one only --released --certificate NUMBER");
	const registry = await openRegistry(context, flags);
	const apk = await readAgentApk(flags);
	const choice = await chooseHandset(context, flags);
	if (!choice) return ExitCode.noDevice;
	const port = await openHandset(context, flags, choice);
	const verification: Verification = {
		port,
		registry,
		contractId,
		apk,
		clock: context.clock,
		crypto: createNodeCrypto(),
		randomBytes: (length) => Uint8Array.from(randomBytes(length)),
		found: {},
	};
	try {
		const fault = await runProcedure(context, VERIFY_STEPS, verification);
		if (fault) {
			context.output.fault(fault);
			return exitCodeOf(fault.code);
		}
	} finally {
		await port.close();
	}
	const { handset, status } = verification.found;
	context.output.result(
		{
			ok: true,
			contract: contractId,
			released: false,
			handset,
			state: status?.state,
			...(status?.attestation === undefined ? {} : { attestation: status.attestation }),
		},
		[
			`Enrolled and as the registry says. Contract ${contractId}, IMEI ${handset?.imei1}.`,
			...(status?.attestation === undefined ? [] : [attestationLine(status.attestation)]),
		],
	);
	return ExitCode.ok;
}

/** What the registry judged, in a line. The phone in hand was compared either way: this is about its key. */
function attestationLine({ result, findings }: NonNullable<EnrollmentStatus["attestation"]>): string {
	const words = {
		passed: "its key is in secure hardware, on the maker's own software.",
		failed: "FAILED.",
		absent: "the phone sent none.",
		cannot_verify: "cannot be verified by the registry.",
	};
	return `Attestation: ${words[result]}${findings.length > 0 ? ` (${findings.join(", ")})` : ""}`;
}
