import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";

import { requirePrivate } from "../key-file.ts";
import { KeysError } from "../keys-error.ts";
import { CKA, CKK_EC, CKO, CKR, type Cryptoki, CryptokiError } from "./cryptoki.ts";

/** How long a token may take to sign, in milliseconds, its being opened again included. */
const SIGN_DEADLINE_MS = 5000;
/** The same for making or looking at a key. */
const KEY_DEADLINE_MS = 30_000;
/** Work that may wait for a token. More is refused at once, so that nobody waits for what will not come. */
const MOST_WAITING = 64;
/** OID of P-256, as CKA_EC_PARAMS has it. */
const P256 = Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);

/** Where a token is and how it is opened. */
export interface TokenPlace {
	/** The module, such as `/usr/lib/softhsm/libsofthsm2.so`. */
	readonly module: string;
	/** The token's label. */
	readonly token: string;
	/** File or descriptor that holds the user PIN, on one line. */
	readonly pinFile: string;
}

/** A P-256 key as a token describes it. */
export interface TokenKey {
	/** Uncompressed point, 65 bytes; `undefined` if the token shows no public half. */
	readonly point: Uint8Array | undefined;
	/** Why nobody should sign with it; empty if there is nothing. */
	readonly objections: readonly string[];
}

/** A token that stays open and opens itself again. One piece of work at a time. All of it throws {@link KeysError} TOKEN_*. */
export interface Token {
	/** ECDSA over a SHA-256 digest: r || s, 64 bytes. */
	sign(label: string, digest: Uint8Array): Promise<Uint8Array>;
	/** `undefined` if there is no private key of this label. */
	look(label: string): Promise<TokenKey | undefined>;
	/** Makes a key that never leaves the token and does nothing but sign. */
	generate(label: string): Promise<void>;
	/** Whether the last work was done. Opens the token again in the background if it was not. */
	isAvailable(): boolean;
}

export interface TokenOptions {
	/** Default: the machine's own library. */
	readonly load?: (path: string) => Promise<Cryptoki>;
	readonly signDeadlineMs?: number;
}

interface Session {
	readonly handle: number;
	readonly keys: Map<string, number>;
}

