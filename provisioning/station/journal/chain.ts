import { createHash } from "node:crypto";

import { canonicalJson } from "./canonical-json.ts";
import type { JournalEntry, JournalLine } from "./entry.ts";

/** Where a chain stands: number and hash of its last line. */
export interface ChainHead {
	readonly n: number;
	readonly hash: string;
}

/** Before the first line. */
export const CHAIN_START: ChainHead = { n: 0, hash: "0".repeat(64) };

/**
 * What is wrong with a line. `cut off`: no newline ends it. `damaged`: not the canonical JSON of a line, or not what its own hash
 * says. `number`: whole, but not the next one. `chain`: whole and the next one, but the line before is not the one it names.
 */
export type LineProblem = "cut off" | "damaged" | "number" | "chain";

/** What a journal's bytes hold. */
export interface ChainReading {
	/** Lines up to the first bad one. */
	readonly lines: readonly JournalLine[];
	readonly head: ChainHead;
	/** Where the good lines end, in bytes. */
	readonly goodBytes: number;
	readonly problem?: {
		/** The bad line, as an editor counts. */
		readonly line: number;
		readonly why: LineProblem;
		/** Nothing but this one line is left in the file: what a write leaves that was cut off. */
		readonly isLast: boolean;
	};
}

const NEWLINE = 0x0a;

/** An entry as the line that follows `head`, and its text with the newline. @throws {TypeError} if it has no canonical JSON. */
export function sealLine(entry: JournalEntry, head: ChainHead, atMs: number): { line: JournalLine; text: string } {
	const unsigned = { ...entry, n: head.n + 1, at: atMs, previous: head.hash };
	const line = { ...unsigned, hash: sha256(canonicalJson(unsigned)) };
	return { line, text: `${canonicalJson(line)}\n` };
}

/** Reads lines from a journal's first byte, and stops at the first one that is bad. */
export function readChain(bytes: Uint8Array): ChainReading {
	const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
	const lines: JournalLine[] = [];
	let head = CHAIN_START;
	let start = 0;
	while (start < bytes.length) {
		const newline = bytes.indexOf(NEWLINE, start);
		const end = newline < 0 ? bytes.length : newline;
		// Bytes that are not UTF-8 come out as U+FFFD, which no line of ours encodes back to the same hash.
		const text = decoder.decode(bytes.subarray(start, end));
		const line = newline < 0 ? "cut off" : readLine(text, head);
		if (typeof line === "string") {
			const isLast = end + 1 >= bytes.length && !hidesLine(text, head);
			return { lines, head, goodBytes: start, problem: { line: lines.length + 1, why: line, isLast } };
		}
		lines.push(line);
		head = { n: line.n, hash: line.hash };
		start = end + 1;
	}
	return { lines, head, goodBytes: bytes.length };
}

function readLine(text: string, head: ChainHead): JournalLine | LineProblem {
	let value: unknown;
	try {
		value = JSON.parse(text);
		if (!isChained(value)) return "damaged";
		const { hash, ...unsigned } = value;
		// The text itself must be the canonical one: a line has one form, so two files with the same head hold the same bytes.
		if (canonicalJson(value) !== text || sha256(canonicalJson(unsigned)) !== hash) return "damaged";
	} catch {
		return "damaged";
	}
	if (value.n !== head.n + 1) return "number";
	if (value.previous !== head.hash) return "chain";
	return value as JournalLine; // its hash holds: a station wrote these bytes, and stations write entries
}

/** A whole line whose newline was damaged looks like one line with the next: it was on the disk, and must not be taken for a torn one. */
function hidesLine(text: string, head: ChainHead): boolean {
	return [...text.matchAll(/\}.\{"/gsu)].some(({ index }) => typeof readLine(text.slice(0, index + 1), head) !== "string");
}

function isChained(value: unknown): value is { n: number; at: number; previous: string; hash: string; type: string } {
	return (
		typeof value === "object" &&
		value !== null &&
		["n", "at"].every((name) => Number.isSafeInteger(Reflect.get(value, name))) &&
		["type", "previous", "hash"].every((name) => typeof Reflect.get(value, name) === "string")
	);
}

function sha256(text: string): string {
	return createHash("sha256").update(text, "utf8").digest("hex");
}
