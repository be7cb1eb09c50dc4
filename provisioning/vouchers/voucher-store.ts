import type { Voucher } from "./voucher.ts";
import type { VoucherContent } from "./voucher-text.ts";

/**
 * Vouchers where a crash does not lose them: a station's folder, a browser's database. What is kept holds each phone's code key; what
 * is in memory does not. Only one program, or tab, at a time may have it open.
 */
export interface VoucherStore {
	/** The voucher of a contract, whether or not it can still be used. */
	find(contractId: string): Voucher | undefined;
	all(): readonly Voucher[];
	/** How many can still be used for a phone that has none yet, and when the first of those ends. */
	figures(nowMs: number): { readonly left: number; readonly expiresAtMs?: number };
	/**
	 * Keeps a voucher, in place of an older one for the contract. What was handed out before stays so.
	 *
	 * @throws {FaultError} STATION_DISK_FULL, UNCLASSIFIED; REGISTRY_UNTRUSTED for an offer without a binding.
	 */
	put(content: VoucherContent): Promise<Voucher>;
	/**
	 * Writes down that the offer in a contract's voucher is handed out, by us or by the registry itself: from then on a phone may be
	 * bound with it, and it must not be withdrawn. Nothing is done where there is no voucher.
	 *
	 * @throws {FaultError} STATION_DISK_FULL, UNCLASSIFIED.
	 */
	markUsed(contractId: string): Promise<void>;
	/**
	 * The voucher's content, after {@link VoucherStore.markUsed}.
	 *
	 * @throws {FaultError} VOUCHER_MISSING if there is none, or what was kept is gone or damaged; STATION_DISK_FULL, UNCLASSIFIED.
	 */
	take(contractId: string): Promise<VoucherContent>;
	/** Deletes a voucher and the secret in it. None there is no error. */
	remove(contractId: string): Promise<void>;
}
