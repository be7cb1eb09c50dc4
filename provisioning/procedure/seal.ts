import { request } from "../handset/agent-channel.ts";
import { FaultError, faultError } from "../handset/fault.ts";
import type { Enrollment } from "./enrollment.ts";
import type { EnrollmentStatus } from "./registry-port.ts";
import type { Step } from "./step.ts";

/** How long a sealed handset may take to drop off the cable. */
const SEAL_DROP_MS = 15_000;
/** How long we wait for the registry to hear of the seal from the handset itself, when nothing else could prove it. */
const SEAL_REPORT_MS = 10_000;
/**
 * The same when the handset has answered: then it only saves a line of "not yet". A handset that has a network reports as soon as
 * debugging is off, in a round trip or two; one that has none, as in a warehouse, would let every run wait in vain.
 */
const SEAL_REPORT_AFTER_ANSWER_MS = 3_000;
const POLL_MS = 50;

/** Ends our way back in, last of all: the phone drops off the cable, and the registry hears of it from the phone itself. */
export const seal: Step<Enrollment> = {
	name: "seal",
	title: "Switch USB debugging off",
	// Debugging is our only way back in: it stays on until the lender has confirmed the phone.
	done: async ({ found }) => (found.queued ? "postponed" : false),
	async act({ port, clock, found }, report) {
		report.note("The phone leaves the cable now; that is right.");
		let said: FaultError | undefined;
		try {
			const { status } = await request(port, { seal: {} }, "outcome");
			found.sealAnswered = status?.sealed === true;
		} catch (error) {
			if (!(error instanceof FaultError) || error.fault.code === "AGENT_REFUSED") throw error;
			said = error;
		}
		// The answer goes before the cable does, but a plug may be pulled, or a phone be slow: then it says anything, and confirm decides.
		const dropped = await Promise.race([port.gone.then(() => true), clock.pause(SEAL_DROP_MS).then(() => false)]);
		if (!dropped) throw said ?? faultError("SEAL_FAILED");
	},
	async confirm(context, report) {
		const { found } = context;
		const reported = await sealReported(context);
		if (reported) {
			found.status = reported;
			return;
		}
		// Without the agent's word, a drop may as well have been a pulled plug.
		if (!found.sealAnswered) throw faultError("USB_LOST");
		report.note("The registry hears of the seal when the phone is next online.");
	},
};

/** The registry's word that the handset is sealed; `undefined` if it did not come in time. */
async function sealReported({ registry, contractId, clock, found }: Enrollment): Promise<EnrollmentStatus | undefined> {
	const until = clock.nowMs() + (found.sealAnswered ? SEAL_REPORT_AFTER_ANSWER_MS : SEAL_REPORT_MS);
	try {
		while (clock.nowMs() < until) {
			const status = await registry.enrollmentOf(contractId);
			if (status?.state === "sealed") return status;
			await clock.pause(POLL_MS);
		}
	} catch (error) {
		// The agent decided and said so; a registry that cannot be asked just now changes nothing about the phone.
		const isSilent = error instanceof FaultError && error.fault.code === "REGISTRY_UNREACHABLE";
		if (!isSilent || !found.sealAnswered) throw error;
	}
	return undefined;
}
