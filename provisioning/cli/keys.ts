import { createHash } from "node:crypto";
import { join } from "node:path";

import type { Command } from "commander";

import { initKeys, type MadeKeys } from "../registry/keys/init-keys.ts";
import type { KeyProtection } from "../registry/keys/key-file.ts";
import { rotateKeys } from "../registry/keys/rotate-keys.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { defaultDataFolder } from "./registry-access.ts";
import { askPassphrase } from "./secret-prompt.ts";

interface KeyFlags {
	readonly folder?: string;
	readonly passphraseFile?: string;
	readonly insecureDev?: boolean;
}

interface InitFlags extends KeyFlags {
	readonly lender: string;
}

interface RotateFlags extends KeyFlags {
	readonly newEpoch?: boolean;
	readonly newRoot?: boolean;
	readonly rootFile?: string[];
}

function withKeyFlags(command: Command): Command {
	return command
		.option("--folder <folder>", "where the keys are kept (default: keys/ in the data folder)")
		.option("--passphrase-file <file>", "file that holds the passphrase; without it the terminal asks")
		.option("--insecure-dev", "unencrypted keys, for trying things out only");
}

export function addKeys(program: Command): void {
	const keys = program.command("keys").description("the lender's keys: root 2 of 3, and one for each online role");
	const init = keys
		.command("init")
		.description("make a lender's first keys")
		.requiredOption("--lender <id>", "the lender's id in every signed message");
	withKeyFlags(withCommonFlags(init)).action(perform<InitFlags>(init_));
	const rotate = keys
		.command("rotate")
		.description("make the next key set, signed by the root thresholds of the old and the new one")
		.option("--new-epoch", "start order sequences anew, after a theft")
		.option("--new-root", "new root keys as well")
		.option("--root-file <file...>", "root keys that lie elsewhere");
	withKeyFlags(withCommonFlags(rotate)).action(perform<RotateFlags>(rotate_));
}

async function init_(context: CommandContext, flags: InitFlags): Promise<ExitCode> {
	const made = await initKeys({
		folder: folderOf(context, flags),
		lenderId: flags.lender,
		protection: await protectionOf(context, flags),
		nowMs: context.clock.nowMs(),
	});
	report(context, made);
	context.output.note("Move each file of root/ to another safe now: a running registry never needs them.");
	return ExitCode.ok;
}

async function rotate_(context: CommandContext, flags: RotateFlags): Promise<ExitCode> {
	const made = await rotateKeys({
		folder: folderOf(context, flags),
		protection: await protectionOf(context, flags),
		nowMs: context.clock.nowMs(),
		newEpoch: flags.newEpoch ?? false,
		newRoot: flags.newRoot ?? false,
		...(flags.rootFile === undefined ? {} : { rootFiles: flags.rootFile }),
	});
	report(context, made);
	return ExitCode.ok;
}

function folderOf({ environment }: CommandContext, { folder }: KeyFlags): string {
	return folder ?? join(defaultDataFolder(environment), "keys");
}

async function protectionOf(context: CommandContext, flags: KeyFlags): Promise<KeyProtection> {
	if (flags.insecureDev) return { insecureDev: true };
	return {
		passphrase: await askPassphrase(context, "Passphrase for the keys", flags.passphraseFile),
	};
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
