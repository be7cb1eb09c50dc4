import { type HandsetFacts, readFacts } from "../handset/facts.ts";
import { type Fault, FaultError } from "../handset/fault.ts";
import { AGENT_ADMIN } from "../handset/packages.ts";
import { type PreflightPolicy, preflight, probeCable, probeSecurityToggle } from "../handset/preflight.ts";
import { askIdentity } from "./device-proof.ts";
import type { Step } from "./step.ts";
import type { Surroundings } from "./surroundings.ts";

/** An examination: changes nothing on the phone, and goes on after each fault that lets it. */
export interface Examination extends Surroundings {
	readonly policy: PreflightPolicy;
	readonly found: { facts?: HandsetFacts; readonly faults: Fault[] };
}

/** Adds a fault once; the first of a code keeps its details. */
function add(found: Examination["found"], faults: readonly Fault[]): void {
	for (const fault of faults) if (!found.faults.some(({ code }) => code === fault.code)) found.faults.push(fault);
}

/** A probe whose refusal is a finding; only the loss of the phone ends the examination. */
async function finding(found: Examination["found"], probe: () => Promise<Fault | undefined>): Promise<void> {
	try {
		const fault = await probe();
		if (fault) add(found, [fault]);
	} catch (error) {
		if (!(error instanceof FaultError) || isLinkLost(error.fault)) throw error;
		add(found, [error.fault]);
	}
}

const LINK_LOST: readonly string[] = ["USB_LOST", "LINK_STALLED", "TRANSFER_STALLED", "HANDSET_REBOOTED", "ADB_SERVER_GONE"];
const isLinkLost = ({ code }: Fault) => LINK_LOST.includes(code);

const cable: Step<Examination> = {
	name: "cable",
	title: "Try the cable",
	done: async () => false,
	act: async ({ port, found, clock }) => finding(found, () => probeCable(port, clock)),
	async confirm() {},
};

const facts: Step<Examination> = {
	name: "facts",
	title: "Read the handset",
	done: async () => false,
	async act({ port, found, policy }) {
		found.facts = await readFacts(port);
		add(
			found,
			preflight(found.facts, {
				...policy,
				ownerIsOurs: found.facts.owner?.component === AGENT_ADMIN,
			}),
		);
	},
	async confirm() {},
};

const toggle: Step<Examination> = {
	name: "toggle",
	title: "Try the security switch",
	// While the phone boots, every service is missing: that would only be said twice.
	done: async ({ found }) => found.facts?.booted === false,
	act: async ({ port, found }) => finding(found, () => probeSecurityToggle(port)),
	async confirm() {},
};

const agent: Step<Examination> = {
	name: "agent",
	title: "Ask the agent",
	// Nothing to ask before it is installed and owns the phone.
	done: async ({ found }) => found.facts?.agent === undefined || found.facts.owner?.component !== AGENT_ADMIN,
	act: async (context) =>
		finding(context.found, async () => {
			await askIdentity(context);
			return undefined;
		}),
	async confirm() {},
};

export const DOCTOR_STEPS: readonly Step<Examination>[] = [cable, facts, toggle, agent];
