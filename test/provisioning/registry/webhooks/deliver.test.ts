import { Webhook } from "standardwebhooks";
import { Check } from "typebox/value";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { wire } from "../../../../proto/wire.ts";
import { createWebhookClient, type WebhookClient } from "../../../../provisioning/registry/clients/webhook-client.ts";
import { deleteWhatIsOver } from "../../../../provisioning/registry/contracts/retention.ts";
import { USUAL_RETENTION } from "../../../../provisioning/registry/contracts/retention-settings.ts";
import { openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import type { RegistryContext } from "../../../../provisioning/registry/registry-context.ts";
import { RETRY_SECONDS } from "../../../../provisioning/registry/webhooks/backoff.ts";
import { LEASE_SECONDS } from "../../../../provisioning/registry/webhooks/claim.ts";
import { type DeliveryPorts, startDue, type UnderWay } from "../../../../provisioning/registry/webhooks/deliver.ts";
import { tellExpiringKeys } from "../../../../provisioning/registry/webhooks/tell-keys.ts";
import { isEventType, WEBHOOK_EVENTS } from "../../../../provisioning/registry/webhooks/webhook-event.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, DAY, expectFault, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";
import { openReceiver, type Receiver } from "./receiver.ts";

let registry: TestRegistry;
let context: RegistryContext;
let webhooks: WebhookClient;
let receiver: Receiver;
let other: Receiver;
const disabled: string[] = [];

beforeAll(async () => {
	// It delivers nothing by itself: the tests say when.
	registry = await startTestRegistry({ webhookLoopback: true });
	const keys = await openRoleSigners(registry.keysFolder, { insecureDev: true });
	// The parts of the context that delivery works with.
	context = {
		database: registry.database,
		keys,
		clock: { nowMs: () => registry.now * 1000 },
		actor: "registry",
	} as RegistryContext;
	webhooks = createWebhookClient({ url: registry.url, adminToken: ADMIN_TOKEN });
});
afterAll(() => registry?.close());

beforeEach(async () => {
	[receiver, other] = await Promise.all([openReceiver(), openReceiver()]);
});
afterEach(async () => {
	for (const { endpointId, state } of await webhooks.list()) if (state === "enabled") await webhooks.disable(endpointId);
	await registry.database.kysely.deleteFrom("webhook_deliveries").execute();
	disabled.splice(0);
	await Promise.all([receiver.close(), other.close()]);
});

const ports = (changes: Partial<DeliveryPorts> = {}): DeliveryPorts => ({
	allowLoopback: true,
	deadlineMs: 10_000,
	random: () => 0.5,
	onDisabled: (_id, because) => disabled.push(because),
	onFailure: (error) => {
		throw error;
	},
	...changes,
});

/** Sends until nothing is due. */
async function deliver(changes: Partial<DeliveryPorts> = {}, signal = new AbortController().signal): Promise<void> {
	const underWay: UnderWay = new Map();
	while ((await startDue(context, ports(changes), signal, underWay)) > 0) await Promise.all(underWay.values());
}

let number = 0;
async function contract(): Promise<string> {
	number += 1;
	const id = `W-${number}`;
	await registry.admin.createContract(contractRequest(id));
	return id;
}

async function enrolled(contractId: string): Promise<TestPhone> {
	const phone = new TestPhone();
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	return phone;
}

const status = (standing: wire.Standing, sealed = true) => ({ status: { standing, sealed } });

describe("what happens is told", () => {
	test("over a contract's whole life, in order, in messages that the lender's own library verifies, with ids alone in them", async () => {
		registry.now = Math.floor(Date.now() / 1000); // that library looks at the clock
		const { secret } = await webhooks.add({ url: receiver.url, name: "loans" });
		const id = await contract();
		const phone = await enrolled(id);
		await registry.port.relayCheckIn(await phone.checkIn());
		await registry.port.relayCheckIn(await phone.checkIn(status(wire.Standing.STANDING_GRACE)));
		const order = await registry.admin.issueOrder(id, { action: "restore", reason: "goodwill" });
		const reply = phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn(status(wire.Standing.STANDING_GRACE))));
		phone.outcomes = reply.orders.map(({ sequence, epoch }) => ({
			...{ sequence, epoch, rule: "F3" },
			result: wire.OrderResult.ORDER_RESULT_BELOW_FLOOR,
		}));
		await registry.port.relayCheckIn(await phone.checkIn(status(wire.Standing.STANDING_GRACE)));
		await registry.admin.recordPayment(id, { reference: "pay-1", amountMinor: 3000 });
		await registry.port.relayCheckIn(await phone.checkIn(status(wire.Standing.STANDING_RELEASED)));
		await deliver();
		const mine = receiver.received.filter(({ event }) => event.data["contractId"] === id);
		expect(mine.map(({ event }) => event.type)).toEqual([
			...["contract.created", "phone.enrolled", "phone.standing_changed", "phone.sealed", "phone.standing_changed"],
			...["order.issued", "order.refused", "payment.recorded", "contract.paid_off", "phone.standing_changed", "phone.released"],
		]);
		expect(mine.find(({ event }) => event.type === "order.refused")?.event.data).toEqual({
			...{ contractId: id, action: "restore", epoch: 1, sequence: order.sequence, result: "below_floor", rule: "F3" },
		});
		const sequences = mine.map(({ event }) => event.sequence);
		expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
		const verifier = new Webhook(secret);
		for (const { headers, body, event } of receiver.received) {
			expect(verifier.verify(body, headers as Record<string, string>)).toMatchObject({ type: event.type });
			expect(() => verifier.verify(`${body} `, headers as Record<string, string>)).toThrow();
			// Nothing that its schema does not name.
			expect(isEventType(event.type) && Check(WEBHOOK_EVENTS[event.type].data, event.data)).toBe(true);
		}
		const all = receiver.received.map(({ body }) => body).join();
		for (const personal of [phone.identity.imei1, phone.identity.imei2 ?? "?", phone.identity.serial, "+525512345678", "3000"])
			expect(all).not.toContain(personal);
	});

	test("only to those who ask for it, and nothing of it is kept where there is no endpoint", async () => {
		await webhooks.add({ url: receiver.url, name: "payments", eventTypes: ["payment.recorded"] });
		await webhooks.add({ url: other.url, name: "all" });
		const id = await contract();
		await registry.admin.recordPayment(id, { reference: "p", amountMinor: 1000 });
		await registry.admin.recordPayment(id, { reference: "p", amountMinor: 1000 }); // again: nothing new happened
		await deliver();
		expect(receiver.told()).toEqual([`${id} payment.recorded`]);
		expect(other.told()).toEqual([`${id} contract.created`, `${id} payment.recorded`]);
	});

	test("not of what was undone", async () => {
		await webhooks.add({ url: receiver.url, name: "loans" });
		const id = await contract();
		await deliver();
		await expectFault(
			registry.admin.recordPayment(id, { reference: "x", paidUntilUnixSeconds: START + 4000 * DAY }),
			"REGISTRY_REFUSED",
		);
		await deliver();
		expect(receiver.told()).toEqual([`${id} contract.created`]);
	});

	test("of keys that end soon, once for each day that counts, however many registries look", async () => {
		await webhooks.add({ url: receiver.url, name: "ops", eventTypes: ["keys.expiring"] });
		const before = registry.now;
		registry.now = START + 84 * DAY; // the command key lives 90 days
		await Promise.all([tellExpiringKeys(context), tellExpiringKeys(context)]);
		registry.now = START + 88 * DAY;
		await tellExpiringKeys(context);
		await deliver();
		expect(receiver.received.map(({ event }) => event.data["role"])).toEqual(["command", "command"]);
		registry.now = before;
	});
});

