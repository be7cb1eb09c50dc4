import { createHash } from "node:crypto";

import type { Command } from "commander";

import { initKeys, type MadeKeys } from "../registry/keys/init-keys.ts";
import { rotateKeys } from "../registry/keys/rotate-keys.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { folderOf, type KeyFlags, protectionOf, withKeyFlags } from "./key-flags.ts";
import { addKeyCeremony } from "./keys-ceremony.ts";
import { addKeyEscrow } from "./keys-escrow.ts";

interface InitFlags extends KeyFlags {
	readonly lender: string;
}

interface RotateFlags extends KeyFlags {
	readonly newEpoch?: boolean;
	readonly newRoot?: boolean;
	readonly rootFile?: string[];
}

export function addKeys(program: Command): void {
	const keys = program.command("keys").description("the lender's keys: root 2 of 3, and one for each online role");
	const init = keys
		.command("init")
		.description("for trials: make all of a lender's first keys on this machine; for real phones see keys propose")
		.requiredOption("--lender <id>", "the lender's id in every signed message");
	withKeyFlags(withCommonFlags(init)).action(perform<InitFlags>(init_));
	const rotate = keys
		.command("rotate")
		.description("for trials: make the next key set on this machine, which has to hold two root keys; else see keys propose")
		.option("--new-epoch", "start order sequences anew, after a theft")
		.option("--new-root", "new root keys as well")
		.option("--root-file <file...>", "root keys that lie elsewhere");
	withKeyFlags(withCommonFlags(rotate)).action(perform<RotateFlags>(rotate_));
	addKeyCeremony(keys);
	addKeyEscrow(keys);
}

async function init_(context: CommandContext, flags: InitFlags): Promise<ExitCode> {
	const made = await initKeys({
		folder: folderOf(context, flags),
		lenderId: flags.lender,
		protection: await protectionOf(context, flags, "Passphrase for the keys"),
		nowMs: context.clock.nowMs(),
	});
	report(context, made);
	context.output.note(
		"For trials. All three root keys were made on this one machine: whoever had it today has them all. Real phones get keys of three people: provisioning/registry/keys/CEREMONY.md",
	);
	context.output.note("Move each file of root/ to another safe now: a running registry never needs them.");
	return ExitCode.ok;
}

async function rotate_(context: CommandContext, flags: RotateFlags): Promise<ExitCode> {
	const made = await rotateKeys({
		folder: folderOf(context, flags),
		protection: await protectionOf(context, flags, "Passphrase for the keys"),
		nowMs: context.clock.nowMs(),
		newEpoch: flags.newEpoch ?? false,
		newRoot: flags.newRoot ?? false,
		...(flags.rootFile === undefined ? {} : { rootFiles: flags.rootFile }),
	});
	report(context, made);
	return ExitCode.ok;
}

function report({ output }: CommandContext, { keySet, envelope, rootFiles, onlineFiles, codeVaultFile }: MadeKeys): void {
	const pin = createHash("sha256").update(envelope).digest("hex");
	output.result(
		{
			ok: true,
			lender: keySet.lenderId,
			version: keySet.version,
			epoch: keySet.epoch,
			keySetSha256: pin,
			rootFiles,
			onlineFiles,
			codeVaultFile,
		},
		[
			`Key set ${keySet.version} of ${keySet.lenderId}, epoch ${keySet.epoch}.`,
			`SHA-256 of its envelope: ${pin}`,
			...[...rootFiles, ...onlineFiles, codeVaultFile].map((path) => `  ${path}`),
		],
	);
}
