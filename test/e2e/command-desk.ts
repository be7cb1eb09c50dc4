import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { batchPaths, createBatch } from "../../provisioning/station/batch/batch-folder.ts";
import type { JournalEntry, JournalLine } from "../../provisioning/station/journal/entry.ts";
import { verifyJournal } from "../../provisioning/station/journal/verify-journal.ts";
import { type CommandEnd, type RunningCommand, startHoldfast } from "./holdfast-process.ts";

/** The station that batches are left behind by. */
export const STATION = "CMD-A-ENR-01";
/** Contracts of such a batch, as its manifest has them. */
export const LEFT_UNITS = ["C-10017", "C-10018"] as const;

const MANIFEST = `contract,imei\n${LEFT_UNITS[0]},869071000000019\n${LEFT_UNITS[1]},869071000000035\n`;
const OPENING = { station: STATION, tool: "test", apkSha256: "a9".repeat(32), match: "manifest", seal: true } as const;

/** `holdfast station` as somebody at one computer types it: each command is a process of its own. */
export interface CommandDesk {
	/** The station's folder. */
	readonly folder: string;
	start(...args: readonly string[]): RunningCommand;
	run(...args: readonly string[]): Promise<CommandEnd>;
	/** Runs a command with --json; the document is empty if it printed none. */
	json(...args: readonly string[]): Promise<CommandEnd & { readonly document: Readonly<Record<string, unknown>> }>;
	/** Folders of batches. */
	batches(): Promise<readonly string[]>;
	linesOf(batch: string): Promise<readonly JournalLine[]>;
	/** Leaves a batch of two units behind, as a station that did nothing else does. */
	leaveBatch(batch: string, ...entries: readonly JournalEntry[]): Promise<void>;
}

/** A desk whose state is kept in this folder. */
export function commandDesk(state: string, more: Readonly<Record<string, string>> = {}): CommandDesk {
	const folder = join(state, "station");
	const env = { NO_COLOR: "1", ...more, HOLDFAST_STATE: state };
	const start = (...args: readonly string[]) => startHoldfast(["station", ...args, "--no-input"], { env });
	return {
		folder,
		start,
		run: (...args) => start(...args).ended,
		async json(...args) {
			const end = await start(...args, "--json").ended;
			const document: Readonly<Record<string, unknown>> = JSON.parse(end.stdout === "" ? "{}" : end.stdout);
			return { ...end, document };
		},
		batches: () => readdir(join(folder, "batches")).catch(() => []),
		linesOf: async (batch) => (await verifyJournal(batchPaths(folder, batch).journal)).lines,
		async leaveBatch(batch, ...entries) {
			const options = { clock: { nowMs: () => Date.now() }, tool: "test" };
			const { journal } = await createBatch(folder, batch, new TextEncoder().encode(MANIFEST), OPENING, options);
			if (entries.length > 0) await journal.append(...entries);
			await journal.close();
		},
	};
}

type Line = Readonly<Record<string, unknown>>;

/** The first line of a stream that is of this type, and as asked. @throws {Error} if the command ends without it. */
export async function streamLine(
	command: RunningCommand,
	type: string,
	isIt: (line: Line) => boolean = () => true,
): Promise<Line> {
	let end: CommandEnd | undefined;
	void command.ended.then((each) => {
		end = each;
	});
	for (;;) {
		const lines = command.stdoutSoFar().split("\n").slice(0, -1);
		const found = lines.map((line): Line => JSON.parse(line)).find((line) => line.type === type && isIt(line));
		if (found) return found;
		if (end) throw new Error(`it ended (${end.code}) without a line "${type}": ${end.stderr}${end.stdout}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}
