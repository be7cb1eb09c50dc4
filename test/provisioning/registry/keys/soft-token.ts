import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const MODULES = [
	"/usr/lib/softhsm/libsofthsm2.so",
	"/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
	"/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
	"/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

/** SoftHSM's module, if it is installed: `apt-get install softhsm2`. */
export const SOFT_HSM = MODULES.find((path) => existsSync(path));
export const NO_SOFT_HSM = "SoftHSM is not installed (apt-get install softhsm2): keys in a PKCS#11 token are not tried here";

/** A token in a folder. Taken away by renaming `tokens`. */
export interface SoftToken {
	readonly module: string;
	readonly label: string;
	readonly pinFile: string;
	/** Folder of all its objects. */
	readonly tokens: string;
	/** SOFTHSM2_CONF, for every process that opens it. */
	readonly env: Readonly<Record<string, string>>;
}

export async function makeSoftToken(folder: string): Promise<SoftToken> {
	const tokens = join(folder, "tokens");
	await mkdir(tokens, { recursive: true });
	const config = join(folder, "softhsm2.conf");
	await writeFile(config, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
	const pinFile = join(folder, "pin");
	await writeFile(pinFile, "87654321\n", { mode: 0o600 });
	const env = { SOFTHSM2_CONF: config };
	const init = ["--init-token", "--free", "--label", "lender", "--so-pin", "12345678", "--pin", "87654321"];
	await promisify(execFile)("softhsm2-util", init, { env: { ...process.env, ...env } });
	return { module: SOFT_HSM ?? "", label: "lender", pinFile, tokens, env };
}
