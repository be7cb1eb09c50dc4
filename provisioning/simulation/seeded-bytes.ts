import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { utf8 } from "../../proto/utf8.ts";

/** Bytes that follow from a seed and a name alone: the same life twice gives the same keys, nonces and record. At most 32. */
export function seededBytes(seed: number, name: string, length = 32): Uint8Array {
	return nobleCrypto.hmacSha256(utf8(`holdfast simulation ${seed}`), utf8(name)).slice(0, length);
}
