import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Crypto } from "../../../proto/crypto.ts";
import { PayloadType, readEnvelope, sealBytes } from "../../../proto/envelope.ts";
import { fingerprintOf, sameFingerprint, spokenKeyid } from "./fingerprint.ts";
import { isThere, type KeyProtection, readKeyFile, writeDurably } from "./key-file.ts";
import { KeysError } from "./keys-error.ts";
import { type Proposal, rootKeysOf } from "./proposal.ts";

export interface SignProposalOptions {
	readonly crypto: Crypto;
	readonly proposal: Proposal;
	/** The holder's own key file. What it has signed before is remembered in the folder that it lies in. */
	readonly keyFile: string;
	readonly protection: KeyProtection;
	/** The fingerprint that the holder heard from the others. */
	readonly heard: string;
	/** Fingerprint of another key set that the holder signed before and that was given up. */
	readonly insteadOf?: string;
	/** Where the signature is written. Default: beside the key. */
	readonly outFolder?: string;
}

/** One holder's signature. */
export interface RootSignature {
	readonly keyid: string;
	/** To be carried to the registry's machine. */
	readonly file: string;
}

/**
 * Signs a proposal with one holder's root key, if it is the one that the others speak of, does not follow from another past than
 * the one this holder signed, and is the only one of its version.
 *
 * @throws {KeysError} FINGERPRINT_DIFFERS, SIGNED_ANOTHER, NOT_A_ROOT_KEY, and those of opening a key file.
 */
export async function signProposal(options: SignProposalOptions): Promise<RootSignature> {
	const { crypto, proposal, keyFile } = options;
	const { next, payload, fingerprint } = proposal;
	if (!sameFingerprint(options.heard, fingerprint)) {
		throw new KeysError(
			"FINGERPRINT_DIFFERS",
			`This proposal's fingerprint is ${fingerprint}, not the one you heard. Do not sign: somebody holds another file.`,
		);
	}
	const memory = join(dirname(keyFile), "signed");
	await requireSamePast(crypto, memory, options);
	const signer = await readKeyFile(crypto, keyFile, options.protection);
	if (!rootKeysOf(proposal).some(({ keyid }) => keyid === signer.keyid)) {
		throw new KeysError(
			"NOT_A_ROOT_KEY",
			`${spokenKeyid(signer.keyid)} is a root key neither before nor after this change: nobody would count its signature.`,
		);
	}
	const envelope = await sealBytes(PayloadType.keySet, payload, [signer]);
	// Remembered first: a signature that nobody knows of must not exist.
	await mkdir(memory, { recursive: true, mode: 0o700 });
	const note = notePath(memory, next, fingerprint);
	if (!(await isThere(note))) await writeDurably(note, payload, 0o600);
	const folder = options.outFolder ?? dirname(keyFile);
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const file = join(folder, `key-set-${next.version}-${fingerprint.slice(0, 4)}.${signer.keyid.slice(0, 8)}.signature`);
	if (!(await isThere(file))) await writeDurably(file, envelope, 0o644);
	return { keyid: signer.keyid, file };
}

/** A holder must never sign two key sets of one version, nor one that forgets what was signed before. */
async function requireSamePast(
	crypto: Crypto,
	memory: string,
	{ proposal, insteadOf }: Pick<SignProposalOptions, "proposal" | "insteadOf">,
): Promise<void> {
	const names = await readdir(memory).catch(() => []);
	const givenUp = (fingerprint: string) => insteadOf !== undefined && sameFingerprint(insteadOf, fingerprint);
	const signedBefore = async (version: number) => {
		const own = names.filter((name) => name.startsWith(`${proposal.next.lenderId}.${version}.`));
		const notes = await Promise.all(own.map((name) => readFile(join(memory, name))));
		return notes.map((note) => fingerprintOf(crypto, note)).filter((fingerprint) => !givenUp(fingerprint));
	};
	for (const [index, envelope] of proposal.chain.entries()) {
		const there = fingerprintOf(crypto, readEnvelope(envelope, PayloadType.keySet).payload);
		const before = await signedBefore(index + 1);
		if (before.length === 0 || before.includes(there)) continue;
		throw new KeysError(
			"SIGNED_ANOTHER",
			`Key set ${index + 1} in this proposal (${there}) is not the one that you signed (${before[0]}). Do not sign: ask who made it. If yours was given up and never installed, say --instead-of ${before[0]}.`,
		);
	}
	for (const before of await signedBefore(proposal.next.version)) {
		if (before === proposal.fingerprint) continue;
		throw new KeysError(
			"SIGNED_ANOTHER",
			`You signed another key set ${proposal.next.version} before, with the fingerprint ${before}. Two of one version split the phones. If that one was given up and never installed, say --instead-of ${before}.`,
		);
	}
}

function notePath(memory: string, { lenderId, version }: Proposal["next"], fingerprint: string): string {
	return join(memory, `${lenderId}.${version}.${fingerprint}`);
}
