import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { type Command, InvalidArgumentError } from "commander";

import { combineSignatures } from "../registry/keys/combine-signatures.ts";
import { installKeySet } from "../registry/keys/install-key-set.ts";
import { writeDurably } from "../registry/keys/key-file.ts";
import { type OnlineRole, readKeySetChain } from "../registry/keys/key-folder.ts";
import { keySetWords } from "../registry/keys/key-set-words.ts";
import { KeysError } from "../registry/keys/keys-error.ts";
import { makeKeysInFiles } from "../registry/keys/make-online-key.ts";
import { type Proposal, readProposal, requireInTime } from "../registry/keys/proposal.ts";
import { proposeKeySet, rootLines } from "../registry/keys/propose-key-set.ts";
import { makeRootKey, readRootPart } from "../registry/keys/root-part.ts";
import { signProposal } from "../registry/keys/sign-proposal.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import {
	folderOf,
	type KeyFlags,
	type PassphraseFlags,
	protectionOf,
	withFolderFlag,
	withKeyFlags,
	withPassphraseFlags,
} from "./key-flags.ts";
import { askLine } from "./secret-prompt.ts";
import { keyMakerOf, roleNamed, roles, type TokenFlags, withTokenFlags } from "./token-flags.ts";
import { UsageError } from "./usage-error.ts";

interface RootNewFlags extends PassphraseFlags {
	readonly folder: string;
}

interface ProposeFlags extends KeyFlags, TokenFlags {
	readonly lender?: string;
	readonly root?: readonly string[];
	readonly renew?: readonly OnlineRole[];
	readonly days?: Partial<Record<OnlineRole, number>>;
	readonly newEpoch?: boolean;
}

interface SignFlags extends PassphraseFlags {
	readonly key: string;
	readonly fingerprint?: string;
	readonly insteadOf?: string;
	readonly out?: string;
}

interface CombineFlags {
	readonly out?: string;
}

const DAY_SECONDS = 24 * 3600;

/** `keys root new | propose | sign | combine | install | show`: the ceremony, a file carried between machines at each step. */
export function addKeyCeremony(keys: Command): void {
	const root = keys.command("root").description("one holder's root key");
	const rootNew = root
		.command("new")
		.description("make one holder's root key, on the holder's own machine or stick")
		.requiredOption("--folder <folder>", "the holder's own folder");
	withPassphraseFlags(withCommonFlags(rootNew)).action(perform<RootNewFlags>(rootNew_));

	const propose = keys
		.command("propose")
		.description("make new online keys here, and the key set that would grant them, for the holders of root keys to sign")
		.option("--lender <id>", "the lender's id in every signed message, for the first key set")
		.option("--root <file-or-id...>", "the three root keys: public parts, or ids of those that stay (default: the present ones)")
		.option("--renew <roles>", "roles that get a new key, such as command,heartbeat (default: all)", roles)
		.option("--days <role=days...>", "how long a renewed role's key may sign, such as command=60", days, {})
		.option("--new-epoch", "have phones count orders anew, after a theft");
	withKeyFlags(withTokenFlags(withCommonFlags(propose))).action(perform<ProposeFlags>(propose_));

	const sign = keys
		.command("sign")
		.argument("<proposal>")
		.description("show one holder what a proposal changes, and sign it with that holder's root key")
		.requiredOption("--key <file>", "the holder's root key")
		.option("--fingerprint <symbols>", "the proposal's fingerprint as it was read aloud; without it the terminal asks")
		.option("--instead-of <symbols>", "fingerprint of a key set that you signed before and that was given up")
		.option("--out <folder>", "where the signature is written (default: beside the key)");
	withPassphraseFlags(withCommonFlags(sign)).action(perform<SignFlags>(sign_));

	const combine = keys
		.command("combine")
		.argument("<proposal>")
		.argument("<signature...>")
		.description("put the holders' signatures under a proposal")
		.option("--out <file>", "where the signed key set is written (default: beside the proposal)");
	withCommonFlags(combine).action(perform<CombineFlags>(combine_));

	const install = keys
		.command("install")
		.argument("<key-set>")
		.description("make a signed key set the registry's next one; a running registry takes it up by itself");
	withFolderFlag(withCommonFlags(install)).action(perform<Pick<KeyFlags, "folder">>(install_));

	const show = keys
		.command("show")
		.argument("[file]", "a proposal or a root key's public part (default: the registry's present key set)")
		.description("say in plain words what a file of the ceremony, or the present key set, holds");
	withFolderFlag(withCommonFlags(show)).action(perform<Pick<KeyFlags, "folder">>(show_));
}

