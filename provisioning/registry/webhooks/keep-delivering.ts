import type { RegistryContext } from "../registry-context.ts";
import { type DeliveryPorts, startDue, type UnderWay } from "./deliver.ts";
import { tellExpiringKeys } from "./tell-keys.ts";

/** Pause while there is something to do, when nothing was due, and when the database does not answer. In milliseconds. */
const [BUSY_MS, IDLE_MS, TROUBLE_MS] = [20, 1000, 5000];
const KEYS_EVERY_MS = 3_600_000;

/**
 * Delivers until it is stopped. Any number of registries may do it on one database.
 *
 * @returns stops it: attempts under way are broken off, and made again by whoever comes next.
 */
export function keepDelivering(context: RegistryContext, ports: DeliveryPorts): () => Promise<void> {
	const underWay: UnderWay = new Map();
	const end = new AbortController();
	let keysAtMs = Number.NEGATIVE_INFINITY;
	async function run(): Promise<void> {
		while (!end.signal.aborted) {
			let pauseMs = IDLE_MS;
			try {
				if (performance.now() - keysAtMs > KEYS_EVERY_MS) {
					await tellExpiringKeys(context);
					keysAtMs = performance.now();
				}
				if ((await startDue(context, ports, end.signal, underWay)) > 0) pauseMs = BUSY_MS;
			} catch (error) {
				ports.onFailure?.(error);
				pauseMs = TROUBLE_MS;
			}
			await pause(pauseMs, end.signal);
		}
	}
	const running = run();
	return async () => {
		end.abort();
		await running;
		await Promise.all(underWay.values());
	};
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) => {
		const timer = setTimeout(done, milliseconds);
		function done() {
			clearTimeout(timer);
			signal.removeEventListener("abort", done);
			resolve();
		}
		signal.addEventListener("abort", done);
	});
}
