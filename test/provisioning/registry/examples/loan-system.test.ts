import { afterAll, beforeAll, expect, test } from "vitest";

import { createAccessClient } from "../../../../provisioning/registry/clients/access-client.ts";
import { createWebhookClient } from "../../../../provisioning/registry/clients/webhook-client.ts";
import { type LoanSystem, startLoanSystem } from "../../../../provisioning/registry/examples/loan-system.ts";
import { ADMIN_TOKEN, contractRequest, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
let loans: LoanSystem;
const secrets: string[] = [];
beforeAll(async () => {
	registry = await startTestRegistry({ webhookLoopback: true, deliverWebhooks: true });
	const address = { url: registry.url, adminToken: ADMIN_TOKEN };
	const { token } = await createAccessClient(address).addProgram({ name: "loan system", roles: ["agent"] });
	loans = await startLoanSystem({ url: registry.url, token, webhookSecrets: () => secrets, now: () => registry.now });
	const { secret } = await createWebhookClient(address).add({ url: loans.webhookUrl, name: "loan system" });
	secrets.push(secret);
});
afterAll(async () => {
	await loans?.close();
	await registry?.close();
});

test("the loan system enters, books, hears and compares", async () => {
	await loans.enter(contractRequest("X-1"));
	await loans.enter(contractRequest("X-2"));
	const paid = await loans.pay("X-1", "p-1", 1000);
	expect(await loans.pay("X-1", "p-1", 1000)).toEqual(paid); // the same key: the same answer
	await expect.poll(() => loans.books.paidMinor.get("X-1"), { timeout: 20_000 }).toBe(1000);
	expect(await loans.reconcile()).toEqual([]);
	// Somebody else books: heard as well. What is not heard is found.
	loans.books.paidMinor.delete("X-1");
	expect(await loans.reconcile()).toEqual(["X-1"]);
});

test("the loan system believes nobody else", async () => {
	const taken = loans.books.taken.size;
	const forged = await fetch(loans.webhookUrl, {
		method: "POST",
		headers: { "webhook-id": "evt_x", "webhook-timestamp": String(registry.now), "webhook-signature": "v1,AAAA" },
		body: "{}",
	});
	expect([forged.status, loans.books.taken.size]).toEqual([401, taken]);
});
