import type { Crypto } from "../../proto/crypto.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";

/** OpenSSL's, by which the portable implementation is measured. */
export const nodeCrypto: Crypto = createNodeCrypto();

/** Every implementation of the port. */
export const cryptoImplementations: readonly { name: string; crypto: Crypto }[] = [
	{ name: "noble", crypto: nobleCrypto },
	{ name: "node:crypto", crypto: nodeCrypto },
];
