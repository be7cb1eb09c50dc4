import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Command, InvalidArgumentError, Option } from "commander";
import { writeReleaseCode } from "../../proto/release-code.ts";
import { readRequestNumber } from "../../proto/request-number.ts";
import type { CodeRequest, IssuedCode } from "../registry/api.ts";
import { type EscrowShare, joinShares, readSharePage, type ShareProblem, sharePage } from "../registry/codes/escrow-share.ts";
import { isThere, writeDurably } from "../registry/keys/key-file.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { addCodeDeposit } from "./code-deposit.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { openAdmin, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { UsageError } from "./usage-error.ts";

interface IssueFlags extends RegistryFlags {
	readonly kind: CodeRequest["kind"];
	readonly request?: string;
	readonly days?: number;
	readonly hours?: number;
	readonly requestId?: string;
}

interface ReleaseFlags extends RegistryFlags {
	readonly share?: readonly string[];
}

interface EscrowFlags extends RegistryFlags {
	readonly folder: string;
}

const SHARE_PROBLEMS: Readonly<Record<ShareProblem, string>> = {
	OF_TWO_CONTRACTS: "the two shares are of two contracts",
	OF_TWO_SETS: "the two shares are of two sets: look for another one whose SET and FINGERPRINT are the same",
	TWICE_THE_SAME: "this is the same share twice: bring another one",
	WRONG_SECRET: "the two shares do not give this contract's release code: one of them was copied wrongly",
};

export function addCode(program: Command): void {
	const code = program.command("code").description("offline codes: digits that open a phone without a network");
	const issue = code
		.command("issue")
		.argument("<contract>")
		.description("make a time code, to be read out or sent; a code is not a payment")
		.addOption(
			new Option(
				"--kind <kind>",
				"set: paid until so many days from now; add: so many days more; contact: only reached; service: a technician's hours; automatic: as add, for a text message",
			)
				.choices(["set", "add", "contact", "service", "automatic"])
				.makeOptionMandatory(),
		)
		.option("--request <digits>", "the request number on the phone's screen, eight digits", requestDigits)
		.option("--days <count>", "for set, add and automatic: 1 to 999", whole(999))
		.option("--hours <count>", "for service: 1 to 24", whole(24))
		.option("--request-id <id>", "the same id again gives the same code, such as the payment's reference");
	withRegistryFlags(withCommonFlags(issue)).action(perform<IssueFlags>(issue_));
	const release = code
		.command("release")
		.argument("[contract]", "a contract that has ended; none with --share")
		.description("the code that frees a phone for ever: from the registry after the payoff, or from two shares without it")
		.option("--share <file...>", "two of the three pages that holdfast code escrow wrote; no server is asked");
	withRegistryFlags(withCommonFlags(release)).action(perform<ReleaseFlags>(release_));
	const escrow = code
		.command("escrow")
		.argument("<contract>")
		.description("split the release code into three pages, of which two free the phone, for when this registry is gone")
		.requiredOption("--folder <folder>", "where the pages are written; print them and delete them there");
	withRegistryFlags(withCommonFlags(escrow)).action(perform<EscrowFlags>(escrow_));
	addCodeDeposit(code);
}

async function issue_(context: CommandContext, flags: IssueFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const request = requestOf(flags);
	const issued = await (await openAdmin(context, flags)).issueCode(contractId, request);
	context.output.result({ ok: true, ...issued }, [issued.code, meaning(issued), ...warnings(issued)]);
	return ExitCode.ok;
}

function requestOf({ kind, request, days, hours, requestId }: IssueFlags): CodeRequest {
	const basis = requestId === undefined ? {} : { requestId };
	if (kind === "automatic") {
		if (request !== undefined)
			throw new UsageError("an automatic code answers no number: leave --request out, or say --kind add");
		return { kind, days: given(days, "--days"), ...basis };
	}
	const question = { requestNumber: given(request, "--request"), ...basis };
	if (kind === "contact") return { kind, ...question };
	if (kind === "service") return { kind, hours: given(hours, "--hours"), ...question };
	return { kind, days: given(days, "--days"), ...question };
}

function given<Value>(value: Value | undefined, flag: string): Value {
	if (value === undefined) throw new UsageError(`this kind of code needs ${flag}`);
	return value;
}

function meaning({ kind, value }: Pick<IssuedCode, "kind" | "value">): string {
	const sentences: Readonly<Record<IssuedCode["kind"], string>> = {
		set: `Paid until ${value} days from when it is typed, by the phone's own time, or longer if it already was.`,
		add: `Paid for ${value} days more.`,
		contact: "The phone counts as reached; nothing is extended.",
		service: `Debugging over USB for ${value} hours from when it is typed.`,
		automatic: `Paid for ${value} days more. It can be sent without asking for a number.`,
	};
	return sentences[kind];
}

function warnings({ rivals }: IssuedCode): string[] {
	return rivals.map(
		({ kind, value }) =>
			`Careful: ${kind} ${value} was given out for the same turn. The phone takes the first that is typed, and the other is lost.`,
	);
}

async function release_(context: CommandContext, flags: ReleaseFlags, [contractId]: readonly string[]): Promise<ExitCode> {
	if (flags.share !== undefined) return releaseFromShares(context, flags.share);
	if (contractId === undefined) throw new UsageError("say which contract, or give two --share files");
	const { releaseCode, certificateId } = await (await openAdmin(context, flags)).releaseCode(contractId);
	context.output.result({ ok: true, contract: contractId, releaseCode, certificateId }, [
		releaseCode,
		`Typed into the phone, it frees it for ever (certificate ${certificateId}).`,
	]);
	return ExitCode.ok;
}

async function releaseFromShares({ output }: CommandContext, files: readonly string[]): Promise<ExitCode> {
	const [first, second, ...more] = await Promise.all(files.map(readShare));
	if (!first || !second || more.length > 0) throw new UsageError("two shares are needed: --share FILE --share FILE");
	const joined = await joinShares(createNodeCrypto(), first, second);
	if ("problem" in joined) throw new UsageError(SHARE_PROBLEMS[joined.problem]);
	const releaseCode = writeReleaseCode(joined.secret);
	output.result({ ok: true, contract: first.contractId, releaseCode }, [
		releaseCode,
		`Typed into the phone of contract ${first.contractId}, it frees it for ever.`,
	]);
	return ExitCode.ok;
}

async function readShare(file: string): Promise<EscrowShare> {
	const text = await readFile(file, "utf8").catch((cause: unknown) => {
		throw new UsageError(`--share ${file}: cannot be read`, { cause });
	});
	const share = readSharePage(text.slice(0, 64 * 1024));
	if ("problem" in share) throw new UsageError(`--share ${file}: ${share.problem}`);
	return share;
}

async function escrow_(context: CommandContext, flags: EscrowFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const files = [1, 2, 3].map((number) => join(flags.folder, `holdfast-share-${contractId}-${number}-of-3.txt`));
	// Asked first: shares of two splittings do not fit together, so pages are never mixed in one folder.
	for (const file of files) if (await isThere(file)) throw new UsageError(`${file} is there already: choose another folder`);
	const { deviceId, set, fingerprint, shares } = await (await openAdmin(context, flags)).splitReleaseSecret(contractId);
	await mkdir(flags.folder, { recursive: true, mode: 0o700 });
	for (const [index, share] of shares.entries()) {
		const page = sharePage({ contractId, deviceId, set, fingerprint, share, number: index + 1 });
		await writeDurably(files[index] ?? "", page, 0o600); // as many files as shares: the schema demands three
	}
	context.output.result({ ok: true, contract: contractId, set, fingerprint, files }, [
		...files,
		"Print the three pages, put each in another place, and delete these files: whoever has two of them has the phone.",
	]);
	return ExitCode.ok;
}

function requestDigits(text: string): string {
	if (!readRequestNumber(text))
		throw new InvalidArgumentError("eight digits whose last one fits the others; one was misheard, so ask for them again.");
	return text.replace(/[\s-]/g, "");
}

function whole(most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (!Number.isInteger(value) || value < 1 || value > most) throw new InvalidArgumentError(`a whole number, 1 to ${most}`);
		return value;
	};
}
