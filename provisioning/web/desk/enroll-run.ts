/** Everything that touches a phone: fetched when one is about to be touched, so that the first screen does not wait for it. */
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { type Fault, FaultError, faultError } from "../../handset/fault.ts";
import type { AgentApk } from "../../handset/packages.ts";
import type { HandsetPort } from "../../handset/port.ts";
import { DEFAULT_POLICY } from "../../handset/preflight.ts";
import { enrollSteps } from "../../procedure/enroll.ts";
import type { Enrollment, Found } from "../../procedure/enrollment.ts";
import type { KnownHandset } from "../../procedure/identity.ts";
import type { EnrollmentStatus, RegistryPort } from "../../procedure/registry-port.ts";
import { type ProgressEvent, runSteps, type StepEntry } from "../../procedure/step.ts";
import type { UsbHandset } from "../../transport/web-usb.ts";
import { webUsbKeyStore } from "../../transport/web-usb-key-store.ts";

export interface DeskRunOptions {
	readonly handset: UsbHandset;
	/** The lender's side: the registry while it answers, vouchers while it does not. */
	readonly registry: RegistryPort;
	readonly apk: AgentApk;
	readonly contractId: string;
	/** The phone that the clerk confirmed before, if there is one: no other is taken. */
	readonly known: KnownHandset | undefined;
	/** Who does this, for the evidence. */
	readonly operator: string;
	readonly signal: AbortSignal;
	readonly onAllowNeeded: () => void;
	readonly onOpened: () => void;
	readonly onEvent: (event: ProgressEvent) => void;
	/** Waited for before the first change of the phone; CANCELLED if the answer is no. */
	readonly confirmPhone: (found: ConfirmedPhone) => Promise<boolean>;
}

/** The phone on the cable, for the clerk to compare with the one in hand. */
export interface ConfirmedPhone extends KnownHandset {
	readonly model: string;
}

export interface DeskRunEnd {
	readonly fault?: Fault;
	readonly status?: EnrollmentStatus;
	readonly apk?: Pick<AgentApk, "sha256"> & { readonly versionName: string };
	/** The phone's own debugging is off: it has left the cable for good. */
	readonly isSealed: boolean;
	/** Bound and proven without the registry: neither confirmed nor sealed. */
	readonly isQueued?: true;
}

/** Version of this page, for the evidence. */
const TOOL = "holdfast desk 0.1.0";

/** Opens the phone and runs the same steps as `holdfast enroll`. Faults are values; a bug is an exception. */
export async function runAtDesk(options: DeskRunOptions): Promise<DeskRunEnd> {
	let port: HandsetPort | undefined;
	try {
		port = await options.handset.open({
			credentials: webUsbKeyStore("Holdfast desk"),
			signal: options.signal,
			onAuthorizationNeeded: options.onAllowNeeded,
		});
		options.onOpened();
		return await enroll(options, port);
	} catch (error) {
		if (error instanceof FaultError) return { fault: error.fault, isSealed: false };
		throw error;
	} finally {
		await port?.close();
	}
}

/** Whether the contract's phone has sealed itself: then it does not come back to the cable, and need not. */
export async function sealedStatus(registry: RegistryPort, contractId: string): Promise<EnrollmentStatus | undefined> {
	try {
		const status = await registry.enrollmentOf(contractId);
		return status?.state === "sealed" ? status : undefined;
	} catch (error) {
		if (error instanceof FaultError) return undefined;
		throw error;
	}
}

async function enroll(options: DeskRunOptions, port: HandsetPort): Promise<DeskRunEnd> {
	const { registry, apk, contractId, signal, confirmPhone } = options;
	const entries: StepEntry[] = [];
	const found: Found = {};
	const clock = {
		nowMs: () => Date.now(),
		pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
	};
	let isConfirmed = options.known !== undefined;
	let seen: KnownHandset | undefined;
	const enrollment: Enrollment = {
		port,
		registry,
		contractId,
		apk,
		apkSigner: apk.facts.signerSha256.join(),
		policy: DEFAULT_POLICY,
		known: options.known,
		identified: async (known) => {
			seen = known;
		},
		tool: TOOL,
		operator: options.operator,
		entries,
		clock,
		crypto: nobleCrypto,
		randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
		found,
	};
	const beforeAct = async () => {
		if (isConfirmed || !seen) return;
		const yes = await Promise.race([
			confirmPhone({ ...seen, model: found.handset?.model ?? "" }),
			port.gone.then(() => "gone" as const),
		]);
		if (yes === "gone") throw faultError("USB_LOST");
		if (!yes) throw faultError("CANCELLED");
		isConfirmed = true;
	};
	let stopped: Fault | undefined;
	for await (const event of runSteps(enrollSteps({ seal: true }), enrollment, clock, entries, signal, beforeAct)) {
		options.onEvent(event);
		if (event.type === "finished") stopped = event.fault;
	}
	if (stopped) return { fault: stopped, isSealed: false };
	const installed = { sha256: apk.sha256, versionName: apk.facts.versionName };
	if (found.queued) return { apk: installed, isSealed: false, isQueued: true };
	const status = found.status ?? (await registry.enrollmentOf(contractId));
	return {
		...(status ? { status } : {}),
		apk: installed,
		isSealed: found.sealAnswered === true || status?.state === "sealed",
	};
}
