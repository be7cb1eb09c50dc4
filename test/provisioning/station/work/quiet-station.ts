import { nobleCrypto } from "../../../../proto/noble-crypto.ts";
import { faultError } from "../../../../provisioning/handset/fault.ts";
import type { FaultCode } from "../../../../provisioning/handset/fault-codes.ts";
import type { HandsetPort } from "../../../../provisioning/handset/port.ts";
import { DEFAULT_POLICY } from "../../../../provisioning/handset/preflight.ts";
import type { RegistryPort } from "../../../../provisioning/procedure/registry-port.ts";
import { stepBatch } from "../../../../provisioning/station/journal/fold.ts";
import { type AfterRun, openStation, type StationOptions } from "../../../../provisioning/station/work/open-station.ts";
import type { RegistryRoad } from "../../../../provisioning/station/work/registry-road.ts";
import type { Snapshot } from "../../../../provisioning/transport/device-list.ts";
import { mapOf } from "../slots/seen-phones.ts";
import { sampleBatch, sampleUnit } from "./sample-batch.ts";

/** What nobody may use in a test that never comes so far. */
function unused<Value>(what: string): Value {
	const refuse = () => {
		throw new Error(`nobody should use ${what} here`);
	};
	return new Proxy(Object.freeze({}), { get: refuse }) as Value; // whatever it is, it is not touched
}

const road: RegistryRoad = {
	status: () => ({ state: "up", sinceMs: 0 }),
	vouchers: () => ({ left: 0, of: 0 }),
	registryFor: () => unused<RegistryPort>("the registry"),
	lease: async () => {},
	letGo() {},
	onUp() {},
	fetchVouchers: () => unused("vouchers"),
	giveBack: async () => undefined,
	close: async () => {},
};

/** No label, and nobody is told. */
export const nothingAfter: AfterRun = {
	ended: async () => undefined,
	reprint: async () => ({ ok: true, text: "" }),
	webhooks: () => ({ waiting: 0, failed: 0, stopped: false }),
	resendWebhooks: async () => 0,
	batchClosed: async () => {},
	close: async () => {},
};

/** A phone whose every answer is this fault. */
export function deafPhone(code: FaultCode): HandsetPort {
	const refuse = async () => {
		throw faultError(code);
	};
	return {
		...{ adbSerial: "S", shell: refuse, script: refuse, push: refuse, install: refuse },
		gone: new Promise(() => {}),
		close: async () => {},
	};
}

/** A station with nothing around it but what a test gives: no registry, no disk, no phones. */
export async function openQuietStation(more: Partial<StationOptions> = {}) {
	let tell: (snapshot: Snapshot) => void = () => {};
	const said: Snapshot[] = [];
	async function* track(signal: AbortSignal): AsyncIterable<Snapshot> {
		while (!signal.aborted) {
			const next = said.shift();
			if (next) yield next;
			else {
				await new Promise<void>((resolve) => {
					tell = (snapshot) => {
						said.push(snapshot);
						resolve();
					};
					signal.addEventListener("abort", () => resolve(), { once: true });
				});
			}
		}
	}
	const bugs: unknown[] = [];
	const station = await openStation({
		...{ station: "TST-A-ENR-01", batchId: "B1", tool: "test", units: [sampleUnit(1), sampleUnit(2)] },
		clock: { nowMs: () => 0, pause: async () => {} },
		crypto: nobleCrypto,
		randomBytes: (length) => new Uint8Array(length),
		apk: unused("the agent"),
		policy: DEFAULT_POLICY,
		hubMap: mapOf("1-1", "1-2"),
		track,
		reviveAdbServer: async () => {},
		usbFacts: async () => ({}),
		journal: { append: async () => [], close: async () => {} },
		initial: sampleBatch([], "manifest"),
		fold: stepBatch,
		openPort: async () => {
			throw faultError("NO_DEVICE");
		},
		gate: { installTurn: async () => ({ end() {} }) },
		openRoad: () => road,
		openAfter: async () => nothingAfter,
		findBadge: async () => undefined,
		runChecks: async () => [],
		onBug: (error) => void bugs.push(error),
		...more,
	});
	return {
		station,
		bugs,
		/** What the adb server says next. */
		say: (snapshot: Snapshot) => tell(snapshot),
		/** Resolves when a slot's card is as asked. */
		card: (slot: number, holds: (card: ReturnType<typeof station.view>["slots"][number]) => boolean) =>
			new Promise<ReturnType<typeof station.view>["slots"][number]>((resolve) => {
				const look = () => {
					const card = station.view().slots.find((each) => each.slot === slot);
					if (!card || !holds(card)) return;
					stop();
					resolve(card);
				};
				const stop = station.onChange(look);
				look();
			}),
	};
}
