import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import type { wire } from "../../../proto/wire.ts";
import { createDaemon } from "../../daemon/daemon.ts";
import { createEventLoop, refused } from "./event-loop.ts";
import { type HandsetFiles, handsetFiles } from "./handset-files.ts";

/** Powered-on time, as a handset would give it. */
export interface HostClock {
	/** Milliseconds of powered-on time since this boot; counts sleep. */
	elapsedMs(): number;
	/** Grows by one at each boot. */
	bootCount(): number;
	/** One alarm: replaces the earlier one; `undefined` cancels. */
	wakeAt(elapsedMs: number | undefined, wake: () => void): void;
}

/** What the platform would do for the agent. */
export interface HandsetControls {
	isDeviceOwner(): boolean;
	/** In slot order. */
	imeis(): readonly string[];
	serial(): string;
	/** What else the platform says about itself; nothing where that is left out. */
	readings?(): HandsetReadings;
	/**
	 * Applies the wanted posture and reads it back: names of controls (agent/policy/posture.ts) that do NOT hold.
	 *
	 * @param openPackages apps that stay usable whatever is restricted.
	 */
	apply(restricted: readonly string[], openPackages: readonly string[]): readonly string[];
	/** X.509 certificates (DER) for a key that was made for a challenge, from its own to the root. Left out: the platform attests nothing. */
	attest?(challenge: Uint8Array, publicKey: Uint8Array): readonly Uint8Array[];
	/** Gives device ownership back; true when it is gone. Called only after every restriction was lifted. */
	returnOwnership(): boolean;
}

/** As in FactsRead (proto/holdfast/v1/host.proto). */
export type HandsetReadings = Pick<wire.FactsRead.$Properties, "essentialPackages" | "simDigest" | "attestationDigest">;

/** Everything that an agent on Node is given. */
export interface AgentHostOptions {
	/** Holds ledger.bin, anchor.bin, record.bin, device-key.pem (0600), screen.json, restrictions.json. */
	folder: string;
	clock: HostClock;
	handset: HandsetControls;
	agentVersion: string;
	/** POSTs protobuf to the lender; rejects when there is no network. */
	post(url: string, body: Uint8Array, deadlineMs: number): Promise<Uint8Array>;
	/** Whether a person is looking: screen notices count as shown only then. */
	isPersonPresent(): boolean;
	/** Called after each event, with the powered-on time and the standing that follows from it. */
	onEvent?(what: { at: number; event: string; standing: string }): void;
}

/** A running agent. */
export interface AgentHost {
	/** Serves a CableRequest and gives the CableReply. */
	cable(request: Uint8Array): Promise<Uint8Array>;
	/** The borrower's "I paid, check now". Resolves when the check-in was answered or failed. */
	checkInNow(): Promise<void>;
	/**
	 * The borrower types a code.
	 *
	 * @returns whether it was taken, and if not why: agent/daemon/borrower.ts, or NOT_STORED.
	 */
	enterCode(code: string): Promise<{ readonly accepted: boolean; readonly code: string }>;
	/** Package replaced, time set, boot: re-evaluates and applies again. */
	wake(): Promise<void>;
	/** The borrower's record as one file (RecordFile); `undefined` while no contract is bound, or if the device key does not sign. */
	exportRecord(): Promise<Uint8Array | undefined>;
	/** Settles when no event is being handled and no effect is outstanding. */
	idle(): Promise<void>;
	/** Stops: no event is handled afterwards. */
	close(): Promise<void>;
}

/** Starts the agent in a folder, where it finds its ledger and device key again, and states everything that should hold. */
export async function openAgentHost(options: AgentHostOptions): Promise<AgentHost> {
	return startAgent(options, handsetFiles(options.folder));
}

/** {@link openAgentHost} over any files: for tests that cut the power between two of them. */
export function startAgent(options: AgentHostOptions, files: HandsetFiles): AgentHost {
	const { handset, agentVersion } = options;
	const loop = createEventLoop(options, createDaemon({ crypto: nobleCrypto }), files);
	let factsKnown = "";
	const readFacts = () => {
		const owned = { imeis: [...handset.imeis()], serial: handset.serial(), deviceOwner: handset.isDeviceOwner(), agentVersion };
		const facts = { ...owned, ...handset.readings?.() };
		if (factsKnown === JSON.stringify(facts)) return;
		factsKnown = JSON.stringify(facts);
		loop.dispatch({ facts });
	};
	const start = () => {
		loop.dispatch({ started: {} });
		readFacts();
	};
	start();

	return {
		async cable(request) {
			// Device owner may have been given, or taken, since the last event.
			readFacts();
			return loop.dispatch({ cable: { request } }) ?? refused("INTERNAL", "no reply came of it");
		},
		async checkInNow() {
			loop.dispatch({ checkNow: {} });
			await Promise.race([...loop.outstanding, ...(loop.outstanding.size === 0 ? [undefined] : [])]);
		},
		async enterCode(code) {
			return loop.ask({ codeEntered: { code } }) ?? { accepted: false, code: "NOT_STORED" };
		},
		async wake() {
			start();
		},
		async exportRecord() {
			return loop.exportRecord();
		},
		async idle() {
			while (loop.outstanding.size > 0) await Promise.allSettled([...loop.outstanding]);
		},
		async close() {
			loop.stop();
		},
	};
}
