import type { Crypto } from "../../../proto/crypto.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { createDaemon, type Daemon } from "../../daemon/daemon.ts";
import { countsSoundly } from "./soundness.ts";

/** What a host may bring in place of the bundled JavaScript, such as its platform's own signature check. */
export type NativeCrypto = Partial<Pick<Crypto, "sha256" | "hmacSha256" | "verifyP256">>;

/**
 * Opens the daemon in a bare engine: ECMAScript 2022 with BigInt and no globals of a browser's or of Node's. `scripts/build-agent`
 * bundles this file as a script that leaves one global, `holdfast`.
 *
 * @param native must answer as `Crypto` says, byte for byte: the ledger that one host wrote is read by another.
 * @throws {Error} if the engine cannot count. QuickJS 2025-04-26 gives 2^256-1 more than 256 binary digits, and no signature
 * would be good: a host that hears this keeps what it last applied.
 */
export function open(native: NativeCrypto = {}): Daemon {
	if (!countsSoundly()) throw new Error("this engine's BigInt is unsound");
	return createDaemon({ crypto: { ...nobleCrypto, ...native } });
}
