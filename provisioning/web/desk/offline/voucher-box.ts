import { faultError } from "../../../handset/fault.ts";
import { figuresOf, type Voucher } from "../../../vouchers/voucher.ts";
import type { VoucherStore } from "../../../vouchers/voucher-store.ts";
import { readVoucher, voucherOf, writeVoucher } from "../../../vouchers/voucher-text.ts";
import type { DeskDatabase } from "./desk-database.ts";

/**
 * The vouchers of this browser. The secret in one that has ended is deleted as soon as somebody looks; that it was there is kept, so
 * that a phone is told what became of it.
 *
 * @param changed told after each change.
 */
export async function openVoucherBox(database: DeskDatabase, nowMs: number, changed: () => void): Promise<VoucherStore> {
	const vouchers = new Map<string, Voucher>();
	for (const kept of await database.all("vouchers")) {
		vouchers.set(kept.contractId, kept.voucher);
		if (kept.voucher.expiresAtMs <= nowMs && kept.text !== "") await database.put("vouchers", { ...kept, text: "" });
	}
	const keep = async (voucher: Voucher, text: string) => {
		await database.put("vouchers", { contractId: voucher.contractId, voucher, text });
		vouchers.set(voucher.contractId, voucher);
		changed();
	};
	async function markUsed(contractId: string): Promise<void> {
		const voucher = vouchers.get(contractId);
		const kept = voucher && !voucher.used ? await database.get("vouchers", contractId) : undefined;
		if (voucher && kept) await keep({ ...voucher, used: true }, kept.text);
	}
	return {
		find: (contractId) => vouchers.get(contractId),
		all: () => [...vouchers.values()],
		figures: (at) => figuresOf(vouchers.values(), at),
		async put(content) {
			const voucher = voucherOf(content, vouchers.get(content.offer.contractId)?.used ?? false);
			if (!voucher) throw faultError("REGISTRY_UNTRUSTED", { raw: "an offer without a binding" });
			await keep(voucher, writeVoucher(content));
			return voucher;
		},
		async take(contractId) {
			const voucher = vouchers.get(contractId);
			const kept = voucher && (await database.get("vouchers", contractId));
			const content = kept && readVoucher(kept.text);
			// By the binding itself: what stands beside it may have been changed.
			const isWhole = content && voucherOf(content, false)?.expiresAtMs === voucher?.expiresAtMs;
			if (!isWhole || content.offer.contractId !== contractId) {
				throw faultError("VOUCHER_MISSING", { details: { contract: contractId } });
			}
			await markUsed(contractId);
			return content;
		},
		markUsed,
		async remove(contractId) {
			if (!vouchers.delete(contractId)) return;
			await database.remove("vouchers", contractId);
			changed();
		},
	};
}
