import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { build } from "esbuild";

import { encode } from "../../proto/codec.ts";
import { type Imei, parseImei } from "../../proto/imei.ts";
import { wire } from "../../proto/wire.ts";
import { createRegistryClient } from "../../provisioning/registry/client.ts";
import { startHoldfast } from "../e2e/holdfast-process.ts";
import { openWorld, type World } from "../e2e/world.ts";
import { freePort } from "../lab/free-port.ts";
import type { LabHandset } from "../lab/lab.ts";
import type { EnrollManyEnd } from "./enroll-many.ts";
import { atMost, median, type Row, within } from "./row.ts";

const run = promisify(execFile);
const PROFILE = "hyperos2-a15-global";
const APK = fileURLToPath(new URL("../../agent/hosts/android/build/holdfast-agent.apk", import.meta.url));
const SCRIPT = fileURLToPath(new URL("enroll-with-adb.sh", import.meta.url));
const ONE_RUNS = 7;
const MANY = 64;
/** Goals of the design: part of the script's wall time, and the station's memory. */
const GOAL_RATIO = 0.6;
const GOAL_RSS_MIB = 300;

/** One handset, whole processes on both sides: `holdfast enroll` against the shell script. */
export async function benchEnrollOne(): Promise<Row[]> {
	return inWorld(async (world) => {
		const ours: number[] = [];
		const theirs: number[] = [];
		for (let round = 0; round < ONE_RUNS; round += 1) {
			const [mine, other] = [await contracted(world, `ONE-${round}-A`), await contracted(world, `ONE-${round}-B`)];
			ours.push(await timed(() => enrollByCommand(world, mine)));
			const requests = await requestsFor(world, other);
			theirs.push(await timed(() => enrollByScript(world, other, requests)));
			await mine.handset.close();
			await other.handset.close();
		}
		const starts: number[] = [];
		for (let round = 0; round < ONE_RUNS; round += 1)
			starts.push(await timed(() => startHoldfast(["enroll", "--help"], { env: world.env }).ended));
		process.stderr.write(`of it, starting the command line: ${Math.round(median(starts))} ms\n`);
		return [atMost("enroll one handset", median(ours), median(theirs), "ms", GOAL_RATIO)];
	});
}

/** Many at once: one process of ours against as many shell scripts side by side. */
export async function benchEnrollMany(): Promise<Row[]> {
	return inWorld(async (world) => {
		const ours = await contractedMany(world, "OURS");
		const end = await enrollInOneProcess(world, ours);
		for (const { handset } of ours) await handset.close();
		const theirs = await contractedMany(world, "THEIRS");
		const requests = await Promise.all(theirs.map((each) => requestsFor(world, each)));
		const script = await timed(() =>
			Promise.all(
				theirs.map((each, index) => enrollByScript(world, each, requests[index] ?? { bind: "", hello: "", start: "" })),
			),
		);
		const share = Math.round((100 * end.cpuMs) / end.wallMs);
		process.stderr.write(`the enrolling process itself: ${Math.round(end.cpuMs)} ms of processor time, ${share} % of one core\n`);
		const steps = Object.entries(end.stepMs).map(([name, ms]) => `${name} ${Math.round(ms / MANY)}`);
		process.stderr.write(`time of one of ${MANY} handsets by step, ms: ${steps.join(", ")}\n`);
		for (const fault of end.faults) process.stderr.write(`${fault}\n`);
		return [
			atMost(`enroll ${MANY} handsets at once`, end.wallMs, script, "ms", GOAL_RATIO),
			within(`peak memory of enrolling ${MANY} at once`, end.peakRssKiB / 1024, "MiB", GOAL_RSS_MIB),
			within(`faults in enrolling ${MANY} at once`, end.faults.length, "faults", 0),
		];
	});
}

interface Contracted {
	readonly handset: LabHandset;
	readonly contractId: string;
}

interface Requests {
	readonly bind: string;
	readonly hello: string;
	readonly start: string;
}

