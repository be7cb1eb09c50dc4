import type { Crypto } from "../../proto/crypto.ts";
import type { HandsetPort } from "../handset/port.ts";
import type { Clock } from "./step.ts";

/** What every procedure is given. Nothing of it is reached in any other way. */
export interface Surroundings {
	readonly port: HandsetPort;
	readonly clock: Clock;
	readonly crypto: Crypto;
	/** Bytes from a secure random source, for challenges. */
	randomBytes(length: number): Uint8Array;
}
