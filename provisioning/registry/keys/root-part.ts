import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { decodeCanonical, encode } from "../../../proto/codec.ts";
import { type Crypto, keyidOf, type Signer } from "../../../proto/crypto.ts";
import { accept, PayloadType, readEnvelope, sealBytes } from "../../../proto/envelope.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { isP256Point } from "../../../proto/p256-point.ts";
import { wire } from "../../../proto/wire.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type KeyProtection, makeKey, writeDurably, writeKeyFile } from "./key-file.ts";
import { KeysError } from "./keys-error.ts";

/** The public half of a root key, as its holder hands it out: signed by itself, so that nobody can name a key that he does not hold. */
export interface RootPart extends Pick<Signer, "keyid" | "publicKey"> {
	/** What the holder reads aloud. */
	readonly fingerprint: string;
}

/** A new root key of one holder. */
export interface MadeRootKey extends RootPart {
	/** Encrypted, and never to leave the holder. */
	readonly keyFile: string;
	/** For the lender's registry machine. */
	readonly publicFile: string;
}

/**
 * Makes one holder's root key in the holder's own folder: `root-<id>.pem` and `root-<id>.public`.
 *
 * @throws {KeysError} PASSPHRASE_MISSING if it is too short.
 */
export async function makeRootKey(crypto: Crypto, folder: string, protection: KeyProtection): Promise<MadeRootKey> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const { signer, privateKey } = makeKey(crypto);
	const { keyid, publicKey } = signer;
	const keyFile = join(folder, `root-${keyid}.pem`);
	const publicFile = join(folder, `root-${keyid}.public`);
	await writeKeyFile(keyFile, privateKey, protection);
	const payload = encode(wire.PublicKey, { keyid, point: publicKey });
	await writeDurably(publicFile, await sealBytes(PayloadType.rootKey, payload, [signer]), 0o644);
	return { keyid, publicKey, fingerprint: fingerprintOf(crypto, publicKey), keyFile, publicFile };
}

/** @throws {KeysError} ROOT_PART_INVALID. */
export async function readRootPart(crypto: Crypto, path: string): Promise<RootPart> {
	const bytes = await readFile(path).catch((cause: unknown) => {
		throw new KeysError("ROOT_PART_INVALID", `${path} cannot be read.`, { cause });
	});
	try {
		const envelope = Uint8Array.from(bytes);
		const claimed = decodeCanonical(wire.PublicKey, readEnvelope(envelope, PayloadType.rootKey).payload);
		if (!isP256Point(claimed.point) || claimed.keyid !== keyidOf(crypto, claimed.point)) {
			throw new ProtocolError("KEY_SET_INVALID", "its id is not its key's");
		}
		const { message } = accept(crypto, wire.PublicKey, PayloadType.rootKey, envelope, [claimed]);
		return { keyid: message.keyid, publicKey: message.point, fingerprint: fingerprintOf(crypto, message.point) };
	} catch (cause) {
		if (!(cause instanceof ProtocolError)) throw cause;
		throw new KeysError(
			"ROOT_PART_INVALID",
			`${path} is not the public part of a root key, or was changed on its way. Fetch it again from its holder.`,
			{ cause },
		);
	}
}
