import { createPrivateKey } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { acceptFirstKeySet, acceptKeySetChain, grantOf, isRoleCurrent } from "../../../../proto/roles.ts";
import { wire } from "../../../../proto/wire.ts";
import { initKeys } from "../../../../provisioning/registry/keys/init-keys.ts";
import type { KeyProtection } from "../../../../provisioning/registry/keys/key-file.ts";
import type { KeysErrorCode } from "../../../../provisioning/registry/keys/keys-error.ts";
import { openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import { rotateKeys } from "../../../../provisioning/registry/keys/rotate-keys.ts";
import { unsealKey } from "../../../../provisioning/registry/keys/sealed-key.ts";
import { createNodeCrypto } from "../../../../provisioning/registry/node-crypto.ts";

const NOW_MS = 1_780_315_200_000;
const DAY = 24 * 3600;
const crypto = createNodeCrypto();
const insecureDev = { insecureDev: true } as const;
const passphrase = { passphrase: "correct horse battery staple" };

let folder: string;
beforeEach(async () => {
	folder = join(await mkdtemp(join(tmpdir(), "holdfast-keys-")), "keys");
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

const init = (protection: KeyProtection = insecureDev) => initKeys({ folder, lenderId: "lender-1", protection, nowMs: NOW_MS });

async function expectKeysError(promise: Promise<unknown>, code: KeysErrorCode): Promise<void> {
	await expect(promise).rejects.toMatchObject({ name: "KeysError", code });
}

async function modesBelow(path: string): Promise<number[]> {
	const modes: number[] = [];
	for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
		const { mode } = await stat(join(entry.parentPath, entry.name));
		modes.push(mode & 0o077);
	}
	return modes;
}

describe("new keys", () => {
	test("make a key set that a phone trusts on first use, root 2 of 3, command no longer than 90 days", async () => {
		const { envelope, keySet, rootFiles, onlineFiles } = await init();
		expect(acceptFirstKeySet(crypto, envelope)).toEqual(keySet);
		expect(grantOf(keySet, wire.Role.ROLE_ROOT)).toMatchObject({ threshold: 2, keys: { length: 3 } });
		expect(isRoleCurrent(keySet, wire.Role.ROLE_COMMAND, NOW_MS / 1000 + 90 * DAY - 1)).toBe(true);
		expect(isRoleCurrent(keySet, wire.Role.ROLE_COMMAND, NOW_MS / 1000 + 90 * DAY)).toBe(false);
		expect([rootFiles.length, onlineFiles.length]).toEqual([3, 4]);
	});

	test("are closed to everybody else, files and folders, whatever the umask", async () => {
		const umask = process.umask(0);
		try {
			await init();
		} finally {
			process.umask(umask);
		}
		expect(await modesBelow(folder)).toSatisfy((modes: number[]) => modes.length > 10 && modes.every((mode) => mode === 0));
	});

	test("are never made over others", async () => {
		const { envelope } = await init();
		await expectKeysError(init(), "KEYS_EXIST");
		expect((await openRoleSigners(folder, insecureDev)).keySetEnvelopes).toEqual([envelope]);
	});

	test("that cannot be read are not taken for none", async () => {
		await init();
		// Not by its mode: root reads whatever it likes.
		await rm(join(folder, "key-sets"), { recursive: true });
		await writeFile(join(folder, "key-sets"), "");
		await expectKeysError(openRoleSigners(folder, insecureDev), "KEYS_UNREADABLE");
	});

	test("need a passphrase worth the name", async () => {
		await expectKeysError(init({ passphrase: "short" }), "PASSPHRASE_MISSING");
		await expectKeysError(openRoleSigners(folder, insecureDev), "KEYS_MISSING");
	});
});

describe("a registry opens its keys", () => {
	test("with their passphrase and no other, and signs what the key set verifies", async () => {
		await init(passphrase);
		const keys = await openRoleSigners(folder, passphrase);
		const message = new Uint8Array([1, 2, 3]);
		for (const [role, wireRole] of [
			["command", wire.Role.ROLE_COMMAND],
			["release", wire.Role.ROLE_RELEASE],
		] as const) {
			const [key] = grantOf(keys.current, wireRole).keys;
			const signature = await keys.signer(role)?.sign(message);
			expect(key && signature && crypto.verifyP256(key.point, message, signature)).toBe(true);
		}
		await expectKeysError(openRoleSigners(folder, { passphrase: "incorrect horse battery" }), "PASSPHRASE_WRONG");
		await expectKeysError(openRoleSigners(folder, insecureDev), "PASSPHRASE_MISSING");
	});

	test("is told when one was changed, wherever it was", async () => {
		const { onlineFiles } = await init(passphrase);
		const [path = ""] = onlineFiles;
		const text = await readFile(path, "utf8");
		expect(text).toMatch(/^-----BEGIN HOLDFAST SEALED KEY-----\n/);
		const [begin = "", ...rest] = text.trimEnd().split("\n");
		const sealed = Buffer.from(rest.slice(0, -1).join(""), "base64");
		for (const at of [0, 5, sealed.length - 1]) {
			const changed = Buffer.from(sealed);
			changed[at] = (changed[at] ?? 0) ^ 1;
			await writeFile(path, `${begin}\n${changed.toString("base64")}\n${rest.at(-1)}\n`);
			await expectKeysError(openRoleSigners(folder, passphrase), "PASSPHRASE_WRONG");
		}
		await writeFile(path, text.slice(0, 60));
		await expectKeysError(openRoleSigners(folder, passphrase), "PASSPHRASE_WRONG");
	});

	test("that were encrypted as before, in the form that OpenSSL reads", async () => {
		const { onlineFiles } = await init(passphrase);
		for (const path of onlineFiles) {
			const der = await unsealKey(await readFile(path, "utf8"), passphrase.passphrase);
			const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
			await writeFile(path, key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", ...passphrase }));
		}
		expect((await openRoleSigners(folder, passphrase)).current.lenderId).toBe("lender-1");
		await expectKeysError(openRoleSigners(folder, { passphrase: "incorrect horse battery" }), "PASSPHRASE_WRONG");
	});

	test("only if nothing says they are for development, or development was said; the file itself says so", async () => {
		const { onlineFiles } = await init();
		for (const file of onlineFiles) expect(await readFile(file, "utf8")).toContain("never for a real borrower's phone");
		await expectKeysError(openRoleSigners(folder, passphrase), "KEY_FILE_INSECURE");
	});

	test("only if nobody else could read them", async () => {
		const { onlineFiles } = await init();
		await chmod(onlineFiles[0] ?? "", 0o640);
		await expectKeysError(openRoleSigners(folder, insecureDev), "KEY_FILE_OPEN_TO_OTHERS");
	});

	test("without ever needing a root key", async () => {
		await init();
		await rm(join(folder, "root"), { recursive: true });
		await expect(openRoleSigners(folder, insecureDev)).resolves.toMatchObject({ lenderId: "lender-1" });
	});

	test("and refuses a key that is not the one its name says, and a damaged or missing key set", async () => {
		const { onlineFiles } = await init();
		const [command = "", heartbeat = ""] = onlineFiles;
		await writeFile(command, await readFile(heartbeat));
		await expectKeysError(openRoleSigners(folder, insecureDev), "KEY_FILE_INVALID");
		const first = join(folder, "key-sets", "1.envelope");
		const bytes = await readFile(first);
		bytes[40] = (bytes[40] ?? 0) ^ 1;
		await writeFile(first, bytes);
		await expectKeysError(openRoleSigners(folder, insecureDev), "KEY_SETS_INVALID");
		await rename(first, join(folder, "key-sets", "2.envelope"));
		await expectKeysError(openRoleSigners(folder, insecureDev), "KEY_SETS_INVALID");
	});
});

describe("a rotation", () => {
	const rotate = (options: Partial<Parameters<typeof rotateKeys>[0]> = {}) =>
		rotateKeys({ folder, protection: insecureDev, nowMs: NOW_MS + 60 * DAY * 1000, ...options });

	test("is signed by the old and the new root, and keeps the old online keys for phones that missed it", async () => {
		const first = await init();
		const second = await rotate({ newRoot: true });
		const third = await rotate({ newEpoch: true });
		const keys = await openRoleSigners(folder, insecureDev);
		expect(acceptKeySetChain(crypto, keys.keySetEnvelopes)).toEqual(third.keySet);
		expect(keys.keySets.map(({ version, epoch }) => [version, epoch])).toEqual([
			[1, 1],
			[2, 1],
			[3, 2],
		]);
		expect(keys.signer("command", 1)?.keyid).toBe(grantOf(first.keySet, wire.Role.ROLE_COMMAND).keys[0]?.keyid);
		expect(keys.signer("command")?.keyid).toBe(grantOf(third.keySet, wire.Role.ROLE_COMMAND).keys[0]?.keyid);
		expect(keys.signer("command", 4)).toBeUndefined();
		expect(second.rootFiles).toHaveLength(3);
		expect(third.rootFiles).toHaveLength(0);
	});

	test("works with any two root keys, wherever they lie, and not with one", async () => {
		const { rootFiles } = await init();
		const [a = "", b = "", c = ""] = rootFiles;
		const safe = join(folder, "..", "stick.pem");
		await rename(a, safe);
		await rm(b);
		await expectKeysError(rotate(), "ROOT_KEYS_TOO_FEW");
		await expectKeysError(rotate({ rootFiles: [c, c] }), "ROOT_KEYS_TOO_FEW");
		await expect(rotate({ rootFiles: [safe, c] })).resolves.toMatchObject({ keySet: { version: 2 } });
	});

	test("leaves phones reachable in the current name when an old key was deleted after a theft", async () => {
		const first = await init();
		await rotate();
		const stolen = first.onlineFiles.find((file) => file.includes("command")) ?? "";
		await rm(stolen);
		const keys = await openRoleSigners(folder, insecureDev);
		expect(keys.signer("command", 1)).toBeUndefined();
		expect(keys.signer("heartbeat", 1)).toBeDefined();
	});
});
