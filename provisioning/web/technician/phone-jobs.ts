/** Everything that touches phones: fetched when one is about to be touched, so that the first screen does not wait for it. */
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { type HandsetFacts, readFacts } from "../../handset/facts.ts";
import { FaultError, faultError } from "../../handset/fault.ts";
import { AGENT_PACKAGE } from "../../handset/packages.ts";
import type { HandsetPort } from "../../handset/port.ts";
import { askIdentity, requireRegisteredKey } from "../../procedure/device-proof.ts";
import type { HealthLine } from "../../procedure/health.ts";
import { identityOf, imeisOf, type KnownHandset } from "../../procedure/identity.ts";
import { REBIND_STEPS } from "../../procedure/rebind.ts";
import type { HandsetIdentity } from "../../procedure/registry-port.ts";
import { RELEASE_STEPS, type Releasing } from "../../procedure/release.ts";
import { type ReleasedSheet, readReleasedSheet } from "../../procedure/released-sheet.ts";
import { runSteps, type Step } from "../../procedure/step.ts";
import type { Contract } from "../../registry/api.ts";
import type { Certificate } from "../../registry/borrower/borrower-request.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import { createRegistryClient } from "../../registry/clients/registry-client.ts";
import { createTechnicianClient } from "../../registry/clients/technician-client.ts";
import type { UsbHandset } from "../../transport/web-usb.ts";
import { webUsbKeyStore } from "../../transport/web-usb-key-store.ts";
import type { JobTools } from "./phone-job.ts";

/** How a release ended. */
export interface ReleaseEnd {
	readonly certificate: Certificate;
	readonly handset: HandsetIdentity;
	readonly sheet: ReleasedSheet;
	readonly health: readonly HealthLine[];
}

/** A phone that was read, and whose contract its agent holds: ours with the key that the registry knows, none, or another. */
export interface ReadPhone {
	readonly handset: HandsetIdentity;
	readonly agent: "same" | "none" | "other";
}

/** Opens the phone for as long as the work takes. @throws {FaultError} */
export async function withPhone<Value>(
	handset: UsbHandset,
	tools: JobTools,
	work: (port: HandsetPort) => Promise<Value>,
): Promise<Value> {
	const port = await handset.open({
		credentials: webUsbKeyStore("Holdfast technician"),
		signal: tools.signal,
		onAuthorizationNeeded: tools.onAllowNeeded,
	});
	try {
		tools.onOpened();
		return await work(port);
	} finally {
		await port.close();
	}
}

/** The steps of `holdfast release`, then the green sheet. The proof of payoff comes first: without it the phone is not opened. */
export async function releaseJob(
	address: RegistryAddress,
	contract: Contract,
	handset: UsbHandset,
	tools: JobTools,
): Promise<ReleaseEnd> {
	const { contractId } = contract;
	const registry = createRegistryClient({ ...address, crypto: nobleCrypto });
	const grant = await registry.grantRelease(contractId);
	return withPhone(handset, tools, async (port) => {
		const found: Releasing["found"] = {};
		await run(
			RELEASE_STEPS,
			{ ...surroundings(port), registry, contractId, grant, packageName: AGENT_PACKAGE, found },
			port,
			tools,
			() => (found.handset ? { model: found.handset.model, imeis: imeisOf(found.handset) } : undefined),
		);
		if (!found.handset) throw faultError("UNCLASSIFIED", { raw: "the release ended without a handset" });
		const sheet = await sheetOf(address, port, { ...contract, certificateId: grant.certificateId });
		const client = createTechnicianClient(address);
		await client.keepReleaseReport(contractId, { health: [...(found.health ?? [])], sheet: [...sheet.lines] });
		const certificate = await client.certificate(grant.certificateId);
		return { certificate, handset: found.handset, sheet, health: found.health ?? [] };
	});
}

/** The green sheet alone. */
export async function sheetJob(
	address: RegistryAddress,
	contract: Contract,
	handset: UsbHandset,
	tools: JobTools,
): Promise<ReleasedSheet> {
	return withPhone(handset, tools, (port) => sheetOf(address, port, contract));
}

/** Reads who a phone is, and whether its agent still is this contract's. Changes nothing. */
export async function readJob(
	address: RegistryAddress,
	contract: Contract,
	handset: UsbHandset,
	tools: JobTools,
): Promise<ReadPhone> {
	return withPhone(handset, tools, async (port) => {
		const facts = await readFacts(port);
		return { handset: identityOf(facts), agent: await whoseAgent(port, facts, address, contract) };
	});
}

/** Brings an approved rebind to the phone. */
export async function rebindJob(
	address: RegistryAddress,
	contract: Contract,
	approved: KnownHandset,
	handset: UsbHandset,
	tools: JobTools,
): Promise<HandsetIdentity> {
	const registry = createRegistryClient({ ...address, crypto: nobleCrypto });
	return withPhone(handset, tools, async (port) => {
		const found: { handset?: HandsetIdentity } = {};
		const context = { ...surroundings(port), registry, contractId: contract.contractId, approved, found };
		await run(REBIND_STEPS, context, port, tools, () =>
			found.handset ? { model: found.handset.model, imeis: imeisOf(found.handset) } : undefined,
		);
		if (!found.handset) throw faultError("UNCLASSIFIED", { raw: "the rebind ended without a handset" });
		return found.handset;
	});
}

async function sheetOf(address: RegistryAddress, port: HandsetPort, contract: Contract): Promise<ReleasedSheet> {
	const client = createTechnicianClient(address);
	return readReleasedSheet({ port, witness: client, certificateId: contract.certificateId, expected: contract.enrollment });
}

async function whoseAgent(
	port: HandsetPort,
	facts: HandsetFacts,
	address: RegistryAddress,
	{ contractId }: Contract,
): Promise<ReadPhone["agent"]> {
	if (facts.agent === undefined) return "none";
	const agent = await askIdentity(surroundings(port));
	if (agent.contractId === "") return "none";
	if (agent.contractId !== contractId) return "other";
	const status = await createRegistryClient({ ...address, crypto: nobleCrypto }).enrollmentOf(contractId);
	try {
		if (status) requireRegisteredKey(nobleCrypto, agent, status);
		return status ? "same" : "other";
	} catch (error) {
		if (error instanceof FaultError && error.fault.code === "RECEIPT_INVALID") return "other";
		throw error;
	}
}

/** Runs steps; the person compares the phone before the first that changes anything. @throws {FaultError} what stopped them. */
async function run<Context>(
	steps: readonly Step<Context>[],
	context: Context,
	port: HandsetPort,
	tools: JobTools,
	seen: () => { model: string; imeis: readonly string[] } | undefined,
): Promise<void> {
	let isConfirmed = false;
	const beforeAct = async () => {
		const phone = seen();
		if (isConfirmed || !phone) return;
		const answer = await Promise.race([tools.confirmPhone(phone), port.gone.then(() => "gone" as const)]);
		if (answer === "gone") throw faultError("USB_LOST");
		if (!answer) throw faultError("CANCELLED");
		isConfirmed = true;
	};
	for await (const event of runSteps(steps, context, clock, [], tools.signal, beforeAct)) {
		tools.onEvent(event);
		if (event.type === "finished" && event.fault) throw new FaultError(event.fault);
	}
}

const clock = {
	nowMs: () => Date.now(),
	pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
};

const surroundings = (port: HandsetPort) => ({
	port,
	clock,
	crypto: nobleCrypto,
	randomBytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
});