describe("an endpoint that does not take a message", () => {
	test("gets it again by the schedule, with the same id and body and a new signature; then it is given up and the next is told", async () => {
		const { webhook } = await webhooks.add({ url: receiver.url, name: "loans" });
		const id = await contract();
		await registry.admin.recordPayment(id, { reference: "p", amountMinor: 1000 });
		receiver.answer = ({ event }) => (event.type === "contract.created" ? 400 : 204);
		await deliver();
		expect(receiver.told()).toEqual([]); // the payment waits for what happened before it
		let elapsed = 0;
		for (const pause of RETRY_SECONDS) {
			registry.now += pause - 1;
			await deliver();
			expect(receiver.told()).toEqual([]);
			registry.now += 1;
			await deliver();
			elapsed += pause;
		}
		expect(elapsed).toBeGreaterThan(3 * DAY);
		const tries = receiver.received.filter(({ event }) => event.type === "contract.created");
		expect(tries).toHaveLength(RETRY_SECONDS.length + 1);
		expect(new Set(tries.map(({ headers, body }) => `${headers["webhook-id"]} ${body}`)).size).toBe(1);
		expect(new Set(tries.map(({ headers }) => headers["webhook-signature"])).size).toBe(tries.length);
		expect(receiver.told()).toEqual([`${id} payment.recorded`]);
		const { deliveries } = await webhooks.deliveries(webhook.endpointId, { state: "given_up" });
		expect(deliveries).toMatchObject([{ type: "contract.created", contractId: id, attempts: 10, lastStatus: 400 }]);
		expect(await webhooks.attempts(webhook.endpointId, deliveries[0]?.eventId ?? "")).toHaveLength(10);
	});

	test("keeps no other contract waiting, nor another endpoint", async () => {
		await webhooks.add({ url: receiver.url, name: "loans" });
		await webhooks.add({ url: other.url, name: "books" });
		const [first, second] = [await contract(), await contract()];
		receiver.answer = ({ event }) => (event.data["contractId"] === first ? 500 : 200);
		other.answer = () => () => {}; // silent
		await deliver({ deadlineMs: 3000 });
		expect(receiver.told()).toEqual([`${second} contract.created`]);
		expect(other.received).toHaveLength(2);
	});

	test("is left alone while it can take nothing, tried with one message, and told everything once it is back", async () => {
		await webhooks.add({ url: receiver.url, name: "loans" });
		receiver.answer = () => 503;
		const ids = [await contract(), await contract(), await contract()];
		await deliver();
		expect(receiver.received).toHaveLength(3);
		await deliver();
		expect(receiver.received).toHaveLength(3);
		registry.now += 3600;
		await deliver();
		expect(receiver.received).toHaveLength(4);
		receiver.answer = () => 204;
		registry.now += 3600;
		await deliver();
		expect(receiver.told().sort()).toEqual(ids.map((id) => `${id} contract.created`).sort());
	});

	test("is not asked again before it said, up to a day", async () => {
		await webhooks.add({ url: receiver.url, name: "loans" });
		await contract();
		receiver.answer = () => (response) => response.writeHead(429, { "retry-after": "7200" }).end();
		await deliver();
		registry.now += 7199;
		await deliver();
		expect(receiver.received).toHaveLength(1);
		registry.now += 1;
		await deliver();
		expect(receiver.received).toHaveLength(2);
	});

	test("gets nothing more after 410, the others hear of it, and what it is owed is sent once it is enabled", async () => {
		const { webhook } = await webhooks.add({ url: receiver.url, name: "loans" });
		await webhooks.add({ url: other.url, name: "ops", eventTypes: ["webhook.disabled"] });
		const id = await contract();
		receiver.answer = () => 410;
		await deliver();
		expect(disabled).toEqual(["gone"]);
		expect(other.received.map(({ event }) => event.data)).toEqual([{ endpointId: webhook.endpointId, because: "gone" }]);
		expect(await webhooks.list()).toContainEqual(
			expect.objectContaining({ endpointId: webhook.endpointId, state: "disabled", disabledBecause: "gone", waiting: 1 }),
		);
		const meanwhile = await contract();
		registry.now += DAY;
		await deliver();
		expect(receiver.received).toHaveLength(1);
		receiver.answer = () => 200;
		await webhooks.enable(webhook.endpointId);
		await deliver();
		expect(receiver.told()).toEqual([`${id} contract.created`]);
		expect(await webhooks.replay(webhook.endpointId, { sinceUnixSeconds: registry.now - 2 * DAY })).toMatchObject({
			queued: expect.any(Number),
		});
		await deliver();
		expect(receiver.told()).toContain(`${meanwhile} contract.created`);
	});

	test("is disabled after five days without a delivery, not before", async () => {
		const { webhook } = await webhooks.add({ url: receiver.url, name: "loans" });
		receiver.answer = () => 502;
		await contract();
		await deliver();
		registry.now += 5 * DAY - 10;
		await deliver();
		expect(disabled).toEqual([]);
		registry.now += DAY;
		await contract();
		await deliver();
		expect(disabled).toEqual(["failing"]);
		expect(await webhooks.list()).toContainEqual(
			expect.objectContaining({ endpointId: webhook.endpointId, disabledBecause: "failing" }),
		);
	});
});

