import { generateKeyPair, randomUUID } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { AdbCredentialStore, AdbPrivateKey } from "@yume-chan/adb";

const FILE = "adb-key.p8";

/**
 * The RSA key by which phones know this computer, in a file that only its user can read. Made when a phone first asks for one;
 * two processes that both want to make it end up with the same. Losing it means tapping "Allow" on every phone again.
 *
 * @param folder the user's own; made if need be.
 */
export function rsaKeyFile(folder: string): AdbCredentialStore {
	const path = join(folder, FILE);
	// The phone shows it in its dialog.
	const name = `holdfast@${hostname()}`;
	return {
		async generateKey(): Promise<AdbPrivateKey> {
			await mkdir(folder, { recursive: true, mode: 0o700 });
			const draft = `${path}.${randomUUID()}`;
			await writeFile(draft, await newKey(), { mode: 0o600, flag: "wx" });
			try {
				// A link appears with its whole content or not at all, and never over one that is there.
				await link(draft, path);
			} catch (error) {
				if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
			} finally {
				await rm(draft, { force: true });
			}
			return { buffer: new Uint8Array(await readFile(path)), name };
		},
		async *iterateKeys(): AsyncGenerator<AdbPrivateKey, void, void> {
			const buffer = await readFile(path).catch((error: unknown) => {
				if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
				throw error;
			});
			if (!buffer) return;
			await chmod(path, 0o600);
			yield { buffer: new Uint8Array(buffer), name };
		},
	};
}

async function newKey(): Promise<Uint8Array> {
	const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048, publicExponent: 0x10001 });
	return privateKey.export({ type: "pkcs8", format: "der" });
}
