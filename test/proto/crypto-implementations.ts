import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Crypto } from "../../proto/crypto.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { nodeOracle } from "./node-oracle.ts";

/** Every implementation of the port that this checkout has, the registry's among them once it is there. */
export async function cryptoImplementations(): Promise<{ name: string; crypto: Crypto }[]> {
	const found = [
		{ name: "noble", crypto: nobleCrypto },
		{ name: "OpenSSL", crypto: nodeOracle },
	];
	const registrys = fileURLToPath(new URL("../../provisioning/registry/node-crypto.ts", import.meta.url));
	if (existsSync(registrys)) {
		const exported: unknown[] = Object.values(await import(registrys));
		for (const crypto of exported.filter(isCrypto)) found.push({ name: "the registry's", crypto });
	}
	return found;
}

function isCrypto(value: unknown): value is Crypto {
	return typeof value === "object" && value !== null && "verifyP256" in value && "hkdfSha256" in value;
}