describe("several registries", () => {
	test("send each message once between them, and each contract's in order", async () => {
		await webhooks.add({ url: receiver.url, name: "loans" });
		const ids = await Promise.all(Array.from({ length: 12 }, () => contract()));
		await Promise.all(ids.map((id) => registry.admin.recordPayment(id, { reference: "a", amountMinor: 500 })));
		await Promise.all(ids.map((id) => registry.admin.recordPayment(id, { reference: "b", amountMinor: 500 })));
		await Promise.all([deliver(), deliver(), deliver()]);
		await deliver();
		expect(receiver.received).toHaveLength(36);
		for (const id of ids) {
			const mine = receiver.received.filter(({ event }) => event.data["contractId"] === id);
			expect(mine.map(({ event }) => event.data["reference"] ?? event.type)).toEqual(["contract.created", "a", "b"]);
		}
	});

	test("take over from one that was killed in the middle, when its lease is over", async () => {
		await webhooks.add({ url: receiver.url, name: "loans" });
		const id = await contract();
		receiver.answer = () => () => {}; // never answered: the one who sent it is gone
		await startDue(context, ports({ deadlineMs: 30_000 }), new AbortController().signal, new Map());
		await expect.poll(() => receiver.received.length).toBe(1);
		receiver.answer = () => 204;
		registry.now += LEASE_SECONDS - 1;
		await deliver();
		expect(receiver.told()).toEqual([]);
		registry.now += 1;
		await deliver();
		expect(receiver.told()).toEqual([`${id} contract.created`]);
	});

	test("give back what they were at when they are stopped, without counting it as a try", async () => {
		const { webhook } = await webhooks.add({ url: receiver.url, name: "loans" });
		const id = await contract();
		receiver.answer = () => () => {};
		const end = new AbortController();
		const underWay: UnderWay = new Map();
		await startDue(context, ports(), end.signal, underWay);
		end.abort();
		await Promise.all(underWay.values());
		expect((await webhooks.deliveries(webhook.endpointId)).deliveries).toMatchObject([{ state: "waiting", attempts: 0 }]);
		receiver.answer = () => 204;
		await deliver();
		expect(receiver.told()).toEqual([`${id} contract.created`]);
	});
});

