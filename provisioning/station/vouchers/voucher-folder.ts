import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";

import { faultError } from "../../handset/fault.ts";
import { writeDurably } from "../../registry/keys/key-file.ts";
import { figuresOf, type Voucher } from "../../vouchers/voucher.ts";
import type { VoucherStore } from "../../vouchers/voucher-store.ts";
import { readVoucher, voucherOf, writeVoucher } from "../../vouchers/voucher-text.ts";
import { errorCode, syncFolder } from "../durable-file.ts";
import { onDisk } from "./disk.ts";

const FILE = ".voucher";
/** Beside the file of a voucher that was handed out; stays for as long as a phone may be bound with it. */
const USED = ".used";
/** A file that a crash left half written. */
const UNFINISHED = ".new";
/** Files read at once when a folder is opened. */
const READERS = 16;

/**
 * Opens the folder of a batch's vouchers, or makes it: one file each, mode 0600, written whole and synced. What is damaged or half written is deleted: it can be fetched again.
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
		figures: (nowMs) => figuresOf(vouchers.values(), nowMs),
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
