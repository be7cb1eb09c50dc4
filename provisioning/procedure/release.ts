import { wire } from "../../proto/wire.ts";
import { request } from "../handset/agent-channel.ts";
import { readOwner } from "../handset/device-owner.ts";
import { FaultError, faultError } from "../handset/fault.ts";
import { readAgentPackage, uninstallAgent } from "../handset/packages.ts";
import { readRestrictions } from "../handset/restrictions.ts";
import { askIdentity, requireRegisteredKey } from "./device-proof.ts";
import { compareHealth, type Health, type HealthLine, readHealth } from "./health.ts";
import { factsOf, identifyEnrolled, type WithEnrolledHandset } from "./identify-enrolled.ts";
import type { ReleaseGrant } from "./registry-port.ts";
import type { Step } from "./step.ts";

/** How long the agent may take to give everything back. */
const UNDO_MS = 30_000;
const POLL_MS = 250;

/** Giving a paid-off phone back. The wrong phone would be freed for nothing, and the right one stay locked. */
export interface Releasing extends WithEnrolledHandset {
	readonly packageName: string;
	readonly grant: ReleaseGrant;
	readonly found: WithEnrolledHandset["found"] & {
		before?: Health;
		/** What the release changed on the phone, beside setting it free: nothing. */
		health?: readonly HealthLine[];
	};
}

const prove: Step<Releasing> = {
	name: "prove",
	title: "Prove the device key",
	readsOnly: true,
	done: async (context) => factsOf(context).agent === undefined,
	async act(context) {
		const { contractId, found } = context;
		const agent = await askIdentity(context);
		if (agent.contractId !== contractId)
			throw faultError("AGENT_BOUND_ELSEWHERE", { details: { "bound to": agent.contractId || "nothing" } });
		if (found.status) requireRegisteredKey(context.crypto, agent, found.status);
	},
	async confirm() {},
};

const before: Step<Releasing> = {
	name: "before",
	title: "Note the phone's health",
	readsOnly: true,
	done: async () => false,
	async act(context) {
		context.found.before = await readHealth(context.port, factsOf(context));
	},
	async confirm() {},
};

const deliver: Step<Releasing> = {
	name: "deliver",
	title: "Deliver the release",
	done: async (context) => factsOf(context).agent === undefined,
	async act({ port, grant }) {
		const { orders } = await request(port, { deliverOrders: { orderEnvelopes: [grant.releaseEnvelope] } }, "outcome");
		const refused = orders.find(({ result }) => result !== wire.OrderResult.ORDER_RESULT_ACCEPTED);
		if (refused)
			throw faultError("AGENT_REFUSED", {
				details: { order: "release", rule: refused.rule },
			});
	},
	async confirm() {},
};

const undo: Step<Releasing> = {
	name: "undo",
	title: "Let the agent give everything back",
	done: async (context) => factsOf(context).owner === undefined,
	async act(context) {
		const { port, clock } = context;
		const until = clock.nowMs() + UNDO_MS;
		while (clock.nowMs() < until && (await readOwner(port, factsOf(context)))) await clock.pause(POLL_MS);
	},
	async confirm(context) {
		const { port } = context;
		// A restriction that stays is why the owner stays: the agent keeps its rights until it has given everything back.
		const restrictions = await readRestrictions(port);
		if (restrictions.length > 0) throw faultError("RELEASE_INCOMPLETE", { details: { restrictions: restrictions.join(", ") } });
		const owner = await readOwner(port, factsOf(context));
		if (owner) throw faultError("OWNER_REMAINS", { details: { owner: owner.component } });
	},
};

const report: Step<Releasing> = {
	name: "report",
	title: "Report to the registry",
	done: async (context) => context.found.status?.state === "released" || factsOf(context).agent === undefined,
	async act({ port, registry }) {
		const { checkInEnvelope } = await request(port, { startCheckIn: {} }, "checkInStarted");
		try {
			const replyEnvelope = await registry.relayCheckIn(checkInEnvelope);
			await request(port, { finishCheckIn: { replyEnvelope } }, "outcome");
		} catch (error) {
			if (!(error instanceof FaultError) || error.fault.code !== "REGISTRY_UNREACHABLE") throw error;
			// Freed first, reported later: only the record is open, and the agent stays installed to report it.
			throw faultError("REGISTRY_UNREACHABLE", {
				details: {
					handset: "free already; only the report to the registry is missing",
				},
			});
		}
	},
	async confirm() {},
};

const uninstall: Step<Releasing> = {
	name: "uninstall",
	title: "Remove the agent",
	done: async (context) => factsOf(context).agent === undefined,
	act: async ({ port, packageName }) => uninstallAgent(port, packageName),
	async confirm({ port, packageName }) {
		if (await readAgentPackage(port))
			throw faultError("RELEASE_INCOMPLETE", {
				details: { "still installed": packageName },
			});
	},
};

const after: Step<Releasing> = {
	name: "after",
	title: "Compare the phone's health",
	readsOnly: true,
	done: async () => false,
	async act({ port, found }) {
		if (found.before) found.health = compareHealth(found.before, await readHealth(port));
	},
	async confirm({ found }, { note }) {
		const changed = found.health?.filter(({ verdict }) => verdict === "changed") ?? [];
		note(
			changed.length === 0
				? "Nothing else changed on the phone."
				: `Changed meanwhile: ${changed.map((line) => `${line.name} (${line.before} -> ${line.after})`).join("; ")}.`,
		);
	},
};

const certify: Step<Releasing> = {
	name: "certify",
	title: "Close the record",
	done: async () => false,
	async act({ registry, contractId, found }) {
		const status = await registry.enrollmentOf(contractId);
		if (status) found.status = status;
	},
	async confirm({ found }, { note }) {
		if (found.status?.state !== "released")
			note("The registry has not heard of the release yet; run this command again when it is reachable.");
	},
};

/** The proof of payoff (the grant) comes first and from outside: without it there is nothing to run. */
export const RELEASE_STEPS: readonly Step<Releasing>[] = [
	identifyEnrolled,
	prove,
	before,
	deliver,
	undo,
	report,
	uninstall,
	after,
	certify,
];
