// A process that enrols many handsets at once, as a station would: prints one JSON line with its wall time, its peak memory and the
// faults it met. Run by the bench with a job file as its only argument.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";

import { agentApk } from "../../provisioning/handset/packages.ts";
import { DEFAULT_POLICY } from "../../provisioning/handset/preflight.ts";
import { type Enrollment, enrollSteps } from "../../provisioning/procedure/enroll.ts";
import { runSteps, type StepEntry } from "../../provisioning/procedure/step.ts";
import { createRegistryClient } from "../../provisioning/registry/client.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";
import { openThroughServer } from "../../provisioning/transport/adb-server.ts";

export interface EnrollJobs {
	readonly registryUrl: string;
	readonly adminToken: string;
	readonly adbPort: number;
	readonly apkFile: string;
	readonly jobs: readonly { readonly contractId: string; readonly adbSerial: string }[];
}

export interface EnrollManyEnd {
	readonly wallMs: number;
	/** Processor time of this process alone, user and system. */
	readonly cpuMs: number;
	readonly peakRssKiB: number;
	readonly faults: readonly string[];
	/** Sum over all handsets of the time spent in each step, in milliseconds. */
	readonly stepMs: Readonly<Record<string, number>>;
}

const work: EnrollJobs = JSON.parse(await readFile(process.argv[2] ?? "", "utf8"));
const started = performance.now();
const apk = agentApk(new Uint8Array(await readFile(work.apkFile)));
const registry = createRegistryClient({
	url: work.registryUrl,
	adminToken: work.adminToken,
	crypto: createNodeCrypto(),
	deadlineMs: 60_000,
});
const clock = {
	nowMs: () => Date.now(),
	pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
};
const stepMs: Record<string, number> = {};
const faults: string[] = [];

await Promise.all(
	work.jobs.map(async ({ contractId, adbSerial }) => {
		const port = await openThroughServer({ serial: adbSerial, port: work.adbPort });
		const entries: StepEntry[] = [];
		const enrollment: Enrollment = {
			port,
			registry,
			contractId,
			apk,
			entries,
			policy: DEFAULT_POLICY,
			clock,
			crypto: createNodeCrypto(),
			randomBytes: (length) => Uint8Array.from(randomBytes(length)),
			tool: "bench",
			operator: "",
			found: {},
		};
		for await (const event of runSteps(enrollSteps({ seal: false }), enrollment, clock, entries)) {
			if (event.type === "step-ended") stepMs[event.step] = (stepMs[event.step] ?? 0) + event.milliseconds;
			if (event.type === "finished" && event.fault) faults.push(`${adbSerial}: ${event.fault.code}`);
		}
		await port.close();
	}),
);

const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const end: EnrollManyEnd = {
	wallMs: performance.now() - started,
	cpuMs: (userCPUTime + systemCPUTime) / 1000,
	peakRssKiB: maxRSS,
	faults,
	stepMs,
};
process.stdout.write(`${JSON.stringify(end)}\n`);
process.exit(0);
