import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";

import { decode, encode, type Message } from "../../../proto/codec.ts";
import { writeRecordFile } from "../../../proto/record-file.ts";
import { wire } from "../../../proto/wire.ts";
import { readIfThere, replaceFile } from "./atomic-file.ts";

type RecordEntry = Message<wire.RecordEntry.$Properties>;
export type Decision = Message<wire.Decision.$Properties>;

/** Entries and bytes between two checkpoints that are kept in the file. It holds twice as much at most. */
const BETWEEN_CHECKPOINTS = { entries: 2048, bytes: 512 * 1024 };

/** The borrower's record on disk: every decision with what moved it, appended before the ledger is written. */
export interface BorrowersRecord {
	/**
	 * Appends an event's entries, on disk when it returns. Entries of the same numbers or higher ones that are there were never
	 * decided, and go first. Entries that do not follow from what is there begin a record of their own, and the old one is put aside.
	 *
	 * @throws if they are not on disk, such as ENOSPC.
	 */
	append(entries: readonly RecordEntry[]): void;
	/** The file has grown, or does not begin at a beginning: a checkpoint would let it begin at one. */
	readonly wantsCheckpoint: boolean;
	/** Keeps a checkpoint that is wanted, and drops what is older than the one before it. @throws as {@link append}. */
	keep(checkpointEnvelope: Uint8Array): void;
	/** The borrower's file: everything that is kept, up to a checkpoint. */
	fileEndingWith(checkpointEnvelope: Uint8Array, devicePublicKey: Uint8Array): Uint8Array;
	/** The last decisions, oldest first. */
	last(count: number): Decision[];
}

/** One frame of the file: u32 length and u32 CRC-32 of what follows (both little-endian), one byte of kind, the content. */
interface Frame {
	readonly kind: typeof ENTRY | typeof CHECKPOINT;
	/** An entry's number, or the number of the last decision that a checkpoint covers. */
	readonly number: number;
	readonly content: Uint8Array;
	readonly offset: number;
}

const ENTRY = 1;
const CHECKPOINT = 2;
const HEAD_BYTES = 8;
const MAX_FRAME_BYTES = 512 * 1024;

