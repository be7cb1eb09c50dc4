import { toHex } from "../../proto/crypto.ts";
import { PayloadType, readEnvelope } from "../../proto/envelope.ts";
import { request } from "../handset/agent-channel.ts";
import { setOwner } from "../handset/device-owner.ts";
import { readFacts } from "../handset/facts.ts";
import { type Fault, FaultError, fault, faultError } from "../handset/fault.ts";
import {
	applyGrants,
	checkAgentApk,
	grantsHold,
	holdsExactly,
	installAgent,
	isInstalled,
	readAgentPackage,
} from "../handset/packages.ts";
import { preflight } from "../handset/preflight.ts";
import { askIdentity, proveReceipt, requireRegisteredKey } from "./device-proof.ts";
import { type Enrollment, need } from "./enrollment.ts";
import { evidenceOf } from "./evidence.ts";
import { identityOf, imeisOf, requireSame } from "./identity.ts";
import type { EnrollmentOffer } from "./registry-port.ts";
import { seal } from "./seal.ts";
import type { Step } from "./step.ts";

export type { Enrollment } from "./enrollment.ts";

const identify: Step<Enrollment> = {
	name: "identify",
	title: "Identify the handset",
	readsOnly: true,
	done: async () => false,
	async act(context, report) {
		const facts = context.read ?? (await readFacts(context.port));
		const handset = identityOf(facts);
		requireSame(context.known, handset);
		context.found.facts = facts;
		context.found.handset = handset;
		const { known } = context;
		if (known?.bootId !== undefined && facts.boot.id !== undefined && known.bootId !== facts.boot.id) {
			report.note(`HANDSET_REBOOTED: ${fault("HANDSET_REBOOTED").meaning}`);
		}
		await context.identified?.({ serial: handset.serial, imeis: imeisOf(handset), bootId: facts.boot.id });
	},
	async confirm() {},
};

/** Faults that stand in the way of an enrolment, most basic first. A handset whose owner we are already was past them. */
function obstacles({ found, policy, apk }: Enrollment): readonly Fault[] {
	const facts = need(found.facts, "facts");
	return preflight(facts, {
		...policy,
		ownerIsOurs: facts.owner?.component === apk.component,
	});
}

const check: Step<Enrollment> = {
	name: "preflight",
	title: "Check that it can be enrolled",
	readsOnly: true,
	done: async () => false,
	async act(context) {
		checkAgentApk(context.apk, context.apkSigner);
		const [first, ...others] = obstacles(context);
		if (!first) {
			const asked = context.registry.offerEnrollment(context.contractId, need(context.found.handset, "handset"));
			asked.catch(() => {}); // told by the step that needs it
			context.found.asked = asked;
			return;
		}
		const also = others.map((each) => each.code).join(", ");
		throw new FaultError(also === "" ? first : { ...first, details: { ...first.details, also } });
	},
	async confirm() {},
};

const install: Step<Enrollment> = {
	name: "install",
	title: "Install the agent",
	done: async ({ found, apk }) => isInstalled(need(found.facts, "facts").agent, apk),
	async act({ port, apk, clock }, report) {
		report.note("Keep the phone's screen on; tap Install if it asks.");
		await installAgent(port, apk, {
			pause: clock.pause,
			onProgress: (sent) => report.progress(sent / apk.bytes.length),
		});
	},
	async confirm({ port, apk, found }) {
		found.installed = true;
		if (await holdsExactly(port, apk.facts.packageName, apk.sha256)) return;
		const installed = await readAgentPackage(port);
		if (!isInstalled(installed, apk))
			throw faultError("INSTALL_REFUSED", {
				details: { "read back": JSON.stringify(installed) },
			});
	},
};

const own: Step<Enrollment> = {
	name: "own",
	title: "Make the agent device owner",
	done: async ({ found, apk }) => need(found.facts, "facts").owner?.component === apk.component,
	async act({ port, apk, clock, found }, report) {
		// Until here the phone only has an app that does nothing. A contract that is not for it must stop us now.
		found.offer = await need(found.asked, "offer");
		await setOwner(port, apk.component, need(found.facts, "facts"), {
			pause: clock.pause,
			note: report.note,
		});
	},
	// setOwner believes nothing but the owner that it reads back.
	async confirm() {},
};

const grant: Step<Enrollment> = {
	name: "grants",
	title: "Let the agent start by itself",
	// Installing resets them, so right after it there is nothing to look for.
	done: async ({ port, apk, found }) => !found.installed && grantsHold(port, apk.facts.packageName, need(found.facts, "facts")),
	async act({ port, apk, found }) {
		await applyGrants(port, apk.facts.packageName, need(found.facts, "facts"));
	},
	// applyGrants reads each grant back in the same round trip.
	async confirm() {},
};

