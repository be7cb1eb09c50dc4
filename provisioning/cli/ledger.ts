import { access, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { type Command, Option } from "commander";

import type { RegistryDatabase } from "../registry/database/database.ts";
import type { KeyProtection } from "../registry/keys/key-file.ts";
import type { LenderKeys } from "../registry/keys/lender-keys.ts";
import type { LedgerSummary } from "../registry/ledger/export-ledger.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { defaultDataFolder } from "./registry-access.ts";
import { askPassphrase } from "./secret-prompt.ts";
import { tokenPlace } from "./token-place.ts";
import { UsageError } from "./usage-error.ts";

interface PlaceFlags {
	readonly data?: string;
	readonly keys?: string;
	readonly database?: string;
	readonly passphraseFile?: string;
	readonly insecureDev?: boolean;
}

interface ExportFlags extends PlaceFlags {
	readonly out: string;
	readonly sealTo?: string;
}

interface ImportFlags extends PlaceFlags {
	readonly identityFile?: string;
}

/** The whole ledger as one file: for a lender who moves to another host, or whose host is gone. */
export function addLedger(program: Command): void {
	const ledger = program.command("ledger").description("everything a lender has in the registry, as one signed file");
	const export_ = ledger
		.command("export")
		.description("write the whole ledger to a file; run it where the registry runs, which may go on working")
		.requiredOption("--out <file>", "a new file (gzip, one JSON object a line)")
		.option("--seal-to <recipient>", "take the secrets of codes along, for this age recipient alone (age1...); see keygen");
	withPlace(withCommonFlags(export_)).action(perform<ExportFlags>(exportTo));
	const import_ = ledger
		.command("import")
		.argument("<file>")
		.description("take a ledger's file into an empty registry with the lender's own key folder: all of it, or nothing")
		.option("--identity-file <file>", "the recipient's key, where the file holds secrets for it");
	withPlace(withCommonFlags(import_)).action(perform<ImportFlags>(importFrom));
	const verify = ledger
		.command("verify")
		.argument("<file>")
		.description("check every line and the signature of a ledger's file; needs the lender's key folder and no database");
	withPlace(withCommonFlags(verify)).action(perform<PlaceFlags>(verifyFile));
	const keygen = ledger
		.command("keygen")
		.description("make a recipient for --seal-to: its key goes to a file, as age-keygen makes it")
		.requiredOption("--to <file>", "a new file, mode 0600: whoever has it opens the secrets");
	withCommonFlags(keygen).action(perform<{ readonly to: string }>(makeRecipient));
}

function withPlace(command: Command): Command {
	return command
		.option("--data <folder>", "the registry's data folder (default: the user's)")
		.option("--keys <folder>", "the lender's keys (default: keys/ in the data folder)")
		.addOption(new Option("--database <url>", "any PostgreSQL instead of the own one").env("HOLDFAST_DATABASE"))
		.option("--passphrase-file <file>", "file that holds the keys' passphrase; without it the terminal asks")
		.option("--insecure-dev", "open unencrypted keys, for trying things out only");
}

async function exportTo(context: CommandContext, flags: ExportFlags): Promise<ExitCode> {
	if (await isThere(flags.out)) throw new UsageError(`--out ${flags.out}: there is a file of this name, which is left as it is`);
	const { writeLedgerFile } = await import("../registry/ledger/write-ledger-file.ts");
	return withPlaces(context, flags, async (database, keys) => {
		const summary = await writeLedgerFile(flags.out, {
			...{ database, keys, crypto: createNodeCrypto(), nowUnixSeconds: now(context), signal: context.signal },
			...(flags.sealTo === undefined ? {} : { sealTo: flags.sealTo }),
		});
		if (!summary.hasSecrets)
			context.output.note(
				"The secrets of codes stay behind: where this file is imported, no code can be made for these phones. To take them along: --seal-to.",
			);
		context.output.result({ ok: true, file: flags.out, ...summary }, [`${flags.out}: ${counted(summary)}`]);
		return ExitCode.ok;
	});
}

async function importFrom(context: CommandContext, flags: ImportFlags, [path = ""]: readonly string[]): Promise<ExitCode> {
	const { importLedger } = await import("../registry/ledger/import-ledger.ts");
	const identity = flags.identityFile === undefined ? undefined : await readIdentity(flags.identityFile);
	return withPlaces(context, flags, async (database, keys) => {
		const imported = await importLedger({
			...{ path, database, keys, crypto: createNodeCrypto(), nowUnixSeconds: now(context), signal: context.signal },
			...(identity === undefined ? {} : { identity }),
		});
		if (!imported.hasSecrets) context.output.note("No secrets came along: no code can be made here for these phones.");
		if (imported.isOtherVault)
			context.output.note(
				"This key folder has another vault: give each borrower a new code to their page (contract borrower-code).",
			);
		context.output.note(
			"Left to do: start the registry, let people sign in anew, rotate each program's token and each webhook's secret.",
		);
		context.output.result({ ok: true, ...imported }, [`Imported: ${counted(imported)}`]);
		return ExitCode.ok;
	});
}

async function verifyFile(context: CommandContext, flags: PlaceFlags, [path = ""]: readonly string[]): Promise<ExitCode> {
	const { readLedger } = await import("../registry/ledger/read-ledger.ts");
	const keys = await openKeys(context, flags);
	let facts: Record<string, unknown> = {};
	let text = "";
	for await (const part of readLedger(path, keys, createNodeCrypto())) {
		context.signal.throwIfAborted();
		if (part.kind === "head") {
			const { exportId, lenderId, madeAtUnixSeconds, transferKey } = part.head;
			facts = { exportId, lenderId, madeAtUnixSeconds, hasSecrets: transferKey !== undefined };
			text = `lender ${lenderId}, made ${new Date(madeAtUnixSeconds * 1000).toISOString()}`;
		} else if (part.kind === "end") facts = { ...facts, lines: part.lines, rows: part.end.rows };
	}
	context.output.result({ ok: true, ...facts }, [`Whole and signed: ${text}, ${String(facts["lines"])} lines.`]);
	return ExitCode.ok;
}

async function makeRecipient({ output }: CommandContext, { to }: { readonly to: string }): Promise<ExitCode> {
	const { makeIdentity } = await import("../registry/ledger/transfer-key.ts");
	const place = await tokenPlace(to, undefined);
	const { identity, recipient } = await makeIdentity();
	await place.put(identity);
	output.result({ ok: true, recipient, identityFile: place.path }, [recipient]);
	return ExitCode.ok;
}

/** Opens what `holdfast serve` would with the same flags, and closes it again. */
async function withPlaces(
	context: CommandContext,
	flags: PlaceFlags,
	work: (database: RegistryDatabase, keys: LenderKeys) => Promise<ExitCode>,
): Promise<ExitCode> {
	const { openChosenDatabase } = await import("../registry/start-registry.ts");
	const keys = await openKeys(context, flags);
	const dataFolder = resolve(flags.data ?? defaultDataFolder(context.environment));
	await mkdir(dataFolder, { recursive: true, mode: 0o700 });
	const undo: (() => Promise<void>)[] = [];
	try {
		return await work(await openChosenDatabase(flags.database, dataFolder, undo), keys);
	} finally {
		for (const step of undo.reverse()) await step();
	}
}

async function openKeys(context: CommandContext, flags: PlaceFlags): Promise<LenderKeys> {
	const { openRoleSigners } = await import("../registry/keys/lender-keys.ts");
	const folder = flags.keys ?? join(flags.data ?? defaultDataFolder(context.environment), "keys");
	const protection: KeyProtection = flags.insecureDev
		? { insecureDev: true }
		: { passphrase: await askPassphrase(context, "Passphrase for the keys", flags.passphraseFile) };
	return openRoleSigners(folder, protection);
}

async function readIdentity(file: string): Promise<string> {
	const text = await readFile(file, "utf8").catch((cause: unknown) => {
		throw new UsageError(`--identity-file ${file}: cannot be read`, { cause });
	});
	// age-keygen writes comments before it.
	const line = text.split("\n").find((each) => each.startsWith("AGE-SECRET-KEY-1"));
	if (line === undefined) throw new UsageError(`--identity-file ${file}: holds no AGE-SECRET-KEY-1...`);
	return line.trim();
}

function counted({ rows, lines }: LedgerSummary): string {
	const { contracts = 0, payments = 0, audit_log: audit = 0 } = rows;
	return `${contracts} contracts, ${payments} payments, ${audit} entries of the audit log, ${lines} lines in all.`;
}

function now(context: CommandContext): number {
	return Math.floor(context.clock.nowMs() / 1000);
}

async function isThere(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}