/** Nothing is opened before the first use. @param place one token; two places on one module take turns in the caller's hands. */
export function createToken(
	place: TokenPlace,
	{ load = loadNative, signDeadlineMs = SIGN_DEADLINE_MS }: TokenOptions = {},
): Token {
	let cryptoki: Cryptoki | undefined;
	let session: Session | undefined;
	let queue: Promise<unknown> = Promise.resolve();
	let waiting = 0;
	let isStuck = false;
	let isWell = true;
	let pin: string | undefined;
	let pinRefused: KeysError | undefined;

	async function open(): Promise<Session> {
		if (session) return session;
		if (pinRefused) throw pinRefused; // a third wrong PIN locks a token: never tried again by itself
		cryptoki ??= await loadModule();
		await cryptoki.initialize();
		const slots = await cryptoki.slotsOf(place.token);
		const [slot] = slots;
		if (slot === undefined) throw unavailable(`there is no token ${place.token}`);
		if (slots.length > 1)
			throw new KeysError("TOKEN_REFUSED", `There are two tokens ${place.token}: give them different labels.`);
		const handle = await cryptoki.openSession(slot, true);
		await login(cryptoki, handle);
		session = { handle, keys: new Map() };
		return session;
	}

	async function loadModule(): Promise<Cryptoki> {
		try {
			return await load(place.module);
		} catch (cause) {
			throw new KeysError("TOKEN_REFUSED", `${place.module} cannot be loaded as a PKCS#11 module.`, { cause });
		}
	}

	async function login(module: Cryptoki, handle: number): Promise<void> {
		const isDescriptor = place.pinFile.startsWith("/dev/fd/");
		if (!isDescriptor) await requirePrivate(place.pinFile);
		const text = pin ?? (await readFile(place.pinFile, "utf8")).replace(/\r?\n$/, "");
		if (isDescriptor) pin = text; // can be read only once
		try {
			await module.login(handle, text);
		} catch (error) {
			const refusals: readonly number[] = [
				CKR.PIN_INCORRECT,
				CKR.PIN_INVALID,
				CKR.PIN_LEN_RANGE,
				CKR.PIN_EXPIRED,
				CKR.PIN_LOCKED,
			];
			if (error instanceof CryptokiError && refusals.includes(error.answer)) {
				const why = error.answer === CKR.PIN_LOCKED ? "is locked" : "does not take the PIN";
				pinRefused = new KeysError(
					"TOKEN_REFUSED",
					`The token ${place.token} ${why}. Correct ${place.pinFile}, then start again.`,
					{
						cause: error,
					},
				);
				throw pinRefused;
			}
			throw error;
		}
	}

	/** Forgets the session, and has the module look at its slots anew: what is plugged in again has other handles. */
	async function drop(): Promise<void> {
		session = undefined;
		await cryptoki?.finalize().catch(() => {});
	}

	/** Once more with everything opened anew: a session that was lost, a token that was taken out and put back. */
	async function twice<Value>(work: (module: Cryptoki, session: Session) => Promise<Value>): Promise<Value> {
		for (let attempt = 1; ; attempt += 1) {
			try {
				const opened = await open();
				if (!cryptoki) throw unavailable("its module is not loaded");
				return await work(cryptoki, opened);
			} catch (error) {
				if (error instanceof KeysError && error.code !== "TOKEN_UNAVAILABLE") throw error;
				await drop();
				if (attempt === 2) throw error instanceof KeysError ? error : unavailable(String(error), error);
			}
		}
	}

	function unavailable(why: string, cause?: unknown): KeysError {
		return new KeysError("TOKEN_UNAVAILABLE", `The token ${place.token} cannot be used now: ${why}.`, { cause });
	}

	async function inTurn<Value>(deadlineMs: number, work: (module: Cryptoki, session: Session) => Promise<Value>): Promise<Value> {
		if (isStuck) throw unavailable("its module has not come back from an earlier call");
		if (waiting >= MOST_WAITING) throw unavailable("too much waits for it");
		waiting += 1;
		const turn = queue.then(async () => {
			if (isStuck) throw unavailable("its module has not come back from an earlier call");
			return withDeadline(deadlineMs, twice(work));
		});
		queue = turn.catch(() => {});
		try {
			const value = await turn;
			isWell = true;
			return value;
		} catch (error) {
			if (error instanceof KeysError && error.code !== "TOKEN_KEY_REFUSED") isWell = false;
			throw error;
		} finally {
			waiting -= 1;
		}
	}

	async function withDeadline<Value>(deadlineMs: number, running: Promise<Value>): Promise<Value> {
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => {
				isStuck = true;
				// Native code cannot be stopped: everybody else is turned away until it comes back by itself.
				running
					.catch(() => {})
					.finally(() =>
						drop().finally(() => {
							isStuck = false;
						}),
					);
				reject(unavailable(`it did not answer within ${deadlineMs} ms`));
			}, deadlineMs);
		});
		return Promise.race([running, late]).finally(() => clearTimeout(timer));
	}

	async function privateKey(module: Cryptoki, { handle, keys }: Session, label: string): Promise<number | undefined> {
		const known = keys.get(label);
		if (known !== undefined) return known;
		const found = await module.find(handle, [
			[CKA.CLASS, CKO.PRIVATE_KEY],
			[CKA.LABEL, Buffer.from(label)],
		]);
		if (found.length > 1) throw new KeysError("TOKEN_KEY_REFUSED", `The token ${place.token} holds two keys ${label}.`);
		const [key] = found;
		if (key !== undefined) keys.set(label, key);
		return key;
	}

	const look = (label: string) =>
		inTurn(KEY_DEADLINE_MS, async (module, opened) => {
			const key = await privateKey(module, opened, label);
			if (key === undefined) return undefined;
			const facts = await module.attributes(opened.handle, key, ASKED);
			const [publicKey] = await module.find(opened.handle, [
				[CKA.CLASS, CKO.PUBLIC_KEY],
				[CKA.LABEL, Buffer.from(label)],
			]);
			const [encoded] = publicKey === undefined ? [] : await module.attributes(opened.handle, publicKey, [CKA.EC_POINT]);
			return { point: encoded && pointOf(encoded), objections: objectionsTo(facts) };
		});

	return {
		look,
		sign: (label, digest) =>
			inTurn(signDeadlineMs, async (module, opened) => {
				const key = await privateKey(module, opened, label);
				if (key === undefined) throw unavailable(`it holds no key ${label}`);
				const signature = await module.sign(opened.handle, key, digest);
				if (signature.length !== 64)
					throw new KeysError("TOKEN_KEY_REFUSED", `The key ${label} signs with another curve than P-256.`);
				return signature;
			}),
		generate: (label) =>
			inTurn(KEY_DEADLINE_MS, async (module, opened) => {
				const named = [
					[CKA.LABEL, Buffer.from(label)],
					[CKA.ID, randomBytes(16)],
					[CKA.TOKEN, true],
				] as const;
				await module.generateP256(
					opened.handle,
					[...named, [CKA.EC_PARAMS, P256], [CKA.VERIFY, true]],
					[...named, [CKA.PRIVATE, true], [CKA.SENSITIVE, true], [CKA.EXTRACTABLE, false], [CKA.SIGN, true], ...SIGN_ONLY],
				);
			}),
		isAvailable() {
			if (!isWell && !isStuck && waiting === 0) void inTurn(signDeadlineMs, async () => {}).catch(() => {});
			return isWell;
		},
	};
}

