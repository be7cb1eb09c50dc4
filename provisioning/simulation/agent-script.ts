import type { Crypto } from "../../proto/crypto.ts";

/** The agent's one function: what is stored and what happened in, what to store and what should hold out. */
export interface AgentDaemon {
	handle(ledger: Uint8Array, event: Uint8Array): { readonly ledger: Uint8Array; readonly effects: Uint8Array };
}

/**
 * The agent's bundle (`scripts/build-agent`) after it was evaluated: the very script that is in the APK. This room never imports the
 * agent; whoever runs a life loads the built file and hands over the global that it leaves.
 */
export interface AgentScript {
	open(native?: Partial<Pick<Crypto, "sha256" | "hmacSha256" | "verifyP256">>): AgentDaemon;
}
