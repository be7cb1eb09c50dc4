import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { FaultError, faultError } from "../../handset/fault.ts";
import type { Clock } from "../../procedure/step.ts";
import { within } from "../../vouchers/within.ts";
import { errorCode, isDiskFull } from "../durable-file.ts";
import { type ProcessLock, takeLock } from "../process-lock.ts";
import { type ChainHead, type ChainReading, readChain, sealLine } from "./chain.ts";
import type { JournalEntry, JournalLine } from "./entry.ts";
import { type JournalDisk, type JournalFile, NODE_DISK } from "./journal-disk.ts";
import { isTorn, keepTornTail } from "./torn-tail.ts";

export interface JournalOptions {
	/** Dates the lines. */
	readonly clock: Pick<Clock, "nowMs">;
	/** Longest time for one call to the disk, milliseconds. A disk that takes longer is taken for a broken one. */
	readonly deadlineMs?: number;
	readonly disk?: JournalDisk;
}

/** A batch's journal, open in this process and in no other. */
export interface Journal {
	/** What was read when it was opened. */
	readonly lines: readonly JournalLine[];
	/** A line that a crash had cut off was taken out and kept in `path`. */
	readonly recovered?: { readonly tornBytes: number; readonly path: string };
	/**
	 * Writes entries, one after the other with none of another append between them. When it resolves they are on the disk
	 * (fdatasync). Appends that wait at the same moment share one write and one sync. When it rejects, none of them is in the file
	 * as far as this process can tell, and none of them may be believed; after a crash the first few of them may be there.
	 *
	 * @throws {FaultError} STATION_DISK_FULL or JOURNAL_WRITE_FAILED. After a failed write the next append tries again; after a
	 *   failed sync every append fails until the journal is opened anew.
	 * @throws {TypeError} for an entry that is not data; nothing is written.
	 */
	append(...entries: readonly JournalEntry[]): Promise<readonly JournalLine[]>;
	/** Lets the appends that wait come to their end, then frees the file. */
	close(): Promise<void>;
}

interface Waiting {
	readonly entries: readonly JournalEntry[];
	readonly resolve: (lines: readonly JournalLine[]) => void;
	readonly reject: (error: unknown) => void;
}

/** Bytes in one write, so that a flood of entries is written in steps of bounded size. */
const MAX_WRITE_BYTES = 4 * 1024 * 1024;
const DEADLINE_MS = 30_000;

/**
 * Opens a journal, or makes an empty one. Every line is checked. A last line that is cut off or damaged is what a crash leaves of a
 * write whose append never resolved: it is kept in a file beside the journal and cut away. Any other damage is refused, and the file
 * is left as it is.
 *
 * @throws {FaultError} JOURNAL_DAMAGED, JOURNAL_BUSY (another process has it open), STATION_DISK_FULL, JOURNAL_WRITE_FAILED.
 */
export async function openJournal(path: string, options: JournalOptions): Promise<Journal> {
	const { disk = NODE_DISK, deadlineMs = DEADLINE_MS } = options;
	const failed = (error: unknown) => {
		throw diskFault(path, error);
	};
	const place = await realPlace(path).catch(failed);
	const lock = await takeLock(`${place}.lock`).catch(failed);
	if ("taken" in lock) {
		const { pid } = lock.taken;
		throw faultError("JOURNAL_BUSY", { details: { file: place, ...(pid === undefined ? {} : { process: String(pid) }) } });
	}
	let file: JournalFile | undefined;
	try {
		file = withDeadlines(await disk.open(place), deadlineMs);
		const reading = readChain(await file.read());
		const recovered = await recover(place, file, reading);
		// What the last process wrote but did not sync is about to be believed, so it has to be on the disk first.
		await file.sync();
		return startJournal(place, file, lock, reading, recovered, options.clock);
	} catch (error) {
		await file?.close().catch(() => {});
		await lock.release().catch(() => {});
		throw diskFault(place, error);
	}
}

/** Where a path leads: two names of one file are one journal and have one lock. */
async function realPlace(path: string): Promise<string> {
	return realpath(path).catch(async (error: unknown) => {
		if (errorCode(error) !== "ENOENT") throw error;
		return join(await realpath(dirname(path)), basename(path));
	});
}

async function recover(path: string, file: JournalFile, reading: ChainReading): Promise<Journal["recovered"]> {
	const { problem, goodBytes, head } = reading;
	if (!problem) return undefined;
	if (!isTorn(problem)) {
		throw faultError("JOURNAL_DAMAGED", {
			details: { file: path, line: String(problem.line), problem: problem.why, "last good hash": head.hash },
		});
	}
	const tail = (await file.read()).subarray(goodBytes);
	const kept = await keepTornTail(path, head.n + 1, tail);
	await file.truncate(goodBytes);
	await file.sync();
	return { tornBytes: tail.length, path: kept };
}