/** Only where a token is used: nobody else needs foreign functions. */
async function loadNative(path: string): Promise<Cryptoki> {
	return (await import("./koffi-cryptoki.ts")).loadCryptoki(path);
}

const SIGN_ONLY = [
	[CKA.DECRYPT, false],
	[CKA.UNWRAP, false],
	[CKA.DERIVE, false],
] as const;
const ASKED = [CKA.KEY_TYPE, CKA.EC_PARAMS, CKA.SENSITIVE, CKA.EXTRACTABLE, CKA.SIGN, CKA.DECRYPT, CKA.UNWRAP, CKA.DERIVE];

function objectionsTo(facts: readonly (Uint8Array | undefined)[]): string[] {
	const [type, curve, sensitive, extractable, sign, ...others] = facts;
	const isTrue = (value: Uint8Array | undefined) => value?.length === 1 && value[0] !== 0;
	const isEc = type !== undefined && type.length >= 4 && Buffer.from(type).readUInt32LE(0) === CKK_EC; // CK_ULONG, 4 or 8 bytes
	return [
		...(isEc && curve && Buffer.from(curve).equals(P256) ? [] : ["it is no P-256 key"]),
		...(isTrue(sign) ? [] : ["it does not sign"]),
		// What a token does not say is taken for the worse.
		...(isTrue(extractable) || extractable === undefined ? ["it can be taken out of the token"] : []),
		...(isTrue(sensitive) ? [] : ["it can be read in the clear"]),
		...(others.some(isTrue) ? ["it does more than sign"] : []),
	];
}

/** CKA_EC_POINT is a DER OCTET STRING of the point (v2.40); some modules give the point itself. */
function pointOf(encoded: Uint8Array): Uint8Array | undefined {
	if (encoded.length === 65 && encoded[0] === 4) return encoded;
	return encoded.length === 67 && encoded[0] === 4 && encoded[1] === 65 ? encoded.slice(2) : undefined;
}
