import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type AgentHost, openAgentHost } from "../../../agent/hosts/node/agent-host.ts";
import { ANSWER_MS } from "../../../agent/hosts/node/answer-first.ts";
import { decode, encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { EPOCH, TestLender } from "../test-lender.ts";
import { hostOptions, TestClock, TestHandset } from "./simulated-handset.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "answer-first-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A phone that is bound and confirmed, and reaches nobody any more. */
async function confirmed() {
	const lender = await TestLender.create();
	const clock = new TestClock();
	const handset = new TestHandset();
	const { options, network } = hostOptions(lender, clock, handset, folder);
	const agent = await openAgentHost(options);
	await agent.cable(encode(wire.CableRequest, { bind: await lender.bind() }));
	await agent.idle();
	network.isUp = false;
	return { lender, clock, handset, options, network, agent };
}

async function outcome(agent: AgentHost, request: wire.CableRequest.$Properties) {
	return decode(wire.CableReply, await agent.cable(encode(wire.CableRequest, request))).outcome;
}
const seal = (agent: AgentHost) => outcome(agent, { seal: {} });
const hello = (agent: AgentHost) => agent.cable(encode(wire.CableRequest, { hello: { challenge: new Uint8Array(16) } }));
const isClosed = (handset: TestHandset) => handset.restricted.includes("debugging");

describe("the answer to a cable request that closes the cable", () => {
	test("is given while debugging is still on, which goes a second later", async () => {
		const { agent, clock, handset } = await confirmed();
		expect((await seal(agent))?.status?.sealed).toBe(true);
		expect(isClosed(handset)).toBe(false);
		clock.pass(ANSWER_MS - 1);
		expect(isClosed(handset)).toBe(false);
		clock.pass(1);
		expect(isClosed(handset)).toBe(true);
	});

	test("holds nothing else back", async () => {
		const { agent, handset } = await confirmed();
		const before = handset.restricted;
		await seal(agent);
		expect(handset.restricted).toEqual(before);
		expect(before).toContain("uninstallAgent");
	});

	test("is told to the lender once debugging was read back as off, and not before", async () => {
		const { agent, clock, network } = await confirmed();
		network.isUp = true;
		const { posts } = network;
		await seal(agent);
		await agent.idle();
		expect(network.posts).toBe(posts);
		clock.pass(ANSWER_MS);
		await agent.idle();
		expect(network.posts).toBe(posts + 1);
	});

	test("does not hide what the platform refuses", async () => {
		const { agent, clock, handset } = await confirmed();
		await seal(agent);
		handset.drift = ["debugging"];
		clock.pass(ANSWER_MS);
		const status = decode(wire.CableReply, await hello(agent)).identity?.status;
		expect(status?.postureDrift).toContain("debugging");
	});

	test("is waited for once: requests after it do not keep the cable open", async () => {
		const { agent, clock, handset } = await confirmed();
		await seal(agent);
		for (let request = 0; request < 3; request += 1) {
			clock.now += 300;
			await hello(agent);
			expect(isClosed(handset)).toBe(false);
		}
		clock.now += 100;
		await hello(agent);
		expect(isClosed(handset)).toBe(true);
	});

	test("is waited for whatever else happens in that second", async () => {
		const { agent, clock, handset } = await confirmed();
		await seal(agent);
		clock.now += 500;
		await agent.checkInNow();
		await agent.wake();
		expect(isClosed(handset)).toBe(false);
		clock.pass(500);
		expect(isClosed(handset)).toBe(true);
	});

	test("a host that is killed before the cable is closed closes it when it starts", async () => {
		const { agent, clock, handset, options } = await confirmed();
		await seal(agent);
		await agent.close();
		expect(isClosed(handset)).toBe(false);
		clock.now += 10;
		const again = await openAgentHost(options);
		expect(isClosed(handset)).toBe(true);
		await again.close();
	});
});

describe("debugging is closed at once", () => {
	test("when a start states it again, and a request that comes then changes nothing", async () => {
		const { agent, clock, handset, options } = await confirmed();
		await seal(agent);
		clock.pass(ANSWER_MS);
		await agent.close();
		handset.restricted = [];
		const again = await openAgentHost(options);
		expect(isClosed(handset)).toBe(true);
		await hello(again);
		expect(isClosed(handset)).toBe(true);
	});

	test("when a service window ends by itself", async () => {
		const { agent, clock, handset, lender } = await confirmed();
		await seal(agent);
		clock.pass(ANSWER_MS);
		const window = await lender.order({ serviceWindow: { opensAtUnixSeconds: EPOCH, closesAtUnixSeconds: EPOCH + 3600 } });
		await outcome(agent, { deliverOrders: { orderEnvelopes: [window] } });
		expect(isClosed(handset)).toBe(false);
		clock.jump(3700_000);
		expect(isClosed(handset)).toBe(true);
	});
});

test("a service window that is opened within the second keeps the cable, and a release frees at once", async () => {
	const { agent, clock, handset, lender } = await confirmed();
	await seal(agent);
	const window = await lender.order({ serviceWindow: { opensAtUnixSeconds: EPOCH, closesAtUnixSeconds: EPOCH + 3600 } });
	await outcome(agent, { deliverOrders: { orderEnvelopes: [window] } });
	clock.pass(2 * ANSWER_MS);
	expect(isClosed(handset)).toBe(false);
	const release = await lender.order({ release: { certificateId: "P-1" } });
	await outcome(agent, { deliverOrders: { orderEnvelopes: [release] } });
	expect(handset).toMatchObject({ restricted: [], owner: false });
	expect(clock.alarmAt).toBeUndefined();
});
