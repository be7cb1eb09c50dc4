import type { StationView } from "../view.ts";
import type { LabelDesk } from "./label-desk.ts";
import type { AfterRun } from "./open-station.ts";

/** What the ERP is told of. */
export type ErpEvent =
	| { readonly event: "unit.passed" | "unit.queued" | "unit.failed"; readonly contractId: string }
	| { readonly event: "batch.closed" };

/** Tells the ERP, sooner or later. */
export interface ErpDesk {
	/** Keeps the event so that no crash loses it, and sends it when it can. Never throws. */
	tell(event: ErpEvent): Promise<void>;
	figures(): StationView["webhooks"];
	close(): Promise<void>;
}

export interface AfterRunOptions {
	readonly labels: LabelDesk;
	readonly erp?: ErpDesk | undefined;
	operator(): string;
}

/** Label and ERP after each run, in this order: neither waits for the other's trouble. */
export function createAfterRun({ labels, erp, operator }: AfterRunOptions): AfterRun {
	return {
		async ended(unit, { verdict }) {
			const { contractId } = unit;
			const told =
				verdict === "pass" || verdict === "queued" || verdict === "fail"
					? erp?.tell({
							event: ({ pass: "unit.passed", queued: "unit.queued", fail: "unit.failed" } as const)[verdict],
							contractId,
						})
					: undefined;
			const trouble = verdict === "pass" ? await labels.printFirst(unit, operator()) : undefined;
			await told;
			return trouble;
		},
		reprint: (unit, who, reason) => labels.reprint(unit, who, reason),
		webhooks: () => erp?.figures() ?? { waiting: 0, failed: 0 },
		batchClosed: async () => erp?.tell({ event: "batch.closed" }),
		close: async () => erp?.close(),
	};
}
