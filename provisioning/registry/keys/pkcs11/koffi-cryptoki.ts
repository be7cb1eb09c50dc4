import koffi from "koffi";

import { CKR, type Cryptoki, CryptokiError } from "./cryptoki.ts";
import { type Arena, createArena, readLong, SIZES, writeLong } from "./native-memory.ts";

/** More numbers of PKCS#11 v2.40. */
const CKM = { EC_KEY_PAIR_GEN: 0x1040, ECDSA: 0x1041 } as const;
const CKF = { OS_LOCKING_OK: 2, RW_SESSION: 2, SERIAL_SESSION: 4 } as const;
const CKU_USER = 1;

const SIGNATURES = {
	C_Initialize: "void *",
	C_Finalize: "void *",
	C_GetSlotList: "uint8_t, void *, void *",
	C_GetTokenInfo: "ulong, void *",
	C_OpenSession: "ulong, ulong, void *, void *, void *",
	C_CloseSession: "ulong",
	C_Login: "ulong, ulong, void *, ulong",
	C_FindObjectsInit: "ulong, void *, ulong",
	C_FindObjects: "ulong, void *, ulong, void *",
	C_FindObjectsFinal: "ulong",
	C_GetAttributeValue: "ulong, ulong, void *, ulong",
	C_GenerateKeyPair: "ulong, void *, void *, ulong, void *, ulong, void *, void *",
	C_SignInit: "ulong, void *, ulong",
	C_Sign: "ulong, void *, ulong, void *, void *",
} as const;
type Operation = keyof typeof SIGNATURES;

/** @throws {Error} if there is no such library, or it is no PKCS#11 module. */
export function loadCryptoki(path: string): Cryptoki {
	if (process.platform === "win32") throw new Error("PKCS#11 modules are used on Linux and macOS alone");
	const library = koffi.load(path);
	const functions = new Map<Operation, ReturnType<typeof library.func>>();
	const call = (operation: Operation, ...args: unknown[]): Promise<number> => {
		let native = functions.get(operation);
		if (!native) {
			native = library.func(`ulong ${operation}(${SIGNATURES[operation]})`);
			functions.set(operation, native);
		}
		const start = native.async;
		return new Promise((resolve, reject) => {
			start(...args, (error: unknown, answer: unknown) => (error ? reject(error) : resolve(Number(answer))));
		});
	};
	const demand = async (operation: Operation, ...args: unknown[]) => {
		const answer = await call(operation, ...args);
		if (answer !== CKR.OK) throw new CryptokiError(operation, answer);
	};
	const demandOr = async (fine: number, operation: Operation, ...args: unknown[]) => {
		const answer = await call(operation, ...args);
		if (answer !== CKR.OK && answer !== fine) throw new CryptokiError(operation, answer);
	};

	return {
		initialize: () =>
			inArena(async (arena) => {
				// CK_C_INITIALIZE_ARGS: four functions of ours, which are none, the flags, a reserved pointer.
				const args = arena.block(5 * SIZES.pointer + SIZES.long);
				writeLong(args, 4 * SIZES.pointer, CKF.OS_LOCKING_OK);
				await demandOr(CKR.CRYPTOKI_ALREADY_INITIALIZED, "C_Initialize", args.pointer);
			}),
		finalize: () => demand("C_Finalize", null),
		slotsOf: (label) =>
			inArena(async (arena) => {
				const count = arena.longs(1);
				await demand("C_GetSlotList", 1, null, count.pointer);
				const slots = arena.longs(readLong(count));
				await demand("C_GetSlotList", 1, slots.pointer, count.pointer);
				const found: number[] = [];
				for (let index = 0; index < readLong(count); index += 1) {
					const info = arena.block(512); // CK_TOKEN_INFO begins with the label, 32 bytes, blanks behind it
					const answer = await call("C_GetTokenInfo", readLong(slots, index), info.pointer);
					if (answer === CKR.OK && info.bytes.toString("utf8", 0, 32).trimEnd() === label) found.push(readLong(slots, index));
				}
				return found;
			}),
		openSession: (slot, isWriting) =>
			inArena(async (arena) => {
				const session = arena.longs(1);
				const flags = CKF.SERIAL_SESSION + (isWriting ? CKF.RW_SESSION : 0);
				await demand("C_OpenSession", slot, flags, null, null, session.pointer);
				return readLong(session);
			}),
		closeSession: (session) => demand("C_CloseSession", session),
		login: (session, pin) =>
			inArena(async (arena) => {
				const bytes = Buffer.from(pin, "utf8");
				await demandOr(CKR.USER_ALREADY_LOGGED_IN, "C_Login", session, CKU_USER, arena.copy(bytes).pointer, bytes.length);
			}),
		find: (session, template) =>
			inArena(async (arena) => {
				await demand("C_FindObjectsInit", session, arena.attributes(template).pointer, template.length);
				const [objects, count] = [arena.longs(2), arena.longs(1)];
				try {
					await demand("C_FindObjects", session, objects.pointer, 2, count.pointer);
				} finally {
					await call("C_FindObjectsFinal", session);
				}
				return Array.from({ length: readLong(count) }, (_, index) => readLong(objects, index));
			}),
		attributes: (session, object, types) =>
			inArena(async (arena) => {
				const values: (Uint8Array | undefined)[] = [];
				// One by one: an attribute that a module does not know fails the whole call.
				for (const type of types) {
					const { template, value } = arena.wanted([type], 256);
					const answer = await call("C_GetAttributeValue", session, object, template.pointer, 1);
					values.push(answer === CKR.OK ? value(0) : undefined);
				}
				return values;
			}),
		generateP256: (session, forPublic, forPrivate) =>
			inArena(async (arena) => {
				const [publicKey, privateKey] = [arena.longs(1), arena.longs(1)];
				await demand(
					"C_GenerateKeyPair",
					...[session, arena.mechanism(CKM.EC_KEY_PAIR_GEN).pointer],
					...[arena.attributes(forPublic).pointer, forPublic.length],
					...[arena.attributes(forPrivate).pointer, forPrivate.length],
					...[publicKey.pointer, privateKey.pointer],
				);
				return { publicKey: readLong(publicKey), privateKey: readLong(privateKey) };
			}),
		sign: (session, key, digest) =>
			inArena(async (arena) => {
				await demand("C_SignInit", session, arena.mechanism(CKM.ECDSA).pointer, key);
				const [signature, length] = [arena.block(256), arena.longs(1)];
				writeLong(length, 0, 256);
				await demand("C_Sign", session, arena.copy(digest).pointer, digest.length, signature.pointer, length.pointer);
				return Uint8Array.from(signature.bytes.subarray(0, readLong(length)));
			}),
	};
}

/** Memory for a call and all that follows from it, given back when the last of it has returned, however late. */
async function inArena<Value>(work: (arena: Arena) => Promise<Value>): Promise<Value> {
	const arena = createArena();
	try {
		return await work(arena);
	} finally {
		arena.free();
	}
}
