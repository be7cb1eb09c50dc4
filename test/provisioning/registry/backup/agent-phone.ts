import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openAgentHost } from "../../../../agent/hosts/node/agent-host.ts";
import { decode, encode } from "../../../../proto/codec.ts";
import { wire } from "../../../../proto/wire.ts";
import type { RegistryPort } from "../../../../provisioning/procedure/registry-port.ts";
import { TestClock, TestHandset } from "../../../agent/hosts/simulated-handset.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { nextImei } from "../test-registry.ts";

/** The real agent under one contract, with the network in the test's hand. */
export interface AgentPhone {
	/** Whom it reaches from now on. */
	talkTo(port: RegistryPort): void;
	/** The borrower's "check now": a whole check-in. */
	checkIn(): Promise<void>;
	/** What it shows its borrower. */
	screen(): Promise<Readonly<Record<string, unknown>>>;
	close(): Promise<void>;
}

/** Binds the agent to a contract of a registry and has its receipt confirmed. */
export async function agentPhone(first: RegistryPort, contractId: string): Promise<AgentPhone> {
	let port = first;
	const folder = await mkdtemp(join(tmpdir(), "holdfast-agent-"));
	const { identity } = new TestPhone([nextImei(), nextImei()]);
	const handset = new TestHandset();
	handset.imeis = () => [identity.imei1, identity.imei2 ?? ""];
	handset.serial = () => identity.serial;
	const agent = await openAgentHost({
		folder,
		clock: new TestClock(),
		handset,
		agentVersion: "0.1.0",
		isPersonPresent: () => true,
		post: (_url, body) => port.relayCheckIn(body),
	});
	const offer = await port.offerEnrollment(contractId, identity);
	const { keySetEnvelopes, bindingEnvelope, terms, consent, codeKey } = offer;
	const bind = { keySetEnvelopes: [...keySetEnvelopes], bindingEnvelope, terms, consent, codeKey };
	const reply = decode(wire.CableReply, await agent.cable(encode(wire.CableRequest, { bind })));
	const receipt = reply.bindingAccepted?.receiptEnvelope;
	if (!receipt) throw new Error(`the agent did not take the binding: ${JSON.stringify(reply)}`);
	await port.confirmEnrollment(offer.enrollmentId, receipt, evidence(contractId));
	await agent.idle();
	return {
		talkTo(next) {
			port = next;
		},
		async checkIn() {
			await agent.checkInNow();
			await agent.idle();
		},
		screen: async () => JSON.parse(await readFile(join(folder, "screen.json"), "utf8")),
		async close() {
			await agent.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
}