async function inWorld(measure: (world: World) => Promise<Row[]>): Promise<Row[]> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
	const world = await openWorld({ folder, transport: "auto", adbPort: await freePort() });
	try {
		if (world.lab.transport !== "adbd") process.stderr.write("no real adbd here: the in-process one takes its place\n");
		return await measure(world);
	} finally {
		await world.close();
		await rm(folder, { recursive: true, force: true });
	}
}

async function contracted(world: World, contractId: string): Promise<Contracted> {
	const handset = await world.lab.add({ profile: PROFILE });
	await world.enterContract(contractId, handset);
	return { handset, contractId };
}

async function contractedMany(world: World, name: string): Promise<Contracted[]> {
	const made: Contracted[] = [];
	for (let index = 0; index < MANY; index += 1) made.push(await contracted(world, `${name}-${index}`));
	return made;
}

async function enrollByCommand(world: World, { handset, contractId }: Contracted): Promise<void> {
	const { code, stderr } = await startHoldfast(["enroll", contractId, "-s", handset.adbSerial, "--no-seal", "--no-input"], {
		env: world.env,
	}).ended;
	if (code !== 0) throw new Error(`not enrolled: ${stderr}`);
}

async function enrollByScript(world: World, { handset }: Contracted, { bind, hello, start }: Requests): Promise<void> {
	await run(SCRIPT, [String(world.adbPort), handset.adbSerial, APK, bind, hello, start]);
}

async function enrollInOneProcess(world: World, contracts: readonly Contracted[]): Promise<EnrollManyEnd> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-many-"));
	try {
		const program = join(folder, "enroll-many.mjs");
		const entry = fileURLToPath(new URL("enroll-many.ts", import.meta.url));
		const banner =
			'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';
		await build({
			entryPoints: [entry],
			outfile: program,
			bundle: true,
			format: "esm",
			platform: "node",
			banner: { js: banner },
		});
		const jobs = join(folder, "jobs.json");
		const adminToken = await tokenOf(world);
		const { registryUrl, adbPort } = world;
		const work = {
			registryUrl,
			adminToken,
			adbPort,
			apkFile: APK,
			jobs: contracts.map(({ contractId, handset }) => ({ contractId, adbSerial: handset.adbSerial })),
		};
		await writeFile(jobs, JSON.stringify(work), { mode: 0o600 });
		const { stdout } = await run(process.execPath, [program, jobs], { maxBuffer: 1 << 24 });
		return JSON.parse(stdout);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** What the script sends to the agent. Made beforehand, so that making it is not in the script's time. */
async function requestsFor(world: World, { handset, contractId }: Contracted): Promise<Requests> {
	const registry = createRegistryClient({ url: world.registryUrl, adminToken: await tokenOf(world) });
	const [imei1, imei2] = handset.imeis.map(imeiOf);
	if (!imei1) throw new Error("the handset has no IMEI");
	const identity = { imei1, ...(imei2 ? { imei2 } : {}), serial: handset.serial, model: "bench" };
	const { keySetEnvelopes, bindingEnvelope, terms, consent } = await registry.offerEnrollment(contractId, identity);
	const base64 = (request: wire.CableRequest.$Properties) => Buffer.from(encode(wire.CableRequest, request)).toString("base64");
	return {
		bind: base64({ bind: { keySetEnvelopes: [...keySetEnvelopes], bindingEnvelope, terms, consent } }),
		hello: base64({ hello: { challenge: new Uint8Array(16).fill(1) } }),
		start: base64({ startCheckIn: {} }),
	};
}

function imeiOf(text: string): Imei {
	const parsed = parseImei(text);
	if ("problem" in parsed) throw new Error(parsed.problem);
	return parsed.imei;
}

async function tokenOf(world: World): Promise<string> {
	return (await readFile(world.env.HOLDFAST_TOKEN_FILE ?? "", "utf8")).trim();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const started = performance.now();
	await work();
	return performance.now() - started;
}
