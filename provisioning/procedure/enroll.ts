import { toHex } from "../../proto/crypto.ts";
import { PayloadType, readEnvelope } from "../../proto/envelope.ts";
import { request } from "../handset/agent-channel.ts";
import { setOwner } from "../handset/device-owner.ts";
import { type HandsetFacts, readFacts } from "../handset/facts.ts";
import { type Fault, FaultError, fault, faultError } from "../handset/fault.ts";
import type { AgentApk } from "../handset/packages.ts";
import {
	applyGrants,
	checkAgentApk,
	grantsHold,
	holdsExactly,
	installAgent,
	isInstalled,
	readAgentPackage,
} from "../handset/packages.ts";
import { type PreflightPolicy, preflight } from "../handset/preflight.ts";
import { type AgentIdentity, askIdentity, type ProvenReceipt, proveReceipt, requireRegisteredKey } from "./device-proof.ts";
import { evidenceOf } from "./evidence.ts";
import { identityOf, imeisOf, type KnownHandset, requireSame } from "./identity.ts";
import type { EnrollmentOffer, EnrollmentStatus, HandsetIdentity, RegistryPort } from "./registry-port.ts";
import type { Step, StepEntry } from "./step.ts";
import type { Surroundings } from "./surroundings.ts";

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
	/** Entries of the steps so far: {@link runSteps} fills it. */
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

function need<Value>(value: Value | undefined, what: string): Value {
	if (value === undefined) throw new Error(`steps run out of order: ${what} is not known yet`);
	return value;
}

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

const seal: Step<Enrollment> = {
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

/** Order matters: the handset is proven and confirmed before debugging, our only way back in, is switched off. */
export function enrollSteps(options: { readonly seal: boolean }): readonly Step<Enrollment>[] {
	const steps = [identify, check, install, own, grant, bind, attest, confirmWithRegistry];
	return options.seal ? [...steps, seal] : steps;
}