const bind: Step<Enrollment> = {
	name: "bind",
	title: "Bind the contract",
	async done(context) {
		const { found, contractId } = context;
		// An agent that was not there before this run is bound to nothing.
		const isNew = found.installed === true && need(found.facts, "facts").agent === undefined;
		const [offer, agent] = await Promise.all([need(found.asked, "offer"), isNew ? undefined : askIdentity(context)]);
		found.offer = offer;
		if (!agent) return false;
		found.agent = agent;
		if (agent.contractId !== "" && agent.contractId !== contractId) {
			throw faultError("AGENT_BOUND_ELSEWHERE", {
				details: { "bound to": agent.contractId, wanted: contractId },
			});
		}
		// Bound but without a stored receipt: the same Bind gives the same receipt again.
		return offer.state !== "offered" && toHex(agent.bindingSha256) === toHex(context.crypto.sha256(bindingPayload(offer)));
	},
	async act({ port, found }) {
		const { keySetEnvelopes, bindingEnvelope, terms, consent, codeKey } = need(found.offer, "offer");
		const sent = {
			keySetEnvelopes: [...keySetEnvelopes],
			bindingEnvelope,
			terms,
			consent,
			codeKey,
		};
		const reply = await request(port, { bind: sent }, "bindingAccepted");
		found.receiptEnvelope = reply.receiptEnvelope;
	},
	async confirm({ found, crypto }) {
		const payload = bindingPayload(need(found.offer, "offer"));
		found.receipt = proveReceipt(crypto, need(found.receiptEnvelope, "receipt"), payload, need(found.handset, "handset"));
	},
};

/** The exact bytes that the registry signed as Binding. The registry client has verified the envelope. */
function bindingPayload({ bindingEnvelope }: EnrollmentOffer): Uint8Array {
	return readEnvelope(bindingEnvelope, PayloadType.binding).payload;
}

const attest: Step<Enrollment> = {
	name: "attest",
	title: "Prove the device key",
	readsOnly: true,
	done: async () => false,
	async act(context) {
		context.found.agent = await askIdentity(context);
	},
	async confirm({ found, contractId, crypto }) {
		const agent = need(found.agent, "agent");
		const binding = toHex(crypto.sha256(bindingPayload(need(found.offer, "offer"))));
		if (agent.contractId !== contractId || toHex(agent.bindingSha256) !== binding) {
			throw faultError("RECEIPT_INVALID", {
				details: { what: "the agent does not hold the binding it accepted" },
			});
		}
		if (found.receipt && toHex(found.receipt.devicePublicKey) !== toHex(agent.devicePublicKey)) {
			throw faultError("RECEIPT_INVALID", {
				details: {
					what: "the receipt was signed by another key than the agent holds",
				},
			});
		}
	},
};

const confirmWithRegistry: Step<Enrollment> = {
	name: "confirm",
	title: "Confirm with the registry",
	done: async ({ found }) => isContacted(need(found.offer, "offer").state) && need(found.agent, "agent").confirmed,
	async act(context, report) {
		const { found, registry, port } = context;
		const offer = need(found.offer, "offer");
		const { receiptEnvelope } = found;
		const [{ checkInEnvelope }, answer] = await Promise.all([
			request(port, { startCheckIn: {} }, "checkInStarted"),
			receiptEnvelope && registry.confirmEnrollment(offer.enrollmentId, receiptEnvelope, evidenceOf(context)),
		]);
		if (answer?.queued) {
			found.queued = true;
			report.postpone("The registry hears of it later; the phone is not sealed yet.");
			return;
		}
		const replyEnvelope = await registry.relayCheckIn(checkInEnvelope);
		// The registry has heard from the phone now; it is asked while the phone hears from it.
		found.recorded = registry.enrollmentOf(context.contractId);
		found.recorded.catch(() => {}); // told by confirm
		await request(port, { finishCheckIn: { replyEnvelope } }, "outcome");
	},
	async confirm({ found, crypto }) {
		const status = await need(found.recorded, "registry's record");
		const handset = need(found.handset, "handset");
		if (!status || !isContacted(status.state) || status.imei1 !== handset.imei1 || status.serial !== handset.serial) {
			throw faultError("REGISTRY_REFUSED", {
				details: {
					what: "the registry does not know this handset as enrolled",
				},
			});
		}
		requireRegisteredKey(crypto, need(found.agent, "agent"), status);
		found.status = status;
	},
};

const isContacted = (state: string) => state === "contacted" || state === "sealed";

/** Order matters: the handset is proven and confirmed before debugging, our only way back in, is switched off. */
export function enrollSteps(options: { readonly seal: boolean }): readonly Step<Enrollment>[] {
	const steps = [identify, check, install, own, grant, bind, attest, confirmWithRegistry];
	return options.seal ? [...steps, seal] : steps;
}
