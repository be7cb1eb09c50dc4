import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { type AdminClient, createAdminClient } from "../../provisioning/registry/clients/admin-client.ts";
import { contractRequest } from "../provisioning/registry/test-registry.ts";
import { holdfastJson, type RunningCommand, startHoldfast } from "./holdfast-process.ts";

const DRAIN_S = 1;
/** How often the balancer asks `/readyz`: well within the drain. */
const LOOK_MS = 100;
const CALLERS = 6;

interface Node {
	readonly process: RunningCommand;
	readonly url: string;
	readonly admin: AdminClient;
	isReady: boolean;
}

let folder: string;
let env: Record<string, string>;
const nodes: Node[] = [];
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-rolling-"));
	env = { HOLDFAST_DATA: join(folder, "data"), HOLDFAST_STATE: join(folder, "state"), NO_COLOR: "1" };
	await holdfastJson(["keys", "init", "--lender", "l", "--folder", join(folder, "keys"), "--insecure-dev"], { env });
});
afterAll(async () => {
	for (const node of nodes) node.process.kill("SIGTERM");
	await Promise.all(nodes.map((node) => node.process.ended));
	await rm(folder, { recursive: true, force: true });
});

async function start(drainS = DRAIN_S): Promise<Node> {
	const place = ["--data", join(folder, "data"), "--keys", join(folder, "keys")];
	const args = ["serve", ...place, "--port", "0", "--drain", String(drainS), "--insecure-dev", "--json"];
	const running = startHoldfast(args, { env });
	const { url, adminTokenFile }: { url: string; adminTokenFile: string } = JSON.parse(await running.firstLine);
	const adminToken = (await readFile(adminTokenFile, "utf8")).trim();
	// One attempt each: nothing is tried again behind the test's back.
	const node = { process: running, url, admin: createAdminClient({ url, adminToken, attempts: 1 }), isReady: false };
	nodes.push(node);
	return node;
}

/** What a load balancer does: asks each node whether it is ready, and sends to one that is. */
async function look(): Promise<void> {
	await Promise.all(
		nodes.map(async (node) => {
			const answer = await fetch(`${node.url}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
			await answer?.body?.cancel();
			node.isReady = answer?.ok === true;
		}),
	);
}

test("two nodes are restarted one after the other under load: nobody is refused, and each ends by itself", async () => {
	await start();
	await start();
	const ending = new AbortController();
	await look();
	const balancer = (async () => {
		for (; !ending.signal.aborted; await sleep(LOOK_MS)) await look();
	})();
	const acknowledged: string[] = [];
	const refused: unknown[] = [];
	const callers = Array.from({ length: CALLERS }, async (_, caller) => {
		for (let count = 0; !ending.signal.aborted; count += 1) {
			const ready = nodes.filter(({ isReady }) => isReady);
			const contractId = `R-${caller}-${count}`;
			const node = ready[count % ready.length];
			const sent = node?.admin.createContract(contractRequest(contractId)) ?? Promise.reject(new Error("no node is ready"));
			await sent.then(
				() => acknowledged.push(contractId),
				(error: unknown) => refused.push(error),
			);
		}
	});

	const stops: { code: number | null; ms: number; meanwhile: number }[] = [];
	for (const node of [...nodes]) {
		await sleep(500);
		const before = { atMs: Date.now(), acknowledged: acknowledged.length };
		node.process.kill("SIGTERM");
		const { code } = await node.process.ended;
		stops.push({ code, ms: Date.now() - before.atMs, meanwhile: acknowledged.length - before.acknowledged });
		nodes.splice(nodes.indexOf(node), 1);
		await start();
		await look();
	}
	ending.abort();
	await Promise.all([...callers, balancer]);

	expect(refused).toEqual([]);
	for (const { code, ms, meanwhile } of stops) {
		expect(code).toBe(0);
		// Drained, and then not a second longer than what was under way: an idle connection may live for 65 s.
		expect(ms).toBeGreaterThanOrEqual(DRAIN_S * 1000);
		expect(ms).toBeLessThan(15_000);
		expect(meanwhile).toBeGreaterThan(0);
	}
	const known = await Promise.all(acknowledged.map(async (id) => (await nodes[0]?.admin.getContract(id))?.contractId));
	expect(known).toEqual(acknowledged);
	console.info(`${acknowledged.length} contracts entered, none refused; the nodes took ${stops.map(({ ms }) => ms)} ms to stop`);
}, 120_000);

test("a node that does not drain ends at once under load as well, and what it acknowledged stays", async () => {
	const node = await start(0);
	const acknowledged: string[] = [];
	const ending = new AbortController();
	const callers = Array.from({ length: CALLERS }, async (_, caller) => {
		for (let count = 0; !ending.signal.aborted; count += 1) {
			const contractId = `S-${caller}-${count}`;
			await node.admin.createContract(contractRequest(contractId)).then(
				() => acknowledged.push(contractId),
				() => {}, // refused while it stops
			);
		}
	});
	await sleep(500);
	const beforeMs = Date.now();
	node.process.kill("SIGTERM");
	// Nobody sends anything more: what was under way is answered, and then its connection would be idle.
	ending.abort();
	await Promise.all(callers);
	const { code } = await node.process.ended;
	const tookMs = Date.now() - beforeMs;
	nodes.splice(nodes.indexOf(node), 1);
	expect([code, tookMs < 15_000], `${tookMs} ms`).toEqual([0, true]);
	const { admin } = nodes[0] ?? (await start());
	const known = await Promise.all(acknowledged.map(async (id) => (await admin.getContract(id)).contractId));
	expect(known).toEqual(acknowledged);
	expect(known.length).toBeGreaterThan(0);
}, 120_000);
