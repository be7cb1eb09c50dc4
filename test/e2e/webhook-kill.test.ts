import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createAdminClient } from "../../provisioning/registry/clients/admin-client.ts";
import { createWebhookClient } from "../../provisioning/registry/clients/webhook-client.ts";
import { contractRequest } from "../provisioning/registry/test-registry.ts";
import { openReceiver, type Receiver } from "../provisioning/registry/webhooks/receiver.ts";
import { holdfastJson, type RunningCommand, startHoldfast } from "./holdfast-process.ts";

let folder: string;
let receiver: Receiver;
let registry: RunningCommand | undefined;
let env: Record<string, string>;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-webhook-"));
	receiver = await openReceiver();
	env = { HOLDFAST_DATA: join(folder, "data"), HOLDFAST_STATE: join(folder, "state"), NO_COLOR: "1" };
	await holdfastJson(["keys", "init", "--lender", "l", "--folder", join(folder, "keys"), "--insecure-dev"], { env });
});
afterAll(async () => {
	registry?.kill("SIGTERM");
	await registry?.ended;
	await receiver?.close();
	await rm(folder, { recursive: true, force: true });
});

/** The registry's time goes on by itself, so many seconds ahead of the machine's. */
const ahead = (seconds: number) => {
	const now = Date.now();
	return writeFile(
		join(folder, "clock.json"),
		JSON.stringify({ anchorRealMs: now, anchorVirtualMs: now + seconds * 1000, rate: 1 }),
	);
};

async function serve(port: number): Promise<string> {
	const place = ["--data", join(folder, "data"), "--keys", join(folder, "keys"), "--clock-file", join(folder, "clock.json")];
	registry = startHoldfast(["serve", ...place, "--port", String(port), "--insecure-dev", "--json"], { env });
	const { url }: { url: string } = JSON.parse(await registry.firstLine);
	return url;
}

test("no event is lost when the registry is killed between the commit and the delivery, and its commands say how things stand", async () => {
	await ahead(0);
	const url = await serve(0);
	env = { ...env, HOLDFAST_REGISTRY: url };
	const secretFile = join(folder, "secret");
	const added = await holdfastJson(["webhook", "add", receiver.url, "--name", "loans", "--to", secretFile], { env });
	const { endpointId } = added.document["webhook"] as { endpointId: string };
	expect([added.code, (await stat(secretFile)).mode & 0o777]).toEqual([0, 0o600]);
	expect(added.stdout).not.toContain("whsec_");

	// Payments are booked while the receiver keeps every message without an answer; the kill comes in the middle of them.
	receiver.answer = () => () => {};
	const adminToken = (await readFile(join(folder, "data", "admin-token"), "utf8")).trim();
	const admin = createAdminClient({ url, adminToken, attempts: 1 });
	const contracts = Array.from({ length: 6 }, (_, index) => `K-${index}`);
	const acknowledged: string[] = [];
	let pending = 0;
	const work = contracts.map(async (id) => {
		await admin.createContract(contractRequest(id));
		acknowledged.push(`${id} contract.created`);
		for (const reference of ["a", "b", "c"]) {
			pending += 1;
			if (pending === 10) registry?.kill("SIGKILL");
			await admin.recordPayment(id, { reference, amountMinor: 100 });
			acknowledged.push(`${id} payment.recorded`);
		}
	});
	await Promise.allSettled(work);
	await registry?.ended;
	expect(acknowledged.length).toBeGreaterThan(6);
	expect(receiver.told()).toEqual([]);

	receiver.answer = () => 204;
	await ahead(120); // the killed one's leases are over
	await serve(Number(new URL(url).port));
	const webhooks = createWebhookClient({ url, adminToken });
	await expect.poll(async () => (await webhooks.list())[0]?.waiting, { timeout: 30_000, interval: 200 }).toBe(0);
	for (const told of new Set(acknowledged)) {
		const count = (list: readonly string[]) => list.filter((each) => each === told).length;
		expect([told, count(receiver.told()) >= count(acknowledged)]).toEqual([told, true]);
	}
	// What was booked is told and what is told was booked: nothing of what the kill undid.
	for (const id of contracts) {
		const booked = await admin.getContract(id).then(
			({ paidMinor }) => paidMinor / 100,
			() => 0,
		);
		const told = receiver.told().filter((each) => each === `${id} payment.recorded`).length;
		expect([id, told]).toEqual([id, booked]);
	}

	const list = await holdfastJson(["webhook", "list"], { env });
	expect(list.document["webhooks"]).toMatchObject([{ endpointId, state: "enabled", waiting: 0 }]);
	const deliveries = await holdfastJson(["webhook", "deliveries", endpointId, "--limit", "3"], { env });
	expect(deliveries.document["deliveries"]).toHaveLength(3);
	const before = receiver.received.length;
	const [{ eventId = "" } = {}] = deliveries.document["deliveries"] as { eventId?: string }[];
	expect((await holdfastJson(["webhook", "replay", endpointId, "--event", eventId], { env })).document["queued"]).toBe(1);
	await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(before + 1);
	const { headers = {}, body = "" } = receiver.received.at(-1) ?? {};
	// Signed for the time that the registry was told it is.
	const secret = (await readFile(secretFile, "utf8")).trim();
	const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
	expect(new Webhook(secret).sign(eventId, at, body)).toBe(headers["webhook-signature"]);
	expect((await holdfastJson(["webhook", "add", "http://10.0.0.1/", "--print"], { env })).code).toBe(5);
	expect((await startHoldfast(["webhook", "replay", endpointId], { env }).ended).code).toBe(64);
});
