import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createWebhookClient, type WebhookClient } from "../../../../provisioning/registry/clients/webhook-client.ts";
import { ADMIN_TOKEN, contractRequest, expectFault, startTestRegistry, type TestRegistry } from "../test-registry.ts";
import { openReceiver, type Receiver } from "./receiver.ts";

let registry: TestRegistry;
let webhooks: WebhookClient;
let receiver: Receiver;

beforeAll(async () => {
	registry = await startTestRegistry({ webhookLoopback: true });
	webhooks = createWebhookClient({ url: registry.url, adminToken: ADMIN_TOKEN });
	receiver = await openReceiver();
});
afterAll(async () => {
	await registry?.close();
	await receiver?.close();
});

let number = 0;
async function contract(): Promise<void> {
	number += 1;
	await registry.admin.createContract(contractRequest(`E-${number}`));
}

describe("an administrator of endpoints", () => {
	test("pages through what was told while more is told, without missing or repeating any", async () => {
		const { webhook } = await webhooks.add({ url: receiver.url, name: "loans" });
		for (let count = 0; count < 5; count += 1) await contract();
		const seen: number[] = [];
		let cursor: string | undefined;
		do {
			const page = await webhooks.deliveries(webhook.endpointId, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
			seen.push(...page.deliveries.map(({ sequence }) => sequence));
			cursor = page.nextCursor;
			await contract();
		} while (cursor !== undefined);
		expect(seen).toHaveLength(5);
		expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
		await expectFault(webhooks.deliveries(webhook.endpointId, { cursor: "Zm9v" }), "REGISTRY_REFUSED");
	});

	test("has twenty endpoints at most, whatever is disabled and enabled again", async () => {
		const add = async () => (await webhooks.add({ url: receiver.url, name: "many" })).webhook.endpointId;
		const room = 20 - (await webhooks.list()).filter(({ disabledBecause }) => disabledBecause !== "asked").length;
		const first = await Promise.all(Array.from({ length: room }, add));
		await expectFault(add(), "REGISTRY_REFUSED");
		const [one = "", ...others] = first;
		await webhooks.disable(one);
		const last = await add();
		await expectFault(webhooks.enable(one), "REGISTRY_REFUSED");
		await webhooks.disable(last);
		await expect(webhooks.enable(one)).resolves.toMatchObject({ state: "enabled" });
		for (const each of [one, ...others]) await webhooks.disable(each);
	});

	test("cannot have this network asked, and no secret or password comes out again", async () => {
		for (const url of ["http://example.com/", "https://u:p@example.com/", "ftp://example.com/", "http://169.254.169.254/"])
			await expectFault(webhooks.add({ url, name: "x" }), "REGISTRY_REFUSED", { reason: "BAD_REQUEST" });
		const { secret } = await webhooks.add({ url: receiver.url, name: "loans" });
		expect(JSON.stringify(await webhooks.list())).not.toContain(secret.slice(6));
		const { rows } = await registry.database.pool.query("SELECT encode(sealed, 'base64') AS sealed FROM webhook_secrets");
		expect(JSON.stringify(rows)).not.toContain(secret.slice(6, 30));
	});
});
