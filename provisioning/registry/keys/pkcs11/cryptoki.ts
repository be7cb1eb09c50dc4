/** Numbers of PKCS#11 v2.40 (OASIS pkcs11t.h) that are used here. */
export const CKA = {
	...{ CLASS: 0x0, TOKEN: 0x1, PRIVATE: 0x2, LABEL: 0x3, KEY_TYPE: 0x100, ID: 0x102, SENSITIVE: 0x103, DECRYPT: 0x105 },
	...{
		UNWRAP: 0x107,
		SIGN: 0x108,
		SIGN_RECOVER: 0x109,
		VERIFY: 0x10a,
		DERIVE: 0x10c,
		EXTRACTABLE: 0x162,
		NEVER_EXTRACTABLE: 0x164,
	},
	...{ EC_PARAMS: 0x180, EC_POINT: 0x181 },
} as const;
export const CKO = { PUBLIC_KEY: 2, PRIVATE_KEY: 3 } as const;
export const CKK_EC = 3;

/** Answers of a module that somebody has to know apart. */
export const CKR = {
	...{ OK: 0, USER_ALREADY_LOGGED_IN: 0x100, CRYPTOKI_ALREADY_INITIALIZED: 0x191 },
	...{ PIN_INCORRECT: 0xa0, PIN_INVALID: 0xa1, PIN_LEN_RANGE: 0xa2, PIN_EXPIRED: 0xa3, PIN_LOCKED: 0xa4 },
} as const;

/** A module answered something else than CKR_OK. */
export class CryptokiError extends Error {
	override readonly name = "CryptokiError";

	constructor(
		/** Such as `C_Sign`. */
		readonly operation: string,
		/** CK_RV. */
		readonly answer: number,
	) {
		super(`${operation} answered 0x${answer.toString(16)}`);
	}
}

/** An attribute of an object in a token. A boolean is one byte on the way to the module, a number a CK_ULONG. */
export type AttributeValue = boolean | number | Uint8Array;

export type Template = readonly (readonly [type: number, value: AttributeValue])[];

/**
 * A PKCS#11 module, each call on a thread of libuv's pool, so that a slow one holds nothing up. Not to be called twice at once: with a
 * module that hangs, one thread of the pool is lost and not all four. Throws {@link CryptokiError}.
 */
export interface Cryptoki {
	initialize(): Promise<void>;
	finalize(): Promise<void>;
	/** Slots that hold a token with this label. */
	slotsOf(label: string): Promise<number[]>;
	openSession(slot: number, isWriting: boolean): Promise<number>;
	closeSession(session: number): Promise<void>;
	/** Also well if somebody of this process is logged in already. */
	login(session: number, pin: string): Promise<void>;
	/** At most two: one too many is all that has to be known. */
	find(session: number, template: Template): Promise<number[]>;
	/** `undefined` for what the object does not have or show. */
	attributes(session: number, object: number, types: readonly number[]): Promise<(Uint8Array | undefined)[]>;
	/** @returns handles. */
	generateP256(session: number, forPublic: Template, forPrivate: Template): Promise<{ publicKey: number; privateKey: number }>;
	/** ECDSA over a digest. @returns r || s as the module has it. */
	sign(session: number, key: number, digest: Uint8Array): Promise<Uint8Array>;
}
