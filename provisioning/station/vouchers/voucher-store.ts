import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";

import { faultError } from "../../handset/fault.ts";
import { writeDurably } from "../../registry/keys/key-file.ts";
import { errorCode, syncFolder } from "../durable-file.ts";
import { onDisk } from "./disk.ts";
import { isClockWrong, VOUCHER_MARGIN_MS, type Voucher } from "./voucher.ts";
import { readVoucher, type VoucherContent, voucherOf, writeVoucher } from "./voucher-file.ts";

const FILE = ".voucher";
/** Beside the file of a voucher that was handed out; stays for as long as a phone may be bound with it. */
const USED = ".used";
/** A file that a crash left half written. */
const UNFINISHED = ".new";
/** Files read at once when a folder is opened. */
const READERS = 16;

/**
 * Vouchers of one batch in a folder of their own, one file each, mode 0600, written whole and synced. A file holds its phone's code
 * key; what is kept in memory does not. Only one program at a time may have the folder open.
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
	 * The voucher's content, after {@link markUsed}.
	 *
	 * @throws {FaultError} VOUCHER_MISSING if there is none, or its file is gone or damaged; STATION_DISK_FULL, UNCLASSIFIED.
	 */
	take(contractId: string): Promise<VoucherContent>;
	/** Deletes a voucher and the secret in it. None there is no error. */
	remove(contractId: string): Promise<void>;
}

/**
 * Opens a folder of vouchers, or makes it. What is damaged or half written is deleted: it can be fetched again.
 *
 * @throws {FaultError} STATION_DISK_FULL, UNCLASSIFIED.
 */
export async function openVoucherStore(folder: string): Promise<VoucherStore> {
	const vouchers = new Map<string, Voucher>();
	await onDisk(mkdir(folder, { recursive: true, mode: 0o700 }));
	await onDisk(chmod(folder, 0o700));
	const names = await onDisk(readdir(folder));
	const used = new Set(names.filter((name) => name.endsWith(USED)));
	const stems = names.filter((name) => name.endsWith(FILE)).map((name) => name.slice(0, -FILE.length));
	// By hash: numbers of contracts that differ in their capitals only would be one file on some disks.
	const nameOf = (contractId: string, ending: string) =>
		createHash("sha256").update(contractId).digest("hex").slice(0, 40) + ending;
	const pathOf = (contractId: string, ending: string) => join(folder, nameOf(contractId, ending));

	async function load(stem: string): Promise<void> {
		const path = join(folder, stem + FILE);
		const content = readVoucher(await onDisk(readFile(path, "utf8")));
		const voucher = content && voucherOf(content, used.has(stem + USED));
		if (voucher && pathOf(voucher.contractId, FILE) === path) vouchers.set(voucher.contractId, voucher);
		else await unlinkIfThere(path);
	}

	for (let index = 0; index < stems.length; index += READERS) await Promise.all(stems.slice(index, index + READERS).map(load));
	for (const name of names) if (name.endsWith(UNFINISHED)) await unlinkIfThere(join(folder, name));

	async function remove(contractId: string): Promise<void> {
		vouchers.delete(contractId);
		// The secret first: of a mark that is left over nothing comes.
		await unlinkIfThere(pathOf(contractId, FILE));
		await unlinkIfThere(pathOf(contractId, USED));
		used.delete(nameOf(contractId, USED));
		await syncFolder(folder);
	}

	async function markUsed(contractId: string): Promise<void> {
		const voucher = vouchers.get(contractId);
		if (!voucher || voucher.used) return;
		await onDisk(writeDurably(pathOf(contractId, USED), "", 0o600).catch(unlessThere));
		used.add(nameOf(contractId, USED));
		vouchers.set(contractId, { ...voucher, used: true });
	}

	return {
		find: (contractId) => vouchers.get(contractId),
		all: () => [...vouchers.values()],
		figures(nowMs) {
			const left = isClockWrong(vouchers.values(), nowMs)
				? []
				: [...vouchers.values()].filter((voucher) => !voucher.used && voucher.expiresAtMs - nowMs >= VOUCHER_MARGIN_MS);
			const expiresAtMs = left.reduce((first, voucher) => Math.min(first, voucher.expiresAtMs), Number.POSITIVE_INFINITY);
			return { left: left.length, ...(left.length > 0 ? { expiresAtMs } : {}) };
		},
		async put(content) {
			const { contractId } = content.offer;
			const voucher = voucherOf(content, used.has(nameOf(contractId, USED)));
			if (!voucher) throw faultError("REGISTRY_UNTRUSTED", { raw: "an offer without a binding" });
			await unlinkIfThere(pathOf(contractId, FILE));
			await onDisk(writeDurably(pathOf(contractId, FILE), writeVoucher(content), 0o600));
			vouchers.set(contractId, voucher);
			return voucher;
		},
		async take(contractId) {
			const voucher = vouchers.get(contractId);
			const text = voucher && (await onDisk(readFile(pathOf(contractId, FILE), "utf8").catch(unlessMissing)));
			const content = text === undefined ? undefined : readVoucher(text);
			if (!voucher || content?.offer.contractId !== contractId) {
				throw faultError("VOUCHER_MISSING", { details: { contract: contractId } });
			}
			await markUsed(contractId);
			return content;
		},
		markUsed,
		remove: (contractId) => (vouchers.has(contractId) ? onDisk(remove(contractId)) : Promise.resolve()),
	};
}

async function unlinkIfThere(path: string): Promise<void> {
	await onDisk(unlink(path).catch(unlessMissing));
}

function unlessMissing(error: unknown): undefined {
	if (errorCode(error) !== "ENOENT") throw error;
	return undefined;
}

function unlessThere(error: unknown): void {
	if (errorCode(error) !== "EEXIST") throw error;
}
