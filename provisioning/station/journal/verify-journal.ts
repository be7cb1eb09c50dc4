import { readFile } from "node:fs/promises";

import { type ChainHead, type LineProblem, readChain } from "./chain.ts";
import type { JournalLine } from "./entry.ts";
import { isTorn } from "./torn-tail.ts";

/** What an auditor learns of a journal's file. */
export type JournalVerdict =
	| { readonly ok: true; readonly lines: readonly JournalLine[]; readonly head: ChainHead }
	| {
			readonly ok: false;
			/** The first bad line, as an editor counts. */
			readonly line: number;
			readonly why: LineProblem;
			/** It is the last line, and one that is being written or that a crash cut off: opening the journal takes it out. */
			readonly isTorn: boolean;
			/** The good lines before it. */
			readonly lines: readonly JournalLine[];
	  };

/**
 * Checks every line of a journal: form, hash, number, chain. Changes nothing and takes no lock, so a journal that is being written
 * may look cut off at its end. That a chain is whole does not say that nobody wrote all of it anew: compare the head with the one
 * on the report or at the registry.
 *
 * @param journal its path, or its bytes.
 * @throws the file system's error if there is no such file.
 */
export async function verifyJournal(journal: string | Uint8Array): Promise<JournalVerdict> {
	const { lines, head, problem } = readChain(typeof journal === "string" ? await readFile(journal) : journal);
	return problem
		? { ok: false, line: problem.line, why: problem.why, isTorn: isTorn(problem), lines }
		: { ok: true, lines, head };
}
