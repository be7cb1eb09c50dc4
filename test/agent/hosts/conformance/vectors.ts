import { createDaemon, type Daemon } from "../../../../agent/daemon/daemon.ts";
import type { Crypto } from "../../../../proto/crypto.ts";
import { toHex } from "../../../../proto/crypto.ts";
import { nobleCrypto } from "../../../../proto/noble-crypto.ts";

/** One call of the daemon, and what it must give. */
export interface Call {
	readonly ledger: Uint8Array;
	readonly event: Uint8Array;
	readonly after: Uint8Array;
	readonly effects: Uint8Array;
}

/** A signature that the daemon asked about, and the answer. */
export interface Verdict {
	readonly publicKey: Uint8Array;
	readonly message: Uint8Array;
	readonly signature: Uint8Array;
	readonly good: boolean;
}

export interface Vectors {
	readonly verdicts: readonly Verdict[];
	readonly calls: readonly Call[];
}

/** The daemon on Node, and all that it was called with and answered. */
export class Recorder {
	readonly calls: Call[] = [];
	readonly #verdicts = new Map<string, Verdict>();
	readonly daemon: Daemon;

	constructor() {
		const crypto: Crypto = {
			...nobleCrypto,
			verifyP256: (publicKey, message, signature) => this.judge(publicKey, message, signature),
		};
		const inner = createDaemon({ crypto });
		this.daemon = {
			handle: (ledger, event) => {
				const { ledger: after, effects } = inner.handle(ledger, event);
				this.calls.push({ ledger, event, after, effects });
				return { ledger: after, effects };
			},
		};
	}

	/** As noble judges it, each signature once. */
	judge(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
		const key = [publicKey, message, signature].map(toHex).join();
		const known = this.#verdicts.get(key);
		if (known) return known.good;
		const good = nobleCrypto.verifyP256(publicKey, message, signature);
		// Copies: what the daemon gives may be a window into a larger message.
		const [key1, message1, signature1] = [publicKey, message, signature].map((bytes) => Uint8Array.from(bytes));
		if (key1 && message1 && signature1) {
			this.#verdicts.set(key, { publicKey: key1, message: message1, signature: signature1, good });
		}
		return good;
	}

	get verdicts(): readonly Verdict[] {
		return [...this.#verdicts.values()];
	}
}

/** As bytes, for programs in C and Java: numbers of four bytes, the highest first; bytes behind their length. */
export function writeVectors({ verdicts, calls }: Vectors): Uint8Array {
	const parts: Uint8Array[] = [];
	const number = (value: number) => {
		const bytes = new Uint8Array(4);
		new DataView(bytes.buffer).setUint32(0, value);
		parts.push(bytes);
	};
	const bytes = (value: Uint8Array) => {
		number(value.length);
		parts.push(value);
	};
	number(verdicts.length);
	for (const { publicKey, message, signature, good } of verdicts) {
		for (const part of [publicKey, message, signature]) bytes(part);
		number(good ? 1 : 0);
	}
	number(calls.length);
	for (const { ledger, event, after, effects } of calls) for (const part of [ledger, event, after, effects]) bytes(part);
	return Buffer.concat(parts);
}
