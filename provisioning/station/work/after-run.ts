import type { ErpDesk } from "./erp-desk.ts";
import type { LabelDesk } from "./label-desk.ts";
import type { AfterRun } from "./open-station.ts";

export interface AfterRunOptions {
	readonly labels: LabelDesk;
	/** Left out: a station that tells nobody. */
	readonly erp?: ErpDesk | undefined;
	operator(): string;
}

/** Label and ERP after each run: neither waits for the other's trouble. */
export function createAfterRun({ labels, erp, operator }: AfterRunOptions): AfterRun {
	const printing = new Set<Promise<unknown>>();
	return {
		async ended(unit, { verdict }) {
			const told = erp?.tell();
			const printed = verdict === "pass" ? labels.printFirst(unit, operator()) : undefined;
			if (printed) printing.add(printed);
			try {
				return await printed;
			} finally {
				if (printed) printing.delete(printed);
				await told;
			}
		},
		reprint: (unit, who, reason) => labels.reprint(unit, who, reason),
		webhooks: () => erp?.figures() ?? { waiting: 0, failed: 0, stopped: false },
		resendWebhooks: async () => (await erp?.sendAgain()) ?? 0,
		batchClosed: async () => erp?.tell(),
		async close() {
			// The last phone's label is on its way when the batch is done. The printer has a deadline of its own.
			await Promise.allSettled(printing);
			await erp?.close();
		},
	};
}
