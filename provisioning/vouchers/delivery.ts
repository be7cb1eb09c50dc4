import { type Fault, FaultError, faultError } from "../handset/fault.ts";
import type { RegistryPort } from "../procedure/registry-port.ts";
import { fromBase64 } from "../registry/base64.ts";
import { isSilence, type RegistryHealth } from "./registry-health.ts";
import type { QueuedReceipt } from "./voucher-registry.ts";
import { within } from "./within.ts";

/** For one receipt, with every attempt of the client. Milliseconds. */
const DEADLINE_MS = 45_000;
/** After a receipt that got no answer from a registry that otherwise answers. Milliseconds. */
const RETRY_MS = 15_000;

export interface DeliveryOptions {
	/** The registry over the network. */
	readonly online: Pick<RegistryPort, "confirmEnrollment">;
	readonly health: RegistryHealth;
	/** Receipts that wait, in the order in which they were queued. Asked for anew before each, so that a delivered one must be gone. */
	waiting(): Iterable<QueuedReceipt>;
	/** Writes down that the registry has it: it does not wait any more. */
	delivered(receipt: QueuedReceipt): Promise<void>;
	/** The registry does not take it, or made a mistake over it: somebody has to look. It is brought again when the station starts anew. */
	refused(receipt: QueuedReceipt, fault: Fault): Promise<void>;
	/** What these could not write down, such as STATION_DISK_FULL: the delivery stops there. */
	failed(error: unknown): void;
	/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
	pause(milliseconds: number, signal: AbortSignal): Promise<void>;
	readonly deadlineMs?: number;
}

/** Brings queued receipts to the registry as soon as it answers again. */
export interface Delivery {
	/**
	 * Looks for waiting receipts: after one was queued, and at the start. Resolves when nothing more can be delivered now. Never rejects.
	 */
	deliver(): Promise<void>;
	/** Ends after the receipt under way. */
	close(): Promise<void>;
}

/**
 * Delivers one after the other, in order: none is skipped for want of an answer, and one that is refused does not hold up the rest. A
 * receipt may be delivered twice, after a crash or a lost answer; the registry then changes nothing.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
	const { online, health, deadlineMs = DEADLINE_MS } = options;
	/** Not brought again in this life of the program. */
	const refused = new Set<string>();
	const closing = new AbortController();
	let running: Promise<void> | undefined;
	let isWanted = false;

	async function drain(): Promise<void> {
		const delivered = new Set<string>();
		while (!closing.signal.aborted && health.status().state === "up") {
			const isOpen = ({ receiptEnvelope }: QueuedReceipt) => !refused.has(receiptEnvelope) && !delivered.has(receiptEnvelope);
			const receipt = [...options.waiting()].find(isOpen);
			if (!receipt) return;
			const { enrollmentId, receiptEnvelope, evidence } = receipt;
			try {
				const confirming = online.confirmEnrollment(enrollmentId, fromBase64(receiptEnvelope), fromBase64(evidence));
				await within(deadlineMs, confirming, () =>
					faultError("REGISTRY_UNREACHABLE", { raw: `no answer within ${deadlineMs} ms` }),
				);
			} catch (error) {
				if (isSilence(error)) {
					health.suspect();
					void options.pause(RETRY_MS, closing.signal).then(deliver);
					return;
				}
				if (!(error instanceof FaultError)) throw error;
				refused.add(receiptEnvelope);
				await options.refused(receipt, error.fault);
				continue;
			}
			delivered.add(receiptEnvelope);
			await options.delivered(receipt);
		}
	}

	/** One drain at a time; a wish that comes in the middle of one starts another after it. */
	function deliver(): Promise<void> {
		isWanted = true;
		running ??= (async () => {
			while (isWanted && !closing.signal.aborted) {
				isWanted = false;
				await drain();
			}
		})()
			.catch(options.failed)
			.finally(() => {
				running = undefined;
			});
		return running;
	}

	const forget = health.onChange(({ state }) => {
		if (state === "up") void deliver();
	});
	return {
		deliver,
		async close() {
			closing.abort();
			forget();
			await running;
		},
	};
}