async function rootNew_(context: CommandContext, flags: RootNewFlags): Promise<ExitCode> {
	const protection = await protectionOf(context, flags, "New passphrase for your root key");
	if (!flags.insecureDev && flags.passphraseFile === undefined) {
		const again = await protectionOf(context, flags, "The same passphrase again");
		if ("passphrase" in again && "passphrase" in protection && again.passphrase !== protection.passphrase) {
			throw new UsageError("the two passphrases are not the same; nothing was made");
		}
	}
	const made = await makeRootKey(createNodeCrypto(), flags.folder, protection);
	const { keyid, fingerprint, keyFile, publicFile } = made;
	context.output.result({ ok: true, keyid, fingerprint, keyFile, publicFile }, [
		`Your root key: ${keyFile}`,
		"It stays with you. Copy its folder once, to a second stick in another safe.",
		`Its public part, to be carried to the registry's machine: ${publicFile}`,
		`Write down, and read aloud when you are asked: ${fingerprint}`,
	]);
	return ExitCode.ok;
}

async function propose_(context: CommandContext, flags: ProposeFlags): Promise<ExitCode> {
	const crypto = createNodeCrypto();
	const protection = await protectionOf(context, flags, "Passphrase for the registry's keys");
	const { proposal, file, onlineFiles } = await proposeKeySet({
		crypto,
		folder: folderOf(context, flags),
		...(flags.lender === undefined ? {} : { lenderId: flags.lender }),
		...(flags.root === undefined ? {} : { roots: flags.root }),
		...(flags.renew === undefined ? {} : { renew: flags.renew }),
		...(flags.days === undefined ? {} : { lifetimes: flags.days }),
		newEpoch: flags.newEpoch ?? false,
		makeKey: keyMakerOf(crypto, flags, makeKeysInFiles(crypto, protection)),
		protection,
		nowMs: context.clock.nowMs(),
	});
	const words = keySetWords(proposal.trusted, proposal.next);
	context.output.result({ ok: true, proposal: file, ...documentOf(proposal), onlineFiles, words }, [
		...words,
		"",
		"The root keys and the fingerprints that their holders have to say:",
		...rootLines(crypto, proposal).map((line) => `  ${line}`),
		"",
		`Proposal: ${file}`,
		`Read aloud: ${proposal.fingerprint}`,
		"Nothing has changed yet. Carry the proposal to two holders at least: holdfast keys sign",
	]);
	return ExitCode.ok;
}

async function sign_(context: CommandContext, flags: SignFlags, [file = ""]: readonly string[]): Promise<ExitCode> {
	const crypto = createNodeCrypto();
	const proposal = await readProposal(crypto, file);
	const words = keySetWords(proposal.trusted, proposal.next);
	for (const line of words) context.output.note(line);
	requireInTime(proposal.next, context.clock.nowMs());
	const heard =
		flags.fingerprint ??
		(await askLine(
			context,
			"Type the fingerprint as it was read to you; an empty line signs nothing",
			"say the fingerprint that you heard: --fingerprint, or run this on a terminal",
		));
	if (heard.trim() === "") throw new UsageError("nothing was signed");
	const signature = await signProposal({
		crypto,
		proposal,
		keyFile: flags.key,
		protection: await protectionOf(context, flags, "Passphrase of your root key"),
		heard,
		...(flags.insteadOf === undefined ? {} : { insteadOf: flags.insteadOf }),
		...(flags.out === undefined ? {} : { outFolder: flags.out }),
	});
	context.output.result({ ok: true, ...documentOf(proposal), ...signature, words }, [
		`Signed by ${signature.keyid}: ${signature.file}`,
		"Carry it to the registry's machine.",
	]);
	return ExitCode.ok;
}

