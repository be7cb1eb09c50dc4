// A process that enrols handsets by the procedure alone, with every round trip told: no journal, no leases, no slots. Started once,
// given batch after batch. One JSON line on standard input is a batch, one on standard output is how it ended. Its first line of input
// says where everything is.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import { type AgentApk, agentApk } from "../../provisioning/handset/packages.ts";
import { DEFAULT_POLICY } from "../../provisioning/handset/preflight.ts";
import { type Enrollment, enrollSteps } from "../../provisioning/procedure/enroll.ts";
import type { RegistryPort } from "../../provisioning/procedure/registry-port.ts";
import { runSteps, type StepEntry } from "../../provisioning/procedure/step.ts";
import { createRegistryClient } from "../../provisioning/registry/clients/registry-client.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";
import { openThroughServer } from "../../provisioning/transport/adb-server.ts";
import { departuresFrom } from "../../provisioning/transport/departures.ts";
import type { BatchEnd, Job, Places, ProcedureBatch, Span } from "./enrolling-batch.ts";
import { forgetPeakMemory, memoryOf } from "./process-cost.ts";
import { tracedPort, tracedRegistry } from "./traced.ts";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const places: Places = JSON.parse((await lines.next()).value ?? "{}");
const crypto = createNodeCrypto();
const apk = agentApk(new Uint8Array(await readFile(places.apkFile)), crypto);
const registry = createRegistryClient({
	url: places.registryUrl,
	adminToken: places.adminToken,
	crypto,
	deadlineMs: 60_000,
});
const departures = departuresFrom({ port: places.adbPort });
const clock = {
	nowMs: () => Date.now(),
	pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
};

for (let line = await lines.next(); !line.done; line = await lines.next()) {
	const batch: ProcedureBatch = JSON.parse(line.value);
	process.stdout.write(`${JSON.stringify(await runBatch(batch))}\n`);
}
process.exit(0);

async function runBatch({ jobs }: ProcedureBatch): Promise<BatchEnd> {
	forgetPeakMemory();
	const before = process.cpuUsage();
	const started = performance.now();
	const spans: Span[] = [];
	const faults: string[] = [];
	await Promise.all(
		jobs.map(async (job, handset) => {
			const record = (span: Omit<Span, "handset">) => spans.push({ handset, ...span });
			const fault = await enrol(job, started, record, apk, registry);
			if (fault !== undefined) faults.push(`${job.adbSerial}: ${fault}`);
		}),
	);
	const wallMs = performance.now() - started;
	const { user, system } = process.cpuUsage(before);
	const { peakRssKiB } = memoryOf();
	globalThis.gc?.(); // where the soak asked for it: what is left then is held by somebody
	const heapKiB = process.memoryUsage().heapUsed / 1024;
	return { wallMs, cpuMs: (user + system) / 1000, peakRssKiB, rssKiB: memoryOf().rssKiB, heapKiB, faults, spans };
}

/** Enrols one handset. @returns the code of the fault that stopped it, if one did. */
async function enrol(
	{ contractId, adbSerial }: Job,
	startedMs: number,
	record: (span: Omit<Span, "handset">) => void,
	agent: AgentApk,
	lender: RegistryPort,
): Promise<string | undefined> {
	const now = () => performance.now() - startedMs;
	let step = "open";
	const opened = now();
	const port = await openThroughServer({ serial: adbSerial, port: places.adbPort, departures });
	record({ kind: "step", step, name: step, startMs: opened, endMs: now() });
	const call = (kind: Span["kind"], name: string, startMs: number) =>
		record({ kind, step, name: name.slice(0, 200), startMs, endMs: now() });
	const entries: StepEntry[] = [];
	const enrollment: Enrollment = {
		port: tracedPort(port, now, call),
		registry: tracedRegistry(lender, now, call),
		contractId,
		apk: agent,
		entries,
		policy: DEFAULT_POLICY,
		clock,
		crypto,
		randomBytes: (length) => Uint8Array.from(randomBytes(length)),
		tool: "bench",
		operator: "",
		found: {},
	};
	let fault: string | undefined;
	let began = now();
	for await (const event of runSteps(enrollSteps({ seal: false }), enrollment, clock, entries)) {
		if (event.type === "step-started") {
			step = event.step;
			began = now();
		}
		if (event.type === "step-ended") record({ kind: "step", step, name: step, startMs: began, endMs: now() });
		if (event.type === "finished") fault = event.fault?.code;
	}
	await port.close();
	return fault;
}
