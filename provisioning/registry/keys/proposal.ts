import { readFile } from "node:fs/promises";

import { decodeCanonical, encode } from "../../../proto/codec.ts";
import type { Crypto } from "../../../proto/crypto.ts";
import { PayloadType, type VerificationKey } from "../../../proto/envelope.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { acceptFirstKeySet, acceptNextKeySet, checkKeySet, checkSuccessor, grantOf, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { KeysError } from "./keys-error.ts";

/** Longest file of a ceremony that is read, in bytes: some hundred key sets. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The next key set before anybody signed it, with all that came before it, so that a machine without a network can judge it. */
export interface Proposal {
	/** Envelopes of key sets 1..N; none before the first. */
	readonly chain: readonly Uint8Array[];
	/** Key set N; `undefined` before the first. */
	readonly trusted: KeySet | undefined;
	readonly next: KeySet;
	/** The exact bytes that are signed. */
	readonly payload: Uint8Array;
	/** Of the payload: what is read aloud. */
	readonly fingerprint: string;
}

/** A proposal travels as a `NewKeys` message whose last envelope carries no signature yet. */
export function encodeProposal(chain: readonly Uint8Array[], payload: Uint8Array): Uint8Array {
	const unsigned = encode(wire.Envelope, { payload, payloadType: PayloadType.keySet, signatures: [] });
	return encode(wire.NewKeys, { keySetEnvelopes: [...chain, unsigned].map((envelope) => Uint8Array.from(envelope)) });
}

/**
 * Reads a proposal and checks all that can be checked without signatures: the chain, and that the next key set may follow it.
 *
 * @throws {KeysError} PROPOSAL_INVALID.
 */
export async function readProposal(crypto: Crypto, path: string): Promise<Proposal> {
	const bytes = await readCeremonyFile(path, "PROPOSAL_INVALID");
	try {
		const { keySetEnvelopes } = decodeCanonical(wire.NewKeys, bytes);
		const chain = keySetEnvelopes.slice(0, -1);
		const unsigned = decodeCanonical(wire.Envelope, keySetEnvelopes.at(-1) ?? new Uint8Array());
		if (unsigned.payloadType !== PayloadType.keySet) throw new ProtocolError("WRONG_TYPE", "its last part is no key set");
		if (unsigned.signatures.length > 0) throw new ProtocolError("WRONG_TYPE", "its last part is signed already");
		let trusted: KeySet | undefined;
		for (const envelope of chain) {
			trusted = trusted ? acceptNextKeySet(crypto, trusted, envelope) : acceptFirstKeySet(crypto, envelope);
		}
		const next = decodeCanonical(wire.KeySet, unsigned.payload);
		if (trusted) checkSuccessor(crypto, trusted, next);
		else {
			checkKeySet(crypto, next);
			if (next.version !== 1) throw new ProtocolError("KEY_SET_GAP", "the first key set has version 1");
		}
		const { payload } = unsigned;
		return { chain, trusted, next, payload, fingerprint: fingerprintOf(crypto, payload) };
	} catch (cause) {
		if (!(cause instanceof ProtocolError)) throw cause;
		throw new KeysError(
			"PROPOSAL_INVALID",
			`${path} is no proposal that could become a key set: ${cause.message} (${cause.code}). Fetch it again.`,
			{ cause },
		);
	}
}

/** Root keys that may sign: those of the trusted key set and those of the next, each once. */
export function rootKeysOf({ trusted, next }: Pick<Proposal, "trusted" | "next">): VerificationKey[] {
	const keys = new Map<string, VerificationKey>();
	for (const keySet of trusted ? [trusted, next] : [next]) {
		for (const key of grantOf(keySet, wire.Role.ROLE_ROOT).keys) keys.set(key.keyid, key);
	}
	return [...keys.values()];
}

/** Reads a file that somebody carried here. @throws {KeysError} of the given code. */
export async function readCeremonyFile(path: string, code: "PROPOSAL_INVALID" | "SIGNATURE_INVALID"): Promise<Uint8Array> {
	const bytes = await readFile(path).catch((cause: unknown) => {
		throw new KeysError(code, `${path} cannot be read.`, { cause });
	});
	if (bytes.length === 0 || bytes.length > MAX_FILE_BYTES) throw new KeysError(code, `${path} is empty or far too long.`);
	return Uint8Array.from(bytes);
}

/**
 * Refuses a key set that could not be used now.
 *
 * @param nowMs by this machine's own clock, which on a machine without a network may be wrong.
 * @throws {KeysError} KEY_SET_EXPIRED.
 */
export function requireInTime(keySet: KeySet, nowMs: number): void {
	const now = Math.trunc(nowMs / 1000);
	const today = new Date(nowMs).toISOString().slice(0, 10);
	const clock = `This machine says that today is ${today}: if that is wrong, set its clock and run this again.`;
	const over = keySet.roles.find(({ expiresAtUnixSeconds: end }) => end !== 0 && end <= now);
	if (over)
		throw new KeysError("KEY_SET_EXPIRED", `A role of this key set has ended already. ${clock} Else have a new one proposed.`);
	if (keySet.issuedAtUnixSeconds > now + 24 * 3600) {
		throw new KeysError("KEY_SET_EXPIRED", `This key set was made in the future. ${clock} Else have a new one proposed.`);
	}
}