async function combine_(
	context: CommandContext,
	flags: CombineFlags,
	[file = "", ...signatures]: readonly string[],
): Promise<ExitCode> {
	const crypto = createNodeCrypto();
	const proposal = await readProposal(crypto, file);
	const { envelope, signedBy, repeated } = await combineSignatures(crypto, proposal, signatures);
	const out = flags.out ?? `${file.replace(/\.proposal$/, "")}.envelope`;
	await writeDurably(out, envelope, 0o644).catch((cause: unknown) => {
		if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") {
			throw new UsageError(`${out} is there already: install it, or take another name with --out`, { cause });
		}
		throw cause;
	});
	for (const each of repeated) context.output.note(`${each}: its signer had signed already, and counts once.`);
	context.output.result({ ok: true, ...documentOf(proposal), keySet: out, signedBy, repeated: repeated.length }, [
		`Signed by ${signedBy.length}: ${signedBy.join(", ")}`,
		`Key set: ${out}`,
		"Install it on every registry machine: holdfast keys install",
	]);
	return ExitCode.ok;
}

async function install_(
	context: CommandContext,
	flags: Pick<KeyFlags, "folder">,
	[file = ""]: readonly string[],
): Promise<ExitCode> {
	const bytes = await readFile(file).catch((cause: unknown) => {
		throw new UsageError(`${file}: cannot be read`, { cause });
	});
	const envelope = Uint8Array.from(bytes);
	const folder = folderOf(context, flags);
	const { keySet, isNew } = await installKeySet({ crypto: createNodeCrypto(), folder, envelope, nowMs: context.clock.nowMs() });
	const { lenderId, version, epoch } = keySet;
	context.output.result({ ok: true, lender: lenderId, version, epoch, isNew, keySetSha256: sha256(envelope) }, [
		isNew
			? `Key set ${version} of ${lenderId} is in force, epoch ${epoch}.`
			: `Key set ${version} was installed before: nothing changed.`,
		`SHA-256 of its envelope: ${sha256(envelope)}`,
		"A running registry takes it up within half a minute, or at once when it gets SIGHUP.",
	]);
	return ExitCode.ok;
}

async function show_(context: CommandContext, flags: Pick<KeyFlags, "folder">, [file]: readonly string[]): Promise<ExitCode> {
	const crypto = createNodeCrypto();
	if (file === undefined) {
		const { keySets, envelopes } = await readKeySetChain(crypto, folderOf(context, flags));
		const [current, before] = [keySets.at(-1), keySets.at(-2)];
		if (!current) throw new KeysError("KEYS_MISSING", "There is no key set here.");
		const words = keySetWords(before, current);
		const pin = sha256(envelopes[0] ?? new Uint8Array());
		context.output.result({ ok: true, lender: current.lenderId, version: current.version, epoch: current.epoch, pin, words }, [
			...words,
			`SHA-256 of the first key set's envelope, for stations to pin: ${pin}`,
		]);
		return ExitCode.ok;
	}
	if (file.endsWith(".public")) {
		const { keyid, fingerprint } = await readRootPart(crypto, file);
		context.output.result({ ok: true, keyid, fingerprint }, [`Root key ${keyid}`, `Fingerprint: ${fingerprint}`]);
		return ExitCode.ok;
	}
	const proposal = await readProposal(crypto, file);
	const words = keySetWords(proposal.trusted, proposal.next);
	context.output.result({ ok: true, ...documentOf(proposal), words }, [...words, `Fingerprint: ${proposal.fingerprint}`]);
	return ExitCode.ok;
}

function documentOf({ next, fingerprint }: Proposal) {
	return { lender: next.lenderId, version: next.version, epoch: next.epoch, fingerprint };
}

function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

function days(text: string, before: Partial<Record<OnlineRole, number>>): Partial<Record<OnlineRole, number>> {
	const [name = "", count = ""] = text.split("=");
	const value = Number(count);
	if (!Number.isInteger(value) || value < 1 || value > 20 * 365) throw new InvalidArgumentError("say it like command=60.");
	return { ...before, [roleNamed(name)]: value * DAY_SECONDS };
}
