import { toHex } from "../../proto/crypto.ts";
import { wire } from "../../proto/wire.ts";
import { request } from "../handset/agent-channel.ts";
import { type HandsetFacts, readFacts } from "../handset/facts.ts";
import { faultError } from "../handset/fault.ts";
import { askIdentity, requireRegisteredKey } from "./device-proof.ts";
import { identityOf, type KnownHandset, requireSame } from "./identity.ts";
import type { EnrollmentStatus, HandsetIdentity, RegistryPort } from "./registry-port.ts";
import type { Step } from "./step.ts";
import type { Surroundings } from "./surroundings.ts";

/** One brings the order, the next tells what became of it. */
const MOST_CHECK_INS = 3;

/** Carrying an approved rebind to a phone whose IMEIs have changed. The wrong phone has another device key, and is refused. */
export interface Rebinding extends Surroundings {
	readonly registry: RegistryPort;
	readonly contractId: string;
	/** The phone as it was approved. */
	readonly approved: KnownHandset;
	readonly found: {
		facts?: HandsetFacts;
		handset?: HandsetIdentity;
		status?: EnrollmentStatus;
	};
}

const identify: Step<Rebinding> = {
	name: "identify",
	title: "Identify the handset",
	readsOnly: true,
	done: async () => false,
	async act({ port, registry, contractId, approved, found }) {
		const [facts, status] = await Promise.all([readFacts(port), registry.enrollmentOf(contractId)]);
		if (!status) throw faultError("CONTRACT_UNKNOWN", { details: { contract: contractId } });
		const handset = identityOf(facts);
		requireSame(approved, handset);
		Object.assign(found, { facts, handset, status });
	},
	async confirm() {},
};

const prove: Step<Rebinding> = {
	name: "prove",
	title: "Prove the device key",
	readsOnly: true,
	done: async () => false,
	async act(context) {
		await provenAgent(context);
	},
	async confirm() {},
};

const carry: Step<Rebinding> = {
	name: "carry",
	title: "Bring the new binding",
	done: isRebound,
	async act(context) {
		const { port, registry } = context;
		for (let turn = 0; turn < MOST_CHECK_INS && !(await isRebound(context)); turn += 1) {
			const { checkInEnvelope } = await request(port, { startCheckIn: {} }, "checkInStarted");
			const replyEnvelope = await registry.relayCheckIn(checkInEnvelope);
			const { orders } = await request(port, { finishCheckIn: { replyEnvelope } }, "outcome");
			const refused = orders.find(({ result }) => result === wire.OrderResult.ORDER_RESULT_REFUSED);
			if (refused) throw faultError("AGENT_REFUSED", { details: { order: "rebind", rule: refused.rule } });
		}
	},
	async confirm(context) {
		if (await isRebound(context)) return;
		throw faultError("AGENT_REFUSED", {
			details: { order: "rebind", rule: "the phone holds another binding than the registry" },
		});
	},
};

/** The phone's own answer and the registry's are the same, for the phone as it is now. */
async function isRebound(context: Rebinding): Promise<boolean> {
	const { registry, contractId, approved, found } = context;
	const status = await registry.enrollmentOf(contractId);
	if (!status) return false;
	found.status = status;
	const known = status.imei2 === undefined ? [status.imei1] : [status.imei1, status.imei2];
	const isNew = known.every((imei) => approved.imeis.includes(imei)) && status.serial === approved.serial;
	return isNew && toHex((await provenAgent(context)).bindingSha256) === status.bindingSha256;
}

/** Its IMEIs may be others; its key is the one whose receipt the registry holds, or it is another phone. */
async function provenAgent(context: Rebinding) {
	const agent = await askIdentity(context);
	if (agent.contractId !== context.contractId)
		throw faultError("AGENT_BOUND_ELSEWHERE", { details: { "bound to": agent.contractId || "nothing" } });
	if (!context.found.status) throw new Error("steps run out of order: the enrolment is not known yet");
	requireRegisteredKey(context.crypto, agent, context.found.status);
	return agent;
}

/** An approved rebind, carried over the cable: the registry has moved the contract when they end. */
export const REBIND_STEPS: readonly Step<Rebinding>[] = [identify, prove, carry];
