import { type Fault, FaultError, fault } from "../../handset/fault.ts";
import type { BatchState } from "../journal/batch-state.ts";
import type { JournalEntry, JournalLine } from "../journal/entry.ts";

/** Pause between two tries to write what could not be written, in milliseconds. */
const RETRY_MS = 2_000;

/** What the log needs of a journal. */
export interface LogJournal {
	/** Resolves when the lines are on the disk. @throws {FaultError} when they are not, and then none of them is. */
	append(...entries: readonly JournalEntry[]): Promise<readonly JournalLine[]>;
}

/** A batch's journal and the state that it tells, kept in step. */
export interface BatchLog {
	readonly state: BatchState;
	/** Why nothing can be written now. While it is set, nothing new may be begun. */
	readonly down: Fault | undefined;
	/**
	 * Writes what is about to be done. Nothing may be done before this resolves.
	 *
	 * @throws {FaultError} STATION_DISK_FULL and the like: then it must not be done.
	 */
	intend(...entries: readonly JournalEntry[]): Promise<void>;
	/** Writes what has happened. What cannot be written now is kept and written as soon as it can be, in order. Never throws. */
	tell(...entries: readonly JournalEntry[]): Promise<void>;
	/** Ends the tries. What was never written is what a crash would have lost: the journal knows the intent. */
	close(): void;
}

export interface BatchLogOptions {
	readonly journal: LogJournal;
	readonly initial: BatchState;
	readonly fold: (state: BatchState, line: JournalLine) => BatchState;
	/** Called after each line and when {@link BatchLog.down} changes. */
	readonly changed: () => void;
	readonly pause: (milliseconds: number) => Promise<void>;
}

export function createBatchLog({ journal, initial, fold, changed, pause }: BatchLogOptions): BatchLog {
	let state = initial;
	let down: Fault | undefined;
	let closed = false;
	const owed: JournalEntry[] = [];
	let isPaying = false;

	const write = async (entries: readonly JournalEntry[]): Promise<void> => {
		try {
			const lines = await journal.append(...entries);
			for (const line of lines) state = fold(state, line);
			down = undefined;
		} catch (error) {
			if (!(error instanceof FaultError)) throw error;
			down = error.fault;
			throw error;
		} finally {
			changed();
		}
	};
	/** One debtor at a time, so that the order stays. */
	const pay = async (): Promise<void> => {
		while (owed.length > 0 && !closed) {
			const due = [...owed];
			try {
				await write(due);
				owed.splice(0, due.length);
			} catch (error) {
				if (!(error instanceof FaultError)) throw error;
				await pause(RETRY_MS);
			}
		}
	};

	return {
		get state() {
			return state;
		},
		get down() {
			return down;
		},
		async intend(...entries) {
			if (owed.length > 0 && down) throw new FaultError(fault(down.code, down));
			await write(entries);
		},
		async tell(...entries) {
			if (owed.length === 0) {
				try {
					return await write(entries);
				} catch (error) {
					if (!(error instanceof FaultError)) throw error;
				}
			}
			owed.push(...entries);
			if (isPaying) return;
			isPaying = true;
			void pay().finally(() => {
				isPaying = false;
			});
		},
		close() {
			closed = true;
		},
	};
}
