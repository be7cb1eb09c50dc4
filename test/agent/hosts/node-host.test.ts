import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";
import { openLedger } from "../../../agent/daemon/ledger-file.ts";
import { type AgentHost, openAgentHost, startAgent } from "../../../agent/hosts/node/agent-host.ts";
import { ANSWER_MS } from "../../../agent/hosts/node/answer-first.ts";
import { type HandsetFiles, handsetFiles } from "../../../agent/hosts/node/handset-files.ts";
import { decode, encode } from "../../../proto/codec.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, TestLender } from "../test-lender.ts";
import { hostOptions, TestClock, TestHandset } from "./simulated-handset.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "agent-host-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const request = (what: wire.CableRequest.$Properties) => encode(wire.CableRequest, what);
const read = (reply: Uint8Array) => decode(wire.CableReply, reply);
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));

async function boundHost() {
	const lender = await TestLender.create();
	const clock = new TestClock();
	const handset = new TestHandset();
	const { options, network } = hostOptions(lender, clock, handset, folder);
	const agent = await openAgentHost(options);
	const reply = read(await agent.cable(request({ bind: await lender.bind() })));
	expect(reply.refused).toBeFalsy();
	await agent.idle();
	return { lender, clock, handset, options, network, agent, receipt: reply.bindingAccepted?.receiptEnvelope };
}

test("binds over the cable, checks in by itself, and shows what it holds", async () => {
	const { agent, clock, handset } = await boundHost();
	const identity = read(await agent.cable(request({ hello: { challenge: new Uint8Array(16) } }))).identity;
	expect(identity).toMatchObject({ confirmed: true, deviceOwner: true, contractId: "C-1001" });
	expect(identity?.challengeSignature).toHaveLength(64);
	expect(json("screen.json")).toMatchObject({ kind: "unlocked", lenderName: "Banco de Prueba", causes: [] });
	expect(json("restrictions.json").restricted).toEqual(handset.restricted);
	expect(handset.restricted).toContain("uninstallAgent");
	expect(clock.alarmAt).toBeGreaterThan(clock.now);
	await agent.close();
});

test("the device key is readable by its owner alone, and outlives the process", async () => {
	const { agent, options, lender, receipt } = await boundHost();
	expect(statSync(join(folder, "device-key.pem")).mode & 0o777).toBe(0o600);
	expect(statSync(join(folder, "ledger.bin")).mode & 0o777).toBe(0o600);
	await agent.close();
	const again = await openAgentHost(options);
	const reply = read(await again.cable(request({ bind: await lender.bind() })));
	expect(reply.bindingAccepted?.receiptEnvelope).toEqual(receipt);
});

test("goes to grace, locks, and unlocks within one check-in after payment (F6)", async () => {
	const { agent, clock, handset, lender, network } = await boundHost();
	for (let halfDay = 0; halfDay < 67; halfDay += 1) {
		clock.jump((DAY / 2) * 1000);
		await agent.idle();
	}
	expect(json("screen.json")).toMatchObject({ kind: "limited", causes: ["overdue"], amountDueMinor: 50_000 });
	expect(handset.restricted).toContain("cameraAndGallery");
	const paidUntilUnixSeconds = EPOCH + 60 * DAY;
	network.orders = [await lender.order({ reason: wire.ReasonCode.REASON_CODE_PAYMENT, extend: { paidUntilUnixSeconds } })];
	await agent.checkInNow();
	expect(json("screen.json")).toMatchObject({ kind: "unlocked", causes: [] });
	expect(handset.restricted).not.toContain("cameraAndGallery");
});

test("a lender that cannot be reached is asked again after a growing while, not in a circle", async () => {
	const { agent, clock, network } = await boundHost();
	network.isUp = false;
	const before = network.posts;
	await agent.checkInNow();
	expect(network.posts - before).toBe(1);
	for (let hour = 0; hour < 24; hour += 1) {
		clock.pass(3_600_000);
		await agent.idle();
	}
	expect(network.posts - before).toBeLessThan(20);
	expect(network.posts - before).toBeGreaterThan(5);
});

