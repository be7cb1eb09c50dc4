import type { QueuedReceipt } from "../../../vouchers/voucher-registry.ts";
import type { DeskDatabase, KeptReceipt } from "./desk-database.ts";

/** What phones bound without the registry have signed, until the registry has it and the phone is done. */
export interface ReceiptBook {
	/** Every phone that is not done yet, in the order in which they were bound. */
	all(): readonly KeptReceipt[];
	/** Those that the registry has yet to get, first come first. */
	waiting(): readonly KeptReceipt[];
	/** Writes one down so that no crash loses it. The same enrolment's again is harmless: it keeps its place. */
	queue(receipt: QueuedReceipt): Promise<void>;
	/** The registry has it: nothing of what it says stays here but its contract, for the phone has to come back. */
	delivered(receipt: QueuedReceipt): Promise<void>;
	/** The phone of this contract is done, or given up. */
	forget(contractId: string): Promise<void>;
}

/** @param changed told after each change. */
export async function openReceiptBook(database: DeskDatabase, changed: () => void): Promise<ReceiptBook> {
	const receipts = new Map((await database.all("receipts")).map((kept) => [kept.enrollmentId, kept]));
	const all = () => [...receipts.values()].sort((a, b) => a.order - b.order);
	const keep = async (kept: KeptReceipt) => {
		await database.put("receipts", kept);
		receipts.set(kept.enrollmentId, kept);
		changed();
	};
	return {
		all,
		waiting: () => all().filter(({ state }) => state === "waiting"),
		async queue({ contractId, enrollmentId, receiptEnvelope, evidence }) {
			if (receipts.has(enrollmentId)) return;
			const order = (all().at(-1)?.order ?? 0) + 1;
			await keep({ contractId, enrollmentId, receiptEnvelope, evidence, order, state: "waiting" });
		},
		async delivered({ enrollmentId }) {
			const kept = receipts.get(enrollmentId);
			if (kept) await keep({ ...kept, receiptEnvelope: "", evidence: "", state: "delivered" });
		},
		async forget(contractId) {
			for (const kept of all()) {
				if (kept.contractId !== contractId) continue;
				await database.remove("receipts", kept.enrollmentId);
				receipts.delete(kept.enrollmentId);
			}
			changed();
		},
	};
}
