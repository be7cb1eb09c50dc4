import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { encode } from "../../proto/codec.ts";
import { type Imei, parseImei } from "../../proto/imei.ts";
import { wire } from "../../proto/wire.ts";
import { createRegistryClient } from "../../provisioning/registry/clients/registry-client.ts";
import { openWorld, type World } from "../e2e/world.ts";
import { freePort } from "../lab/free-port.ts";
import type { LabHandset } from "../lab/lab.ts";

const run = promisify(execFile);
const PROFILE = "hyperos2-a15-global";
const SCRIPT = fileURLToPath(new URL("enroll-with-adb.sh", import.meta.url));

/** The agent's APK that every row installs. */
export const APK = fileURLToPath(new URL("../../agent/hosts/android/build/holdfast-agent.apk", import.meta.url));

/** A handset on the cable, and the contract that it is for. */
export interface Contracted {
	readonly handset: LabHandset;
	readonly contractId: string;
}

/** What the baseline sends to the agent: base64. */
export interface Requests {
	readonly bind: string;
	readonly hello: string;
	readonly start: string;
}

/** A phone has a memory of its own; 64 of them on one disk would wait for each other, whoever enrols them. */
const MEMORY = "/dev/shm";

/**
 * Opens a lender and a lab for the time of a measurement. The registry is on the disk, and durable; what the phones remember is in
 * this machine's memory, where it has a file system for that.
 */
export async function inWorld<Result>(measure: (world: World) => Promise<Result>): Promise<Result> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
	const handsetFolder = await mkdtemp(
		join(
			await access(MEMORY, constants.W_OK).then(
				() => MEMORY,
				() => tmpdir(),
			),
			"holdfast-bench-",
		),
	);
	const world = await openWorld({ folder, handsetFolder, transport: "auto", adbPort: await freePort() });
	try {
		if (world.lab.transport !== "adbd") process.stderr.write("no real adbd here: the in-process one takes its place\n");
		return await measure(world);
	} finally {
		await world.close();
		for (const each of [folder, handsetFolder]) await rm(each, { recursive: true, force: true });
	}
}

/** Plugs a new handset in and enters its contract. */
export async function contracted(world: World, contractId: string): Promise<Contracted> {
	const handset = await world.lab.add({ profile: PROFILE });
	await world.enterContract(contractId, handset);
	return { handset, contractId };
}

export async function contractedMany(world: World, name: string, count: number): Promise<Contracted[]> {
	const made: Contracted[] = [];
	for (let index = 0; index < count; index += 1) made.push(await contracted(world, `${name}-${index}`));
	return made;
}

/** The baseline. @throws when one of its commands fails. */
export async function enrollByScript(
	world: World,
	{ handset }: Contracted,
	{ bind, hello, start }: Requests,
	script = SCRIPT,
): Promise<void> {
	await run(script, [String(world.adbPort), handset.adbSerial, APK, bind, hello, start]);
}

/** What the script sends to the agent. Made beforehand, so that making it is not in the script's time. */
export async function requestsFor(world: World, { handset, contractId }: Contracted): Promise<Requests> {
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

/** The token that stations have. */
export async function tokenOf(world: World): Promise<string> {
	return world.operatorToken;
}

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
	const started = performance.now();
	await work();
	return performance.now() - started;
}