/** Opens the record at a path. A tail that was torn off is as if it had never been written. */
export function borrowersRecord(path: string): BorrowersRecord {
	let { frames, end } = readFrames(readIfThere(path) ?? new Uint8Array());

	const base = () => (frames[0]?.kind === CHECKPOINT ? frames[0].number : 0);
	const lastNumber = () => frames.at(-1)?.number ?? 0;
	const beginsWhole = () => frames.length === 0 || frames[0]?.kind === CHECKPOINT || frames[0]?.number === 1;

	function write(contents: readonly Pick<Frame, "kind" | "number" | "content">[]): void {
		const added: Frame[] = [];
		let offset = end;
		for (const { kind, number, content } of contents) {
			added.push({ kind, number, content, offset });
			offset += HEAD_BYTES + 1 + content.length;
		}
		const isNew = end === 0;
		const file = openSync(path, isNew ? "w" : "r+", 0o600);
		try {
			ftruncateSync(file, end);
			const bytes = Buffer.concat(added.map(frameBytes));
			for (let written = 0; written < bytes.length; ) {
				written += writeSync(file, bytes, written, bytes.length - written, end + written);
			}
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
		if (isNew) fsyncFolder(dirname(path));
		frames = [...frames, ...added];
		end = offset;
	}

	function cutFrom(number: number): void {
		const at = frames.findIndex((frame) => frame.number >= number);
		if (at < 0) return;
		end = frames[at]?.offset ?? end;
		frames = frames.slice(0, at);
	}

	function putAside(): void {
		if (end > 0) renameSync(path, path.replace(/(\.\w+)?$/, ".before$1"));
		frames = [];
		end = 0;
	}

	const sinceCheckpoint = () => {
		const at = frames.findLastIndex(({ kind }) => kind === CHECKPOINT);
		return { entries: frames.length - 1 - at, bytes: end - (frames[at]?.offset ?? 0) };
	};
	const isLong = () => {
		const { entries, bytes } = sinceCheckpoint();
		return entries >= BETWEEN_CHECKPOINTS.entries || bytes >= BETWEEN_CHECKPOINTS.bytes;
	};

	return {
		append(entries) {
			const contents = entries.map((entry) => ({
				kind: ENTRY as typeof ENTRY,
				number: decode(wire.Decision, entry.decision).number,
				content: encode(wire.RecordEntry, entryOf(entry)),
			}));
			const first = contents[0]?.number;
			if (first === undefined) return;
			const follows = first > base() && first <= lastNumber() + 1;
			const beginsAnew = first === 1 && lastNumber() > contents.length;
			if (follows && !beginsAnew) cutFrom(first);
			else putAside();
			write(contents);
		},
		get wantsCheckpoint() {
			return !beginsWhole() || isLong();
		},
		keep(checkpointEnvelope) {
			const number = coveredBy(checkpointEnvelope);
			if (number !== lastNumber()) return;
			const checkpoint = { kind: CHECKPOINT as typeof CHECKPOINT, number, content: checkpointEnvelope };
			if (beginsWhole() && !isLong()) return;
			const before = frames.findLastIndex(({ kind }) => kind === CHECKPOINT);
			const dropped = beginsWhole() ? Math.max(0, before) : frames.length;
			if (dropped === 0) return write([checkpoint]);
			const kept = [...frames.slice(dropped), { ...checkpoint, offset: 0 }];
			const bytes = Buffer.concat(kept.map(frameBytes));
			replaceFile(path, bytes);
			({ frames, end } = readFrames(Uint8Array.from(bytes)));
		},
		fileEndingWith(checkpointEnvelope, devicePublicKey) {
			const through = coveredBy(checkpointEnvelope);
			const kept = frames.filter(({ kind, number }) => kind === ENTRY && number <= through);
			const first = frames[0]?.kind === CHECKPOINT ? frames[0].content : new Uint8Array();
			const isWhole = beginsWhole() && base() + kept.length === through;
			return writeRecordFile({
				// What is not there cannot be given: then the file begins where it ends, and says so.
				beginsAfter: isWhole ? first : checkpointEnvelope,
				entries: isWhole ? kept.map(({ content }) => content) : [],
				endsWith: checkpointEnvelope,
				devicePublicKey,
			});
		},
		last(count) {
			return frames
				.filter(({ kind }) => kind === ENTRY)
				.slice(-count)
				.map(({ content }) => decode(wire.Decision, decode(wire.RecordEntry, content).decision));
		},
	};
}

function entryOf(entry: RecordEntry): wire.RecordEntry.$Properties {
	const { decision, bound, orderEnvelope, replyEnvelope } = entry;
	return {
		decision,
		...(bound ? { bound } : {}),
		...(orderEnvelope ? { orderEnvelope } : {}),
		...(replyEnvelope ? { replyEnvelope } : {}),
	};
}

function coveredBy(checkpointEnvelope: Uint8Array): number {
	return decode(wire.RecordCheckpoint, decode(wire.Envelope, checkpointEnvelope).payload).logLength;
}

function frameBytes({ kind, content }: Pick<Frame, "kind" | "content">): Buffer {
	const body = Buffer.concat([Uint8Array.of(kind), content]);
	const head = Buffer.alloc(HEAD_BYTES);
	head.writeUInt32LE(body.length, 0);
	head.writeUInt32LE(crc32(body), 4);
	return Buffer.concat([head, body]);
}

function readFrames(bytes: Uint8Array): { frames: Frame[]; end: number } {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
	const frames: Frame[] = [];
	let offset = 0;
	while (offset + HEAD_BYTES < bytes.length) {
		const length = buffer.readUInt32LE(offset);
		const body = buffer.subarray(offset + HEAD_BYTES, offset + HEAD_BYTES + length);
		if (length > MAX_FRAME_BYTES || body.length < length || crc32(body) !== buffer.readUInt32LE(offset + 4)) break;
		const frame = frameOf(Uint8Array.from(body), offset);
		if (!frame) break;
		frames.push(frame);
		offset += HEAD_BYTES + length;
	}
	return { frames, end: offset };
}

function frameOf(body: Uint8Array, offset: number): Frame | undefined {
	const kind = body[0];
	const content = body.slice(1);
	try {
		if (kind === CHECKPOINT) return { kind, number: coveredBy(content), content, offset };
		if (kind !== ENTRY) return undefined;
		const { number } = decode(wire.Decision, decode(wire.RecordEntry, content).decision);
		return { kind, number, content, offset };
	} catch {
		return undefined; // whole, but nothing that this agent wrote
	}
}

function fsyncFolder(path: string): void {
	const folder = openSync(path, "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}