function startJournal(
	path: string,
	file: JournalFile,
	lock: ProcessLock,
	reading: ChainReading,
	recovered: Journal["recovered"],
	clock: Pick<Clock, "nowMs">,
): Journal {
	const queue: Waiting[] = [];
	let head: ChainHead = reading.head;
	let length = reading.goodBytes;
	let writing: Promise<void> | undefined;
	let broken: FaultError | undefined;
	let closing: Promise<void> | undefined;

	async function drain(): Promise<void> {
		while (queue.length > 0) {
			// One turn of the event loop: everybody who was woken by the last sync may be part of the next.
			await new Promise((resolve) => setImmediate(resolve));
			await writeGroup();
		}
		writing = undefined;
	}

	async function writeGroup(): Promise<void> {
		const group: { waiting: Waiting; lines: readonly JournalLine[] }[] = [];
		const texts: Buffer[] = [];
		let next = head;
		let bytes = 0;
		while (queue.length > 0 && bytes < MAX_WRITE_BYTES) {
			const waiting = queue.shift();
			if (!waiting) break;
			if (broken) {
				waiting.reject(again(broken));
				continue;
			}
			try {
				const sealed = sealAll(waiting.entries, next, clock.nowMs());
				texts.push(sealed.text);
				bytes += sealed.text.length;
				next = sealed.head;
				group.push({ waiting, lines: sealed.lines });
			} catch (error) {
				waiting.reject(error); // a bug in its entry; the others are written
			}
		}
		if (group.length === 0) return;
		const error = await store(Buffer.concat(texts));
		if (error) {
			for (const { waiting } of group) waiting.reject(again(error));
			return;
		}
		head = next;
		length += bytes;
		for (const { waiting, lines } of group) waiting.resolve(lines);
	}

	/** Puts bytes at the end of the file and on the disk; otherwise leaves the file as it was, or the journal broken. */
	async function store(bytes: Uint8Array): Promise<FaultError | undefined> {
		try {
			if ((await file.size()) !== length) {
				broken = faultError("JOURNAL_BUSY", { details: { file: path, problem: "another program changed the file" } });
				return broken;
			}
			await file.write(bytes, length);
		} catch (error) {
			const failure = diskFault(path, error);
			try {
				if (error instanceof DeadlineError) throw error; // the write may still come through, even after a cut
				await file.truncate(length);
				await file.sync();
			} catch {
				broken = failure; // part of the lines may be in the file: only reading it again can tell
			}
			return failure;
		}
		try {
			await file.sync();
			return undefined;
		} catch (error) {
			// Linux marks pages clean even if writing them back failed, so a second fsync says yes to bytes that are lost
			// (https://wiki.postgresql.org/wiki/Fsync_Errors). Nothing may be built on this file before it was read again.
			broken = diskFault(path, error);
			await file.truncate(length).catch(() => {});
			return broken;
		}
	}

	return {
		lines: reading.lines,
		...(recovered ? { recovered } : {}),
		append(...entries) {
			if (closing) return Promise.reject(faultError("JOURNAL_WRITE_FAILED", { details: { file: path, problem: "closed" } }));
			return new Promise((resolve, reject) => {
				queue.push({ entries, resolve, reject });
				writing ??= drain();
			});
		},
		close() {
			closing ??= (async () => {
				await writing;
				await file.close().finally(() => lock.release());
			})();
			return closing;
		},
	};
}

function sealAll(entries: readonly JournalEntry[], head: ChainHead, atMs: number) {
	const lines: JournalLine[] = [];
	let [text, next] = ["", head];
	for (const entry of entries) {
		const sealed = sealLine(entry, next, Math.round(atMs));
		lines.push(sealed.line);
		text += sealed.text;
		next = { n: sealed.line.n, hash: sealed.line.hash };
	}
	return { lines, text: Buffer.from(text, "utf8"), head: next };
}

class DeadlineError extends Error {
	override readonly name = "DeadlineError";
}

function withDeadlines(file: JournalFile, deadlineMs: number): JournalFile {
	const limit = <Result>(what: string, work: Promise<Result>) =>
		within(deadlineMs, work, () => new DeadlineError(`${what} took more than ${deadlineMs} ms`));
	return {
		read: () => limit("reading", file.read()),
		size: () => limit("asking for the size", file.size()),
		write: (bytes, position) => limit("writing", file.write(bytes, position)),
		sync: () => limit("syncing", file.sync()),
		truncate: (length) => limit("cutting", file.truncate(length)),
		close: () => limit("closing", file.close()),
	};
}

function diskFault(path: string, error: unknown): FaultError {
	if (error instanceof FaultError) return error;
	const reason = errorCode(error) || (error instanceof DeadlineError ? error.message : "");
	const code = isDiskFull(error) ? "STATION_DISK_FULL" : "JOURNAL_WRITE_FAILED";
	return faultError(code, { details: { file: path, ...(reason === "" ? {} : { reason }) } }, { cause: error });
}

/** The same refusal with a stack of its own. */
function again({ fault: { code, details }, cause }: FaultError): FaultError {
	return faultError(code, details ? { details } : {}, { cause });
}
