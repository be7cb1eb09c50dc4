import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { Type } from "typebox";
import { Check } from "typebox/value";

import { type Crypto, keyidOf, type Signer } from "../../../../proto/crypto.ts";
import type { VerificationKey } from "../../../../proto/envelope.ts";
import { toLowS } from "../../../../proto/low-s.ts";
import { refusal } from "../../refusal.ts";
import { isThere, writeDurably } from "../key-file.ts";
import { tokenKeyPath } from "../key-folder.ts";
import { KeysError } from "../keys-error.ts";
import type { MakeOnlineKey } from "../make-online-key.ts";
import { createToken, type Token, type TokenPlace } from "./token.ts";

/** `online/<role>-<keyid>.pkcs11.json`: no secret, only where the key is. */
const TokenKeyFile = Type.Object(
	{
		module: Type.String({ minLength: 1 }),
		token: Type.String({ minLength: 1, maxLength: 32 }),
		key: Type.String({ minLength: 1, maxLength: 100 }),
		pinFile: Type.String({ minLength: 1 }),
		/** The lender knows that this key can be copied, such as one from a backup. Never by itself. */
		allowExtractable: Type.Optional(Type.Boolean()),
	},
	{ additionalProperties: false },
);

/** A key that signs inside a token. */
export interface TokenSigner extends Signer {
	isAvailable(): boolean;
}

/** The tokens of one process: each is opened once, whatever number of keys it holds. */
export interface Tokens {
	at(place: TokenPlace): Token;
}

export function createTokens(open: (place: TokenPlace) => Token = createToken): Tokens {
	const tokens = new Map<string, Token>();
	return {
		at({ module, token, pinFile }) {
			const name = JSON.stringify([module, token, pinFile]);
			const found = tokens.get(name) ?? open({ module, token, pinFile });
			tokens.set(name, found);
			return found;
		},
	};
}

/** Makes keys in a token: `<prefix>-<role>-<version>`. One that is there already, such as of a proposal that was given up, is taken. */
export function makeKeysInToken(crypto: Crypto, tokens: Tokens, place: TokenPlace, prefix: string): MakeOnlineKey {
	return async (role, version) => {
		const key = `${prefix}-${role}-${version}`;
		const at = { ...place, module: resolve(place.module), pinFile: resolve(place.pinFile) };
		const token = tokens.at(at);
		if (!(await token.look(key))) await token.generate(key);
		const made = await token.look(key);
		requireFit(key, made?.objections ?? ["it was not made"], false);
		const publicKey = made?.point;
		if (!publicKey) throw new KeysError("TOKEN_KEY_REFUSED", `The token shows no public half of ${key}.`);
		const keyid = keyidOf(crypto, publicKey);
		await prove(crypto, token, key, publicKey);
		return {
			keyid,
			publicKey,
			async store(folder) {
				const path = tokenKeyPath(folder, role, keyid);
				const text = `${JSON.stringify({ module: at.module, token: at.token, key, pinFile: at.pinFile }, null, "\t")}\n`;
				if (!(await isThere(path))) await writeDurably(path, text, 0o600);
				return path;
			},
		};
	};
}

/**
 * Opens a key in a token, and has it sign something to prove that it is the one which the key set grants.
 *
 * @throws {KeysError} KEY_FILE_INVALID, TOKEN_UNAVAILABLE, TOKEN_REFUSED, TOKEN_KEY_REFUSED.
 */
export async function openTokenKey(crypto: Crypto, tokens: Tokens, path: string, granted: VerificationKey): Promise<TokenSigner> {
	const { key, allowExtractable = false, ...place } = await readTokenKeyFile(path);
	const token = tokens.at(place);
	const found = await token.look(key);
	if (!found) throw new KeysError("TOKEN_KEY_REFUSED", `The token ${place.token} holds no private key ${key}.`);
	requireFit(key, found.objections, allowExtractable);
	await prove(crypto, token, key, granted.point);
	return {
		keyid: granted.keyid,
		publicKey: granted.point,
		isAvailable: () => token.isAvailable(),
		async sign(message) {
			try {
				return toLowS(await token.sign(key, createHash("sha256").update(message).digest()));
			} catch (cause) {
				if (!(cause instanceof KeysError)) throw cause;
				const refused = refusal(
					"UNAVAILABLE",
					"The lender's key for this cannot be used just now: its token does not answer.",
					"Try again in a minute. If it stays, look after the token.",
				);
				refused.cause = cause;
				throw refused;
			}
		},
	};
}

async function readTokenKeyFile(path: string) {
	let settings: unknown;
	try {
		settings = JSON.parse(await readFile(path, "utf8"));
	} catch (cause) {
		throw new KeysError("KEY_FILE_INVALID", `${path} cannot be read.`, { cause });
	}
	if (!Check(TokenKeyFile, settings)) throw new KeysError("KEY_FILE_INVALID", `${path} does not say where a token's key is.`);
	return settings;
}

function requireFit(key: string, objections: readonly string[], allowExtractable: boolean): void {
	const forgiven = ["it can be taken out of the token", "it can be read in the clear"];
	const left = objections.filter((objection) => !(allowExtractable && forgiven.includes(objection)));
	if (left.length === 0) return;
	throw new KeysError("TOKEN_KEY_REFUSED", `The key ${key} is not to be signed with: ${left.join(", ")}.`);
}

async function prove(crypto: Crypto, token: Token, key: string, point: Uint8Array): Promise<void> {
	const message = randomBytes(32);
	const signature = await token.sign(key, createHash("sha256").update(message).digest());
	if (crypto.verifyP256(point, message, signature)) return;
	throw new KeysError("TOKEN_KEY_REFUSED", `The key ${key} in the token is not the one that the key set grants.`);
}