test("releases: every restriction is gone before ownership is given back, and then nothing wakes it any more", async () => {
	const { agent, clock, handset, lender } = await boundHost();
	const envelope = await lender.order({ reason: wire.ReasonCode.REASON_CODE_PAID_OFF, release: { certificateId: "P-1" } });
	const ownerWhenLifted: boolean[] = [];
	const apply = handset.apply.bind(handset);
	handset.apply = (restricted) => {
		if (restricted.length === 0) ownerWhenLifted.push(handset.owner);
		return apply(restricted);
	};
	const outcome = read(await agent.cable(request({ deliverOrders: { orderEnvelopes: [envelope] } }))).outcome;
	await agent.idle();
	expect(outcome?.status?.standing).toBe(wire.Standing.STANDING_RELEASED);
	expect(ownerWhenLifted).toEqual([true]);
	expect(handset).toMatchObject({ owner: false, restricted: [] });
	expect(clock.alarmAt).toBeUndefined();
});

test("the end is reported at once, also when a check-in that knew nothing of it was under way", async () => {
	const lender = await TestLender.create();
	const clock = new TestClock();
	const { options, network } = hostOptions(lender, clock, new TestHandset(), folder);
	const answers: (() => void)[] = [];
	let isSlow = false;
	const agent = await openAgentHost({
		...options,
		async post(url, body, deadlineMs) {
			if (isSlow) await new Promise<void>((resolve) => answers.push(resolve));
			return options.post(url, body, deadlineMs);
		},
	});
	await agent.cable(request({ bind: await lender.bind() }));
	await agent.idle();
	isSlow = true;
	const asked = agent.checkInNow();
	const release = await lender.order({ reason: wire.ReasonCode.REASON_CODE_PAID_OFF, release: { certificateId: "P-1" } });
	await agent.cable(request({ deliverOrders: { orderEnvelopes: [release] } }));
	isSlow = false;
	expect(answers).toHaveLength(1);
	for (const answer of answers) answer();
	await asked;
	await agent.idle();
	expect(network.posts).toBe(3);
	expect(clock.alarmAt).toBeUndefined();
});

test("ownership stays while a restriction cannot be lifted", async () => {
	const { agent, handset, lender } = await boundHost();
	handset.drift = ["factoryReset"];
	await agent.cable(request({ deliverOrders: { orderEnvelopes: [await lender.order({ release: { certificateId: "P-1" } })] } }));
	expect(handset.owner).toBe(true);
	handset.drift = [];
	await agent.wake();
	expect(handset.owner).toBe(false);
});

