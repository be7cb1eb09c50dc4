import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as pauseFor } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { parseImei } from "../../proto/imei.ts";
import type { FaultCode } from "../../provisioning/handset/fault-codes.ts";
import { type AgentApk, agentApk } from "../../provisioning/handset/packages.ts";
import { DEFAULT_POLICY } from "../../provisioning/handset/preflight.ts";
import { type Enrollment, enrollSteps } from "../../provisioning/procedure/enroll.ts";
import type { RegistryPort } from "../../provisioning/procedure/registry-port.ts";
import { runSteps, type StepEnd, type StepEntry } from "../../provisioning/procedure/step.ts";
import { createRegistryClient } from "../../provisioning/registry/clients/registry-client.ts";
import { createStationClient } from "../../provisioning/registry/clients/station-client.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";
import type { Unit } from "../../provisioning/station/unit.ts";
import { openVoucherStore } from "../../provisioning/station/vouchers/voucher-folder.ts";
import { openThroughServer } from "../../provisioning/transport/adb-server.ts";
import { createDelivery } from "../../provisioning/vouchers/delivery.ts";
import { fetchVouchers } from "../../provisioning/vouchers/fetch-vouchers.ts";
import { watchRegistry } from "../../provisioning/vouchers/registry-health.ts";
import { createVoucherRegistry, type QueuedReceipt } from "../../provisioning/vouchers/voucher-registry.ts";
import type { VoucherStore } from "../../provisioning/vouchers/voucher-store.ts";
import type { LabHandset } from "../lab/lab.ts";
import type { World } from "./world.ts";

const APK = fileURLToPath(new URL("../../agent/hosts/android/build/holdfast-agent.apk", import.meta.url));

/** How one run of the enrolment ended. */
export interface RunEnd {
	readonly fault: FaultCode | undefined;
	/** Each step's end, by its name. */
	readonly ends: Readonly<Record<string, StepEnd>>;
	readonly notes: readonly string[];
	/** Steps whose act was announced. */
	readonly acts: readonly string[];
	readonly queued: boolean;
}

/** A station's ties to the registry as the station makes them, around one world. */
export interface Desk {
	readonly store: VoucherStore;
	/** Receipts that wait, and those that were delivered, as a journal would hold them. */
	readonly waiting: QueuedReceipt[];
	readonly delivered: QueuedReceipt[];
	readonly online: RegistryPort;
	readonly registry: RegistryPort;
	readonly station: ReturnType<typeof createStationClient>;
	/** Moves the station's own clock against the world's. */
	skewMs: number;
	/** Does what `before` says right before each request to the registry; what it throws is all that comes back of it. */
	before: (path: string) => Promise<void> | void;
	/** The same after the registry has answered. */
	after: (path: string) => Promise<void> | void;
	fetch(...units: readonly Unit[]): ReturnType<typeof fetchVouchers>;
	enroll(contractId: string, handset: LabHandset, seal?: boolean): Promise<RunEnd>;
	deliver(): Promise<void>;
	/** Resolves as soon as the station knows the registry to be so. */
	knows(state: "up" | "down"): Promise<void>;
	close(): Promise<void>;
}

export async function openDesk(world: World, folder: string): Promise<Desk> {
	const adminToken = world.operatorToken;
	const crypto = createNodeCrypto();
	const apk: AgentApk = agentApk(new Uint8Array(await readFile(APK)));
	const tricks: Pick<Desk, "skewMs" | "before" | "after"> = { skewMs: 0, before: () => {}, after: () => {} };
	const send: typeof fetch = async (input, init) => {
		const path = new URL(String(input)).pathname;
		await tricks.before(path);
		const answer = await fetch(input, init);
		await tricks.after(path);
		return answer;
	};
	const address = { url: world.registryUrl, adminToken, station: "TST-A-ENR-01" };
	const online = createRegistryClient({ ...address, fetch: send, crypto, attempts: 1 });
	const station = createStationClient(address);
	const nowMs = () => world.clock.nowMs() + tricks.skewMs;
	const pause = (milliseconds: number, signal: AbortSignal) => pauseFor(milliseconds, undefined, { signal }).catch(() => {});
	const health = watchRegistry({ probe: station.ready, nowMs, pause });
	const store = await openVoucherStore(folder);
	const waiting: QueuedReceipt[] = [];
	const delivered: QueuedReceipt[] = [];
	const registry = createVoucherRegistry({
		online,
		health,
		station,
		vouchers: store,
		crypto,
		nowMs,
		async queueReceipt(receipt) {
			if (!waiting.some(({ enrollmentId }) => enrollmentId === receipt.enrollmentId)) waiting.push(receipt);
		},
	});
	const delivery = createDelivery({
		online,
		health,
		waiting: () => waiting,
		delivered: async (receipt) => {
			waiting.splice(waiting.indexOf(receipt), 1);
			delivered.push(receipt);
		},
		refused: async () => {},
		failed: (error) => {
			throw error;
		},
		pause,
	});
	return Object.assign(tricks, {
		store,
		waiting,
		delivered,
		online,
		registry,
		station,
		fetch: (...units: readonly Unit[]) => fetchVouchers({ registry: online, leases: station, units, store, nowMs }),
		async enroll(contractId: string, handset: LabHandset, seal = true): Promise<RunEnd> {
			const port = await openThroughServer({ serial: handset.adbSerial, port: world.adbPort });
			const entries: StepEntry[] = [];
			const acts: string[] = [];
			const notes: string[] = [];
			const enrollment: Enrollment = {
				port,
				registry,
				contractId,
				apk,
				entries,
				policy: DEFAULT_POLICY,
				clock: { nowMs, pause: (milliseconds) => pauseFor(milliseconds) },
				crypto,
				randomBytes: (length) => Uint8Array.from(randomBytes(length)),
				tool: "test",
				operator: "",
				found: {},
			};
			let fault: FaultCode | undefined;
			const announce = async (step: string) => void acts.push(step);
			for await (const event of runSteps(enrollSteps({ seal }), enrollment, enrollment.clock, entries, undefined, announce)) {
				if (event.type === "step-note") notes.push(event.text);
				if (event.type === "finished") fault = event.fault?.code;
			}
			await port.close();
			const ends = Object.fromEntries(entries.map(({ name, end }) => [name, end]));
			return { fault, ends, notes, acts, queued: enrollment.found.queued === true };
		},
		deliver: () => delivery.deliver(),
		knows: (state: "up" | "down") =>
			new Promise<void>((resolve) => {
				const stop = health.onChange((status) => {
					if (status.state !== state) return;
					stop();
					resolve();
				});
				if (health.status().state === state) {
					stop();
					resolve();
				} else health.suspect();
			}),
		async close() {
			await delivery.close();
			health.close();
		},
	});
}

/** A handset as a manifest names it. */
export function unitOf(contractId: string, { imeis, serial }: LabHandset, row = 2): Unit {
	const [first, ...others] = imeis.flatMap((text) => {
		const parsed = parseImei(text);
		return "imei" in parsed ? [parsed.imei] : [];
	});
	if (!first) throw new Error("a handset of the lab has an IMEI");
	return { contractId, imeis: [first, ...others], serial, row };
}
