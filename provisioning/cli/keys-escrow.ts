import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Command, InvalidArgumentError } from "commander";
import { escrowKeyPath, escrowKeyText, escrowPageText, makeEscrowKey, readEscrowKeyText } from "../registry/keys/escrow-key.ts";
import { sameFingerprint } from "../registry/keys/fingerprint.ts";
import { isThere, writeDurably } from "../registry/keys/key-file.ts";
import { KeysError } from "../registry/keys/keys-error.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { folderOf, type KeyFlags, withFolderFlag } from "./key-flags.ts";
import { askLine } from "./secret-prompt.ts";
import { UsageError } from "./usage-error.ts";

interface NewFlags {
	readonly holders: number;
	readonly needed: number;
	readonly folder: string;
}

interface UseFlags extends Pick<KeyFlags, "folder"> {
	readonly fingerprint?: string;
}

/** `keys escrow new | use`: who can free the phones when there is no lender any more. */
export function addKeyEscrow(keys: Command): void {
	const escrow = keys.command("escrow").description("the key with which release codes are put away, for when the lender is gone");
	const made = escrow
		.command("new")
		.description("make an escrow key and its holders' pages; on a machine without a network, with the holders there")
		.option("--holders <count>", "pages that are made, 2 to 15", count, 3)
		.option("--needed <count>", "pages that are needed, 2 to 15", count, 2)
		.requiredOption("--folder <folder>", "where the pages are written; print them and delete them there");
	withCommonFlags(made).action(perform<NewFlags>(new_));
	const use = escrow
		.command("use")
		.argument("<key>", "escrow.public")
		.description("have the registry seal its deposits with this key")
		.option("--fingerprint <symbols>", "the key's fingerprint as its holders read it; without it the terminal asks");
	withFolderFlag(withCommonFlags(use)).action(perform<UseFlags>(use_));
}

async function new_(context: CommandContext, { holders, needed, folder }: NewFlags): Promise<ExitCode> {
	if (needed > holders) throw new UsageError("more pages would be needed than there are");
	const publicFile = escrowKeyPath(folder);
	if (await isThere(publicFile)) throw new UsageError(`${publicFile} is there already: choose another folder`);
	const key = await makeEscrowKey(createNodeCrypto(), { holders, needed });
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const files: string[] = [];
	for (const page of key.pages) {
		const file = join(folder, `holdfast-escrow-share-${page.number}-of-${holders}.txt`);
		await writeDurably(file, escrowPageText(page), 0o600);
		files.push(file);
	}
	await writeDurably(publicFile, escrowKeyText(key), 0o644);
	context.output.result({ ok: true, fingerprint: key.fingerprint, holders, needed, publicFile, files }, [
		...files,
		`Print each page for one holder, and delete these files: any ${needed} of them open every deposit.`,
		`For the registry: ${publicFile}`,
		`Every holder writes down its fingerprint: ${key.fingerprint}`,
	]);
	return ExitCode.ok;
}

async function use_(context: CommandContext, flags: UseFlags, [file = ""]: readonly string[]): Promise<ExitCode> {
	const text = await readFile(file, "utf8").catch((cause: unknown) => {
		throw new UsageError(`${file}: cannot be read`, { cause });
	});
	const key = readEscrowKeyText(createNodeCrypto(), text);
	const missing = "say the fingerprint that the holders read to you: --fingerprint, or run this on a terminal";
	const heard = flags.fingerprint ?? (await askLine(context, "Type the fingerprint as the holders read it", missing));
	if (!sameFingerprint(heard, key.fingerprint))
		throw new KeysError(
			"FINGERPRINT_DIFFERS",
			`This key's fingerprint is ${key.fingerprint}, not the one you heard: it is not theirs.`,
		);
	const path = escrowKeyPath(folderOf(context, flags));
	if (await isThere(path))
		throw new UsageError(
			`${path} is there already. To change it, move it away first; deposits made with it open with its own pages alone`,
		);
	await writeDurably(path, escrowKeyText(key), 0o600);
	context.output.result({ ok: true, fingerprint: key.fingerprint, file: path }, [
		`Deposits are sealed with ${key.fingerprint} from now on; a running registry needs SIGHUP.`,
		"Make the first: holdfast code deposit --out FILE",
	]);
	return ExitCode.ok;
}

function count(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 2 || value > 15) throw new InvalidArgumentError("a whole number, 2 to 15.");
	return value;
}
