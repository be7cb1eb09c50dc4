import { join } from "node:path";

import type { Command } from "commander";

import type { KeyProtection } from "../registry/keys/key-file.ts";
import type { CommandContext } from "./context.ts";
import { defaultDataFolder } from "./registry-access.ts";
import { askPassphrase } from "./secret-prompt.ts";

/** Flags of every command that opens or makes key files. */
export interface PassphraseFlags {
	readonly passphraseFile?: string;
	readonly insecureDev?: boolean;
}

/** Flags of commands that work in the registry's key folder. */
export interface KeyFlags extends PassphraseFlags {
	readonly folder?: string;
}

export function withPassphraseFlags(command: Command): Command {
	return command
		.option("--passphrase-file <file>", "file or descriptor (/dev/fd/3) that holds the passphrase; without it the terminal asks")
		.option("--insecure-dev", "unencrypted keys, for trying things out only");
}

export function withKeyFlags(command: Command): Command {
	return withPassphraseFlags(withFolderFlag(command));
}

export function withFolderFlag(command: Command): Command {
	return command.option("--folder <folder>", "where the keys are kept (default: keys/ in the data folder)");
}

export function folderOf({ environment }: CommandContext, { folder }: Pick<KeyFlags, "folder">): string {
	return folder ?? join(defaultDataFolder(environment), "keys");
}

/** @param question what the passphrase is for, as the terminal asks for it. */
export async function protectionOf(context: CommandContext, flags: PassphraseFlags, question: string): Promise<KeyProtection> {
	if (flags.insecureDev) return { insecureDev: true };
	return { passphrase: await askPassphrase(context, question, flags.passphraseFile) };
}
