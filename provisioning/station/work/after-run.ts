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
	return {
		async ended(unit, { verdict }) {
			const told = erp?.tell();
			const trouble = verdict === "pass" ? await labels.printFirst(unit, operator()) : undefined;
			await told;
			return trouble;
		},
		reprint: (unit, who, reason) => labels.reprint(unit, who, reason),
		webhooks: () => erp?.figures() ?? { waiting: 0, failed: 0, stopped: false },
		resendWebhooks: async () => (await erp?.sendAgain()) ?? 0,
		batchClosed: async () => erp?.tell(),
		close: async () => erp?.close(),
	};
}
