import type { HandsetFacts } from "../handset/facts.ts";
import type { AgentApk } from "../handset/packages.ts";
import type { PreflightPolicy } from "../handset/preflight.ts";
import type { AgentIdentity, ProvenReceipt } from "./device-proof.ts";
import type { KnownHandset } from "./identity.ts";
import type { EnrollmentOffer, EnrollmentStatus, HandsetIdentity, RegistryPort } from "./registry-port.ts";
import type { StepEntry } from "./step.ts";
import type { Surroundings } from "./surroundings.ts";

/** One enrolment: what it is given, and what its steps found so far in this run. */
export interface Enrollment extends Surroundings {
	readonly registry: RegistryPort;
	readonly contractId: string;
	readonly apk: AgentApk;
	/** SHA-256 of the one certificate that may have signed the APK; any if it is left out. */
	readonly apkSigner?: string | undefined;
	readonly policy: PreflightPolicy;
	/** The handset that an earlier attempt worked on, or that the operator scanned. */
	readonly known?: KnownHandset | undefined;
	/** Name and version of the tool, and who operates it. */
	readonly tool: string;
	readonly operator: string;
	/** Entries of the steps so far: `runSteps` fills it. */
	readonly entries: StepEntry[];
	/** Facts that were read through this very port just now, so that nobody has to wait for them twice. */
	readonly read?: HandsetFacts | undefined;
	/** Called as soon as the handset is known, before anything is changed on it. */
	identified?(known: KnownHandset): Promise<void>;
	readonly found: Found;
}

/** What this run found. Each field is set by the step that finds it. */
export interface Found {
	facts?: HandsetFacts;
	handset?: HandsetIdentity;
	/** The agent was installed in this run. */
	installed?: boolean;
	agent?: AgentIdentity;
	/** The offer, asked for while the agent is put on the phone. */
	asked?: Promise<EnrollmentOffer>;
	offer?: EnrollmentOffer;
	receiptEnvelope?: Uint8Array;
	receipt?: ProvenReceipt;
	/** What the registry has after the check-in, asked for while the phone is told of it. */
	recorded?: Promise<EnrollmentStatus | undefined>;
	status?: EnrollmentStatus;
	/** The receipt waits for the registry: the phone is bound and proven, but neither confirmed nor sealed. */
	queued?: true;
	/** The agent said that it is sealed, before the cable dropped: it is decided and stored, and no restart undoes it. */
	sealAnswered?: boolean;
}

/** What an earlier step found. @throws {Error} when it did not: a mistake in the order of the steps. */
export function need<Value>(value: Value | undefined, what: string): Value {
	if (value === undefined) throw new Error(`steps run out of order: ${what} is not known yet`);
	return value;
}