describe("an administrator", () => {
	test("gives an endpoint another secret; both sign until the overlap is over", async () => {
		registry.now = Math.floor(Date.now() / 1000);
		const { webhook, secret: old } = await webhooks.add({ url: receiver.url, name: "loans" });
		const { secret } = await webhooks.rotate(webhook.endpointId, { overlapHours: 1 });
		const good = (which: string) => {
			const { headers = {}, body = "" } = receiver.received.at(-1) ?? {};
			try {
				return new Webhook(which).verify(body, headers as Record<string, string>) !== undefined;
			} catch {
				return false;
			}
		};
		await webhooks.test(webhook.endpointId);
		await deliver();
		expect([good(old), good(secret)]).toEqual([true, true]);
		registry.now += 3600;
		await webhooks.test(webhook.endpointId);
		await deliver();
		const signatures = String(receiver.received.at(-1)?.headers["webhook-signature"]).split(" ");
		expect([signatures.length, old === secret]).toEqual([1, false]);
		const { secret: third } = await webhooks.rotate(webhook.endpointId, { overlapHours: 0 });
		registry.now = Math.floor(Date.now() / 1000);
		await webhooks.test(webhook.endpointId);
		await deliver();
		expect([good(secret), good(third)]).toEqual([false, true]);
	});

	test("has one event, or those of a time, sent again under their own ids", async () => {
		const { webhook } = await webhooks.add({ url: receiver.url, name: "loans" });
		registry.now += 10 * DAY;
		const since = registry.now;
		await contract();
		await contract();
		await deliver();
		const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
		expect(await webhooks.replay(webhook.endpointId, { eventId: String(ids[1]) })).toEqual({ queued: 1 });
		await deliver();
		expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([...ids, ids[1]]);
		expect(await webhooks.replay(webhook.endpointId, { sinceUnixSeconds: since })).toEqual({ queued: 0 });
		expect(await webhooks.replay(webhook.endpointId, { sinceUnixSeconds: since, onlyUndelivered: false })).toEqual({ queued: 2 });
		await deliver();
		// Of two contracts: in any order.
		expect(
			receiver.received
				.slice(3)
				.map(({ headers }) => headers["webhook-id"])
				.sort(),
		).toEqual([...ids].sort());
		await expectFault(webhooks.replay(webhook.endpointId, { eventId: `evt_${"x".repeat(20)}` }), "REGISTRY_REFUSED");
	});
});

test("what was told is deleted after a month, what is owed is not", async () => {
	const { webhook } = await webhooks.add({ url: receiver.url, name: "loans" });
	await contract();
	await deliver();
	receiver.answer = () => 500;
	const owed = await contract();
	await deliver();
	registry.now += 31 * DAY;
	await deleteWhatIsOver(context, USUAL_RETENTION);
	const { deliveries } = await webhooks.deliveries(webhook.endpointId);
	expect(deliveries).toMatchObject([{ contractId: owed, state: "waiting" }]);
});
