import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { createAccessClient } from "../../provisioning/registry/clients/access-client.ts";
import { type AdminClient, createAdminClient } from "../../provisioning/registry/clients/admin-client.ts";
import { type Lab, type LabHandset, openLab } from "../lab/lab.ts";
import { type LabClock, labClock } from "../lab/lab-clock.ts";
import { type CommandEnd, holdfastJson, type RunningCommand, startHoldfast } from "./holdfast-process.ts";
import { sampleContract } from "./sample-contract.ts";

const REGISTRY_READY_MS = 90_000;

/** A lender, a cable and some phones: real processes around virtual handsets, on virtual time. */
export interface World {
	readonly lab: Lab;
	readonly clock: LabClock;
	readonly registryUrl: string;
	readonly adbPort: number;
	/** Environment in which commands find this world's registry, tokens, adb server and state folder. */
	readonly env: Readonly<Record<string, string>>;
	/** What stations and `holdfast enroll` work with here: an operator's own token. All else has the admin token. */
	readonly operatorToken: string;
	readonly adminToken: string;
	/** Whether the handsets reach the lender. */
	setNetwork(up: boolean): void;
	/** Enters a sample contract for a handset. */
	enterContract(contractId: string, handset: LabHandset): Promise<void>;
	/** The registry, without a process for each question. */
	readonly admin: AdminClient;
	/** Runs a command to its end and reads its JSON document. */
	holdfast(...args: string[]): Promise<CommandEnd & { document: Readonly<Record<string, unknown>> }>;
	/** Stops the registry (kill -9) and starts it again on the same data and port. */
	restartRegistry(): Promise<void>;
	/** Stops the registry (kill -9). */
	killRegistry(): Promise<void>;
	/** Starts a killed registry again on the same data and port. */
	startRegistry(): Promise<void>;
	close(): Promise<void>;
}

export interface WorldOptions {
	/** Everything of this world lives here. */
	readonly folder: string;
	/** What the handsets remember lives here. Default: in the folder. */
	readonly handsetFolder?: string;
	readonly transport: "adbd" | "in-process" | "auto";
	/** Port of an adb server of this world's own. */
	readonly adbPort: number;
	readonly onLine?: (line: string) => void;
}

export async function openWorld({ folder, handsetFolder, transport, adbPort, onLine }: WorldOptions): Promise<World> {
	await mkdir(folder, { recursive: true });
	const data = join(folder, "registry");
	const keys = join(folder, "keys");
	const clock = labClock(join(folder, "clock.json"));
	const baseEnv = {
		HOLDFAST_STATE: join(folder, "state"),
		HOLDFAST_DATA: data,
		NO_COLOR: "1",
	};
	await holdfastJson(["keys", "init", "--lender", "sample-lender", "--folder", keys, "--insecure-dev"], { env: baseEnv });

	const serve = async (port: number): Promise<{ process: RunningCommand; url: string; tokenFile: string }> => {
		const args = [
			"serve",
			"--data",
			data,
			"--keys",
			keys,
			"--port",
			String(port),
			"--insecure-dev",
			"--clock-file",
			clock.path,
			"--json",
		];
		const process = startHoldfast(args, {
			env: baseEnv,
			deadlineMs: 24 * 3600 * 1000,
			...(onLine ? { onLine } : {}),
		});
		const ready = await Promise.race([process.firstLine, after(REGISTRY_READY_MS, "the registry did not get ready")]);
		const { url, adminTokenFile }: { url: string; adminTokenFile: string } = JSON.parse(ready);
		return { process, url, tokenFile: adminTokenFile };
	};
	let registry = await serve(0);
	const { url } = registry;
	const killRegistry = async () => {
		registry.process.kill("SIGKILL");
		await registry.process.ended;
	};
	const startRegistry = async () => {
		registry = await serve(Number(new URL(url).port));
	};
	const lab = await openLab({
		stateFolder: handsetFolder ?? join(folder, "lab"),
		transport,
		clockFile: clock.path,
		adbServerPort: adbPort,
	});
	const env = {
		...baseEnv,
		HOLDFAST_REGISTRY: url,
		ANDROID_ADB_SERVER_PORT: String(adbPort),
	};
	const address = { url, adminToken: (await readFile(registry.tokenFile, "utf8")).trim() };
	const admin = createAdminClient(address);
	const operator = await createAccessClient(address).addProgram({ name: "Stations", roles: ["operator"], days: 365 });
	await writeFile(join(data, "program-token"), `${operator.token}\n`, { mode: 0o600 });
	const holdfast = (...args: string[]) => holdfastJson(args, { env, ...(onLine ? { onLine } : {}) });
	return {
		lab,
		clock,
		registryUrl: url,
		adbPort,
		env,
		operatorToken: operator.token,
		adminToken: address.adminToken,
		admin,
		holdfast,
		setNetwork: (up) => {
			for (const handset of lab.handsets) handset.setOnline(up);
		},
		async enterContract(contractId, handset) {
			await admin.createContract(sampleContract(contractId, handset.imeis, Math.floor(clock.nowMs() / 1000)));
		},
		async restartRegistry() {
			await killRegistry();
			await startRegistry();
		},
		killRegistry,
		startRegistry,
		async close() {
			await lab.close();
			registry.process.kill("SIGTERM");
			await registry.process.ended;
			clock.close();
		},
	};
}

async function after(milliseconds: number, message: string): Promise<never> {
	await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
	throw new Error(message);
}
