import type { CallKind, Disturbance } from "./journal.ts";

/** One fault that happened, and how the calls went meanwhile. */
export interface Episode {
	readonly id: string;
	readonly what: string;
	/** When it began and when all was well again, milliseconds of `performance.now()`. */
	readonly fromMs: number;
	readonly toMs: number;
	/** Answers with 200. */
	readonly answered: number;
	/** Answers that were not 200, by their status; 0: no answer. */
	readonly refused: ReadonlyMap<number, number>;
	readonly disturbance: Readonly<Record<CallKind, Disturbance>>;
	readonly acknowledged: number;
	readonly lost: number;
}

/** All times of one fault, as one row. Times in seconds. */
export interface ChaosRow {
	readonly id: string;
	readonly what: string;
	readonly times: number;
	readonly answered: number;
	readonly refused: Readonly<Record<string, number>>;
	/** The longest time in which no phone had an answer within two seconds. */
	readonly checkInsSilent: { readonly median: number; readonly worst: number };
	readonly paymentsSilent: { readonly median: number; readonly worst: number };
	/** From the fault to the last call that was refused or late: the worst of all kinds. */
	readonly over: { readonly median: number; readonly worst: number };
	readonly acknowledged: number;
	readonly lost: number;
}

export function rowsOf(episodes: readonly Episode[]): ChaosRow[] {
	const ids = [...new Set(episodes.map(({ id }) => id))];
	return ids.map((id) => {
		const own = episodes.filter((episode) => episode.id === id);
		const refused: Record<string, number> = {};
		for (const episode of own)
			for (const [status, count] of episode.refused) {
				const name = status === 0 ? "none" : String(status);
				refused[name] = (refused[name] ?? 0) + count;
			}
		const sum = (of: (episode: Episode) => number) => own.reduce((total, episode) => total + of(episode), 0);
		const silent = (kind: CallKind) => spread(own.map(({ disturbance }) => disturbance[kind].silentMs));
		return {
			id,
			what: own[0]?.what ?? "",
			times: own.length,
			answered: sum(({ answered }) => answered),
			refused,
			checkInsSilent: silent("check-in"),
			paymentsSilent: silent("payment"),
			over: spread(own.map(({ disturbance }) => Math.max(...Object.values(disturbance).map(({ overMs }) => overMs)))),
			acknowledged: sum(({ acknowledged }) => acknowledged),
			lost: sum(({ lost }) => lost),
		};
	});
}

/** As a Markdown table. */
export function chaosTable(rows: readonly ChaosRow[]): string {
	const pair = ({ median, worst }: { median: number; worst: number }) => `${text(median)} / ${text(worst)}`;
	const lines = rows.map((row) =>
		[
			row.what,
			row.times,
			row.answered,
			Object.entries(row.refused)
				.map(([status, count]) => `${status}: ${count}`)
				.join(", ") || "0",
			pair(row.checkInsSilent),
			pair(row.paymentsSilent),
			pair(row.over),
			row.acknowledged,
			row.lost,
		].join(" | "),
	);
	return [
		"| fault | times | answered | not answered with 200 | no check-in for, s | no payment for, s | last refused or late call after, s | acknowledged writes | of them lost |",
		"| --- | --: | --: | --- | --: | --: | --: | --: | --: |",
		...lines.map((line) => `| ${line} |`),
	].join("\n");
}

function spread(milliseconds: readonly number[]): { median: number; worst: number } {
	const sorted = [...milliseconds].sort((a, b) => a - b);
	const seconds = (value = 0) => Math.round(value / 100) / 10;
	return { median: seconds(sorted[Math.floor((sorted.length - 1) / 2)]), worst: seconds(sorted.at(-1)) };
}

function text(seconds: number): string {
	return Number.isFinite(seconds) ? seconds.toFixed(1) : "never";
}
