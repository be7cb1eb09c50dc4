import { access, constants, mkdir } from "node:fs/promises";
import { join } from "node:path";

import { FaultError, fault } from "../../handset/fault.ts";
import { writeDurably } from "../../registry/keys/key-file.ts";
import { isDiskFull } from "../durable-file.ts";
import type { LabelPrinter } from "./printer.ts";

export interface FolderPrinterOptions {
	/** Made if it is not there. */
	readonly folder: string;
	/** Milliseconds since 1970-01-01T00:00:00Z: the files are named after it. */
	readonly nowMs: () => number;
}

/** A printer for stations without one: each label becomes a `.zpl` file, whole or not there at all, named so that they sort by time. */
export function folderPrinter({ folder, nowMs }: FolderPrinterOptions): LabelPrinter {
	let count = 0;
	let previous: Promise<unknown> = Promise.resolve();

	async function write(zpl: string): Promise<{ confirmed: boolean }> {
		count += 1;
		const stamp = new Date(nowMs()).toISOString().replaceAll(/[-:.]/g, "");
		const path = join(folder, `${stamp}-${String(count).padStart(4, "0")}.zpl`);
		try {
			await mkdir(folder, { recursive: true });
			await writeDurably(path, zpl, 0o600);
			return { confirmed: true };
		} catch (cause) {
			throw faultOf(cause, folder);
		}
	}

	return {
		async check() {
			try {
				await mkdir(folder, { recursive: true });
				await access(folder, constants.W_OK);
				return { ok: true, detail: `Labels are written into ${folder}; print them from there.` };
			} catch {
				return {
					ok: false,
					detail: `Labels cannot be written into ${folder}. Choose another folder, or let the station write there.`,
				};
			}
		},
		print(zpl) {
			const turn = previous.then(() => write(zpl));
			previous = turn.catch(() => {});
			return turn;
		},
	};
}

function faultOf(cause: unknown, folder: string): FaultError {
	const raw = cause instanceof Error ? cause.message : String(cause);
	const details = { folder, label: "not sent" };
	return new FaultError(fault(isDiskFull(cause) ? "STATION_DISK_FULL" : "PRINTER_UNREACHABLE", { raw, details }), { cause });
}
