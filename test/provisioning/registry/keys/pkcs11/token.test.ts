import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { type Cryptoki, CryptokiError } from "../../../../../provisioning/registry/keys/pkcs11/cryptoki.ts";
import { createToken, type TokenOptions } from "../../../../../provisioning/registry/keys/pkcs11/token.ts";

const DIGEST = new Uint8Array(32);
const [SESSION_HANDLE_INVALID, PIN_INCORRECT, DEVICE_REMOVED] = [0xb3, 0xa0, 0x32];

let folder: string;
let pinFile: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-token-"));
	pinFile = join(folder, "pin");
	await writeFile(pinFile, "1234\n", { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A module of one token with one key, which does what a test says. */
let calls: string[];
let isPluggedIn: boolean;
let pins: string[];
let sign: () => Promise<Uint8Array>;
beforeEach(() => {
	calls = [];
	pins = [];
	isPluggedIn = true;
	sign = async () => new Uint8Array(64);
});

function fakeModule(changes: Partial<Cryptoki> = {}): Cryptoki {
	let session = 0;
	return {
		initialize: async () => void calls.push("initialize"),
		finalize: async () => void calls.push("finalize"),
		slotsOf: async () => (isPluggedIn ? [7] : []),
		async openSession() {
			calls.push("open");
			session += 1;
			return session;
		},
		closeSession: async () => {},
		login: async (_session, pin) => void pins.push(pin),
		find: async () => [11],
		attributes: async (_session, _object, types) => types.map(() => undefined),
		generateP256: async () => ({ publicKey: 1, privateKey: 2 }),
		async sign() {
			calls.push("sign");
			return sign();
		},
		...changes,
	};
}

const open = (options: TokenOptions & { fake?: Partial<Cryptoki> } = {}) =>
	createToken({ module: "fake.so", token: "t", pinFile }, { load: async () => fakeModule(options.fake), ...options });
const unavailable = { name: "KeysError", code: "TOKEN_UNAVAILABLE" };

describe("a token", () => {
	test("is opened once, with the PIN of its file, and signs one after the other", async () => {
		let under = 0;
		sign = async () => {
			under += 1;
			expect(under).toBe(1);
			await Promise.resolve();
			under -= 1;
			return new Uint8Array(64);
		};
		const token = open();
		await Promise.all(Array.from({ length: 10 }, () => token.sign("k", DIGEST)));
		expect([calls.filter((call) => call === "open").length, pins]).toEqual([1, ["1234"]]);
	});

	test("whose session was lost is opened again, and the work is done all the same", async () => {
		const answers = [SESSION_HANDLE_INVALID, 0];
		sign = async () => {
			const answer = answers.shift() ?? 0;
			if (answer !== 0) throw new CryptokiError("C_Sign", answer);
			return new Uint8Array(64);
		};
		expect((await open().sign("k", DIGEST)).length).toBe(64);
		expect(calls).toEqual(["initialize", "open", "sign", "finalize", "initialize", "open", "sign"]);
	});

	test("that was taken out is unavailable, says so, and is used again once it is back", async () => {
		const token = open();
		await token.sign("k", DIGEST);
		isPluggedIn = false;
		sign = async () => {
			if (!isPluggedIn) throw new CryptokiError("C_Sign", DEVICE_REMOVED);
			return new Uint8Array(64);
		};
		await expect(token.sign("k", DIGEST)).rejects.toMatchObject(unavailable);
		expect(token.isAvailable()).toBe(false);
		isPluggedIn = true;
		await expect.poll(() => token.isAvailable()).toBe(true); // asking is what has it looked for
	});

	test("is never given a wrong PIN twice: that would lock it", async () => {
		const login = async (_session: number, pin: string) => {
			pins.push(pin);
			throw new CryptokiError("C_Login", PIN_INCORRECT);
		};
		const token = open({ fake: { login } });
		for (let round = 0; round < 5; round += 1)
			await expect(token.sign("k", DIGEST)).rejects.toMatchObject({ code: "TOKEN_REFUSED" });
		expect(pins).toHaveLength(1);
	});

	test("is not opened with a PIN that others can read", async () => {
		await chmod(pinFile, 0o644);
		try {
			await expect(open().sign("k", DIGEST)).rejects.toMatchObject({ code: "KEY_FILE_OPEN_TO_OTHERS" });
		} finally {
			await chmod(pinFile, 0o600);
		}
	});

	test("that hangs holds nobody up: after the deadline all are turned away until it comes back", async () => {
		let comeBack = (_: Uint8Array) => {};
		sign = () => new Promise((resolve) => (comeBack = resolve));
		const token = open({ signDeadlineMs: 20 });
		const late = [token.sign("k", DIGEST), token.sign("k", DIGEST)];
		for (const each of late) await expect(each).rejects.toMatchObject(unavailable);
		await expect(token.sign("k", DIGEST)).rejects.toThrow("has not come back");
		expect(calls.filter((call) => call === "sign")).toHaveLength(1); // one thread is lost to it, not all
		sign = async () => new Uint8Array(64);
		comeBack(new Uint8Array(64));
		await expect.poll(() => token.sign("k", DIGEST).catch(() => new Uint8Array())).toHaveLength(64);
	});

	test("that is behind refuses more work than it will ever get to", async () => {
		let go = (_: Uint8Array) => {};
		sign = () => new Promise((resolve) => (go = resolve));
		const token = open();
		const all = Array.from({ length: 70 }, () => token.sign("k", DIGEST).catch((error: unknown) => String(error)));
		const refused = await Promise.all(all.slice(64));
		expect(refused.every((each) => String(each).includes("too much waits"))).toBe(true);
		await expect.poll(() => calls).toContain("sign");
		sign = async () => new Uint8Array(64);
		go(new Uint8Array(64));
		expect((await Promise.all(all.slice(0, 64))).every((each) => each.length === 64)).toBe(true);
	});
});
