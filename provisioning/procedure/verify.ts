import { toHex } from "../../proto/crypto.ts";
import { faultError } from "../handset/fault.ts";
import { type AgentApk, isInstalled } from "../handset/packages.ts";
import { askIdentity, requireRegisteredKey } from "./device-proof.ts";
import { identifyEnrolled, type WithEnrolledHandset } from "./identify-enrolled.ts";
import type { Step } from "./step.ts";

/** A comparison of the handset with what the registry says of it. Changes nothing. */
export interface Verification extends WithEnrolledHandset {
	readonly apk: AgentApk;
}

const owned: Step<Verification> = {
	name: "owner",
	title: "Read back agent and owner",
	done: async () => false,
	async act({ found, apk }) {
		if (!isInstalled(found.facts?.agent, apk))
			throw faultError("INSTALL_REFUSED", {
				details: { "read back": "another agent, or none" },
			});
		if (found.facts?.owner?.component !== apk.component) {
			throw faultError("DPM_NOT_ACTIVE", {
				details: { "read back": found.facts?.owner?.component ?? "no owner" },
			});
		}
	},
	async confirm() {},
};

const bound: Step<Verification> = {
	name: "binding",
	title: "Prove the binding",
	done: async () => false,
	async act(context) {
		const { found, contractId } = context;
		const agent = await askIdentity(context);
		if (agent.contractId !== contractId)
			throw faultError("AGENT_BOUND_ELSEWHERE", {
				details: { "bound to": agent.contractId || "nothing" },
			});
		if (toHex(agent.bindingSha256) !== found.status?.bindingSha256) {
			throw faultError("RECEIPT_INVALID", {
				details: { what: "handset and registry hold different bindings" },
			});
		}
		requireRegisteredKey(context.crypto, agent, found.status);
		const drift = agent.status?.postureDrift ?? [];
		if (drift.length > 0)
			throw faultError("AGENT_REFUSED", {
				details: { "does not hold": drift.join(", ") },
			});
	},
	async confirm() {},
};

export const VERIFY_STEPS: readonly Step<Verification>[] = [identifyEnrolled, owned, bound];