test("a ledger that cannot be written: nothing of the event is done, and the cable says so", async () => {
	const lender = await TestLender.create();
	const handset = new TestHandset();
	const clock = new TestClock();
	const { options } = hostOptions(lender, clock, handset, folder);
	let isFull = false;
	const files = handsetFiles(folder);
	const agent = startAgent(options, {
		...files,
		writeLedger(bytes) {
			if (isFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
			files.writeLedger(bytes);
		},
	});
	await agent.cable(request({ bind: await lender.bind() }));
	await agent.idle();
	const before = { ledger: readFileSync(join(folder, "ledger.bin")), restricted: handset.restricted };
	isFull = true;
	const seal = read(await agent.cable(request({ seal: {} })));
	expect(seal.refused?.code).toBe("NOT_STORED");
	expect(handset.restricted).toEqual(before.restricted);
	expect(readFileSync(join(folder, "ledger.bin"))).toEqual(before.ledger);
	isFull = false;
	expect(read(await agent.cable(request({ seal: {} }))).outcome?.status?.sealed).toBe(true);
	clock.pass(ANSWER_MS);
	expect(handset.restricted).toContain("debugging");
});

test("what was read back and could not be stored is applied and read back again", async () => {
	const lender = await TestLender.create();
	const clock = new TestClock();
	const { options } = hostOptions(lender, clock, new TestHandset(), folder);
	let writesLeft = Number.POSITIVE_INFINITY;
	const files = handsetFiles(folder);
	const agent = startAgent(options, {
		...files,
		writeLedger(bytes) {
			writesLeft -= 1;
			if (writesLeft === -1) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
			files.writeLedger(bytes);
		},
	});
	await agent.cable(request({ bind: await lender.bind() }));
	await agent.idle();
	const posture = () => {
		const opened = openLedger(nobleCrypto, readFileSync(join(folder, "ledger.bin")));
		if (opened.kind === "newer") throw new Error("not this agent's");
		return opened.ledger.posture;
	};
	await agent.cable(request({ seal: {} }));
	// That time has passed is stored, and what came of it is not.
	writesLeft = 1;
	clock.pass(ANSWER_MS);
	expect(posture().appliedRevision).toBeLessThan(posture().revision);
	clock.pass(61_000);
	expect(posture().appliedRevision).toBe(posture().revision);
});

test("a half-written file beside the ledger is of no consequence", async () => {
	const { agent, options } = await boundHost();
	await agent.close();
	writeFileSync(join(folder, "ledger.bin.new"), "torn");
	const again = await openAgentHost(options);
	expect(read(await again.cable(request({ hello: { challenge: new Uint8Array(16) } }))).identity?.confirmed).toBe(true);
	expect(existsSync(join(folder, "ledger.bin"))).toBe(true);
});

class PowerCut extends Error {}

test("the power fails before or after any write or effect of a journey: it ends the same, and never moves back", async () => {
	let cuts = 0;
	for (let cutAt = 1; cutAt < 400; cutAt += 1) {
		rmSync(folder, { recursive: true, force: true });
		const wasCut = await journeyWithCut(cutAt);
		if (!wasCut) break;
		cuts += 1;
	}
	// Every step of the journey was tried: the last run had none left to cut at.
	expect(cuts).toBeGreaterThan(60);
	expect(cuts).toBeLessThan(399);
}, 120_000);

/** Bind, confirm, seal, release; the power is cut at one step, and every request not answered is made again. */
async function journeyWithCut(cutAt: number): Promise<boolean> {
	const lender = await TestLender.create();
	const clock = new TestClock();
	const handset = new TestHandset();
	let step = 0;
	let wasCut = false;
	let isOff = false;
	const cut = () => {
		step += 1;
		if (step === cutAt) wasCut = isOff = true;
		// Once it is off, nothing that still runs can reach the disk or the platform.
		if (isOff) throw new PowerCut();
	};
	const cutting = (files: HandsetFiles): HandsetFiles => ({
		...files,
		writeLedger(bytes) {
			cut();
			files.writeLedger(bytes);
			cut();
		},
		showScreen(screen) {
			cut();
			files.showScreen(screen);
		},
		deviceKey: {
			...files.deviceKey,
			makeFor(challenge) {
				cut();
				const point = files.deviceKey.makeFor(challenge);
				cut();
				return point;
			},
			sign: (message) => files.deviceKey.sign(message),
		},
	});
	const { options, network } = hostOptions(lender, clock, handset, folder);
	const apply = handset.apply.bind(handset);
	let lengths = 0;
	let agent: AgentHost | undefined;
	const insistOn = async <Value>(work: (running: AgentHost) => Promise<Value> | Value) => {
		for (let attempt = 0; attempt < 5; attempt += 1) {
			try {
				if (!agent) {
					clock.boots += 1;
					clock.now = 0;
					agent = startAgent(options, cutting(handsetFiles(folder)));
				}
				const value = await work(agent);
				await agent.idle();
				if (!isOff) return value;
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
			}
			await agent?.close();
			agent = undefined;
			isOff = false;
		}
		throw new Error("the request never came through");
	};
	const insist = (what: wire.CableRequest.$Properties) => insistOn(async (running) => read(await running.cable(request(what))));
	handset.apply = (restricted) => {
		cut();
		const drift = apply(restricted);
		const ledger = openLedger(nobleCrypto, handsetFiles(folder).readLedger());
		if (ledger.kind !== "ledger") throw new Error("the ledger is unreadable");
		expect(ledger.ledger.log.length).toBeGreaterThanOrEqual(lengths);
		lengths = ledger.ledger.log.length;
		return drift;
	};

	const bind = await lender.bind();
	expect((await insist({ bind })).bindingAccepted).toBeTruthy();
	expect((await insist({ hello: { challenge: new Uint8Array(16) } })).identity?.confirmed).toBe(true);
	expect((await insist({ seal: {} })).outcome?.status?.sealed).toBe(true);
	await insistOn(() => clock.pass(ANSWER_MS));
	expect(handset.restricted).toContain("debugging");
	const release = await lender.order({ release: { certificateId: "P-1" } });
	const outcome = (await insist({ deliverOrders: { orderEnvelopes: [release] } })).outcome;
	expect(outcome?.orders).toMatchObject([{ result: wire.OrderResult.ORDER_RESULT_ACCEPTED }]);
	// The power may fail in the very last step; then it is the next start that finishes.
	await insist({ hello: { challenge: new Uint8Array(16) } });
	expect(handset).toMatchObject({ owner: false, restricted: [] });
	expect(network.posts).toBeGreaterThan(0);
	await agent?.close();
	return wasCut;
}
