import { readFile, writeFile } from "node:fs/promises";

import type { Command } from "commander";
import { Type } from "typebox";
import { Check } from "typebox/value";

import { fromBase64 } from "../registry/base64.ts";
import { DepositContent, depositLabel } from "../registry/codes/escrow-deposit.ts";
import { csvLine } from "../registry/contracts/csv-line.ts";
import { type EscrowPage, joinEscrowPages, openFromEscrow, readEscrowPage } from "../registry/keys/escrow-key.ts";
import { isThere } from "../registry/keys/key-file.ts";
import { KeysError } from "../registry/keys/keys-error.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { openAdmin, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { UsageError } from "./usage-error.ts";

interface DepositFlags extends RegistryFlags {
	readonly out: string;
}

interface RecoverFlags {
	readonly share: readonly string[];
	readonly out?: string;
	readonly contract?: string;
}

/** A deposit: a line of JSON for its head, then one for each sealed page. */
const Head = Type.Object({ holdfast: Type.Literal("escrow-deposit/1"), lenderId: Type.String(), key: Type.String() });
const Line = Type.Object({ sealed: Type.String() });

/** `code deposit | recover`: all phones' release codes, for holders of the escrow key and nobody else. */
export function addCodeDeposit(code: Command): void {
	const deposit = code
		.command("deposit")
		.description("write all phones' release codes, sealed for the holders of the escrow key: every day, to a place of theirs")
		.requiredOption("--out <file>", "where it is written; never over another file");
	withRegistryFlags(withCommonFlags(deposit)).action(perform<DepositFlags>(deposit_));
	const recover = code
		.command("recover")
		.argument("<deposit>")
		.description("open a deposit with the holders' pages: codes that free every phone, without server or network")
		.requiredOption("--share <file...>", "as many pages as are needed")
		.option("--out <file>", "CSV of all codes; never over another file")
		.option("--contract <id>", "print this contract's code alone");
	withCommonFlags(recover).action(perform<RecoverFlags>(recover_));
}

async function deposit_(context: CommandContext, flags: DepositFlags): Promise<ExitCode> {
	const admin = await openAdmin(context, flags);
	let page = await admin.escrowDeposit();
	const { lenderId, key } = page;
	await writeNew(
		flags.out,
		`${JSON.stringify({ holdfast: "escrow-deposit/1", lenderId, key, madeAt: new Date(context.clock.nowMs()).toISOString() })}\n`,
	);
	let phones = 0;
	for (;;) {
		if (page.key !== key) throw new UsageError("the escrow key was changed while the deposit was made: make another");
		await writeFile(flags.out, `${JSON.stringify({ sealed: page.sealed })}\n`, { flag: "a" });
		phones += page.count;
		if (page.next === undefined) break;
		page = await admin.escrowDeposit(page.next);
	}
	context.output.result({ ok: true, lender: lenderId, key, phones, file: flags.out }, [
		`${flags.out}: ${phones} phones, sealed for the holders of ${key}.`,
		"Bring it to a place that outlives this lender. Whoever finds it learns nothing from it.",
	]);
	return ExitCode.ok;
}

async function recover_(context: CommandContext, flags: RecoverFlags, [file = ""]: readonly string[]): Promise<ExitCode> {
	if ((flags.out === undefined) === (flags.contract === undefined))
		throw new UsageError("say --out FILE for all, or --contract ID for one");
	const [head, ...lines] = await readDeposit(file);
	if (!Check(Head, head)) throw new UsageError(`${file} is no deposit`);
	const pages = await Promise.all(flags.share.map(readPage));
	if (pages.some(({ key }) => key !== head.key))
		throw new KeysError("ESCROW_SHARES_INVALID", `This deposit is sealed with ${head.key}, the shares are of ${pages[0]?.key}.`);
	const privateKey = await joinEscrowPages(createNodeCrypto(), pages);
	const releases = [];
	let next: string | undefined = "";
	for (const line of lines) {
		const plain = openFromEscrow(privateKey, depositLabel(head.lenderId), fromBase64(Check(Line, line) ? line.sealed : ""));
		const content: unknown = JSON.parse(Buffer.from(plain).toString("utf8"));
		if (!Check(DepositContent, content)) throw new UsageError(`${file}: a page holds something else`);
		if (content.after !== next) throw new UsageError(`${file}: a page is missing, twice there or out of order`);
		releases.push(...content.releases);
		next = content.next;
	}
	const isWhole = next === undefined;
	const found = flags.contract === undefined ? undefined : releases.find(({ contractId }) => contractId === flags.contract);
	if (flags.contract !== undefined) {
		if (!found) throw new UsageError(`${file} holds no code of ${flags.contract}${isWhole ? "" : ": its end is missing"}`);
		context.output.result({ ok: true, ...found }, [
			found.releaseCode,
			`Typed into the phone of contract ${found.contractId}, it frees it for ever.`,
		]);
		return ExitCode.ok;
	}
	const rows = releases.map(({ contractId, deviceId, imei1, imei2, releaseCode }) =>
		csvLine([contractId, imei1, imei2, deviceId, releaseCode]),
	);
	await writeNew(flags.out ?? "", [csvLine(["contract", "imei1", "imei2", "device", "release code"]), ...rows].join(""));
	context.output.result({ ok: isWhole, lender: head.lenderId, phones: releases.length, isWhole, file: flags.out }, [
		`${flags.out}: release codes of ${releases.length} phones. Whoever has this file can free them all.`,
		...(isWhole ? [] : ["THE END OF THE DEPOSIT IS MISSING: there were more phones. Look for a whole one."]),
	]);
	return isWhole ? ExitCode.ok : ExitCode.partial;
}

async function readDeposit(file: string): Promise<unknown[]> {
	const text = await readFile(file, "utf8").catch((cause: unknown) => {
		throw new UsageError(`${file}: cannot be read`, { cause });
	});
	try {
		const lines = text.split("\n");
		// Cut off inside a line: what is before it still opens.
		return lines.slice(0, -1).map((line): unknown => JSON.parse(line));
	} catch (cause) {
		throw new UsageError(`${file} is no deposit`, { cause });
	}
}

async function readPage(file: string): Promise<EscrowPage> {
	const text = await readFile(file, "utf8").catch((cause: unknown) => {
		throw new UsageError(`--share ${file}: cannot be read`, { cause });
	});
	const page = readEscrowPage(text.slice(0, 64 * 1024));
	if ("problem" in page) throw new UsageError(`--share ${file}: ${page.problem}`);
	return page;
}

async function writeNew(file: string, text: string): Promise<void> {
	if (await isThere(file)) throw new UsageError(`${file} is there already`);
	await writeFile(file, text, { flag: "wx", mode: 0o600 });
}
