import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { manifestOf } from "../e2e/station-bench.ts";
import type { World } from "../e2e/world.ts";
import { contractedMany, enrollByScript, inWorld, requestsFor, timed } from "./bench-world.ts";
import type { BatchEnd, StationBatch } from "./enrolling-batch.ts";
import { type EnrollingProcess, startStationProcess } from "./enrolling-process.ts";
import { type Spender, type Spending, spendingNow, spentBetween } from "./process-cost.ts";
import { atMost, type BenchOptions, median, type Row, within } from "./row.ts";
import { stepPicture } from "./step-picture.ts";

/** Goals of the design: part of the script's wall time, and the station's memory. */
const GOAL_RATIO = 0.6;
const GOAL_RSS_MIB = 300;
/** So that 64 handsets take a station's two cores three seconds at most, whatever the phones take. */
const GOAL_OWN_CPU_MS = 90;

/** How many handsets at once, and how often: the middle of so many rounds counts. */
const SIZES: readonly { readonly handsets: number; readonly rounds: number }[] = [
	{ handsets: 1, rounds: 9 },
	{ handsets: 8, rounds: 5 },
	{ handsets: 16, rounds: 3 },
	{ handsets: 32, rounds: 3 },
	{ handsets: 64, rounds: 3 },
];

/** What was measured with so many handsets at once. */
export interface StationRun {
	readonly handsets: number;
	/** One for each round. */
	readonly ends: readonly BatchEnd[];
	/** From the start of the first script to the end of the last. */
	readonly scriptMs: readonly number[];
	/** Mean of what each script took. */
	readonly scriptMeanMs: readonly number[];
	readonly ourSpending: readonly Spending[];
	readonly scriptSpending: readonly Spending[];
}

/** Handsets at once by one running station, against as many scripts side by side. Rounds of both take turns. */
export async function measureStation(sizes = SIZES): Promise<StationRun[]> {
	return inWorld(async (world) => {
		const station = await startStationProcess(world);
		try {
			// What runs for the first time is slower on both sides: one round of each goes before.
			await oneRound(world, station, "WARM", 1, true);
			const runs: StationRun[] = [];
			for (const { handsets, rounds } of sizes) {
				const measured: Round[] = [];
				for (let round = 0; round < rounds; round += 1)
					measured.push(await oneRound(world, station, `R${handsets}-${round}`, handsets, round % 2 === 0));
				runs.push({
					handsets,
					ends: measured.map(({ end }) => end),
					scriptMs: measured.map(({ scriptMs }) => scriptMs),
					scriptMeanMs: measured.map(({ scriptMeanMs }) => scriptMeanMs),
					ourSpending: measured.map(({ ours }) => ours),
					scriptSpending: measured.map(({ theirs }) => theirs),
				});
			}
			return runs;
		} finally {
			await station.close();
		}
	});
}

interface Round {
	readonly end: BatchEnd;
	readonly scriptMs: number;
	readonly scriptMeanMs: number;
	readonly ours: Spending;
	readonly theirs: Spending;
}

async function oneRound(
	world: World,
	station: EnrollingProcess<StationBatch>,
	name: string,
	handsets: number,
	oursFirst: boolean,
): Promise<Round> {
	const who = { stationPid: station.pid, adbPort: world.adbPort };
	const ourTurn = async () => {
		const contracts = await contractedMany(world, `${name}-A`, handsets);
		const contractOf = new Map(contracts.map(({ handset, contractId }) => [handset, contractId]));
		const manifest = manifestOf(
			contracts.map(({ handset }) => handset),
			(handset) => contractOf.get(handset) ?? "",
		);
		const before = spendingNow(who);
		const end = await station.run({ batchId: `${name}-A`, manifest: new TextDecoder().decode(manifest) });
		const ours = spentBetween(before, spendingNow(who));
		for (const { handset } of contracts) await handset.close();
		return { end, ours };
	};
	const theirTurn = async () => {
		const contracts = await contractedMany(world, `${name}-B`, handsets);
		const prepared = await Promise.all(contracts.map(async (each) => ({ each, requests: await requestsFor(world, each) })));
		const before = spendingNow(who);
		const each: number[] = [];
		const scriptMs = await timed(() =>
			Promise.all(
				prepared.map(async ({ each: one, requests }) => each.push(await timed(() => enrollByScript(world, one, requests)))),
			),
		);
		const theirs = spentBetween(before, spendingNow(who));
		for (const { handset } of contracts) await handset.close();
		return { scriptMs, scriptMeanMs: each.reduce((sum, ms) => sum + ms, 0) / handsets, theirs };
	};
	if (oursFirst) return { ...(await ourTurn()), ...(await theirTurn()) };
	const second = await theirTurn();
	return { ...(await ourTurn()), ...second };
}

/** @param pictures folder for a picture of where the time goes; none if it is left out. */
export async function benchStation({ pictures, handsets }: BenchOptions = {}): Promise<Row[]> {
	const sizes = handsets?.map((many) => SIZES.find((size) => size.handsets === many) ?? { handsets: many, rounds: 3 });
	const runs = await measureStation(sizes);
	if (pictures !== undefined) {
		await mkdir(pictures, { recursive: true });
		const path = join(pictures, "enrolment-steps.svg");
		await writeFile(path, stepPicture(runs));
		process.stderr.write(`picture: ${path}\n`);
	}
	return rowsOf(runs);
}

/** The rows of a measurement; says beside them where the time went. */
export function rowsOf(runs: readonly StationRun[]): Row[] {
	return runs.flatMap(({ handsets, ends, scriptMs, ourSpending, scriptSpending }) => {
		const middle = (pick: (end: BatchEnd) => number) => median(ends.map(pick));
		const many = handsets === 1 ? "1 handset" : `${handsets} handsets at once`;
		const peak = Math.max(...ends.map(({ peakRssKiB }) => peakRssKiB)) / 1024;
		const faults = ends.flatMap((end) => end.faults);
		const spentRatio = (together(ourSpending) / together(scriptSpending)).toFixed(2);
		const ratios = ends.map(({ wallMs }, round) => (wallMs / (scriptMs[round] ?? Number.NaN)).toFixed(2));
		process.stderr.write(`${many}: ratio of each round: ${ratios.join(", ")}; of all processor time: ${spentRatio}\n`);
		process.stderr.write(`  processor, ours:   ${spendingInWords(ourSpending, handsets)}\n`);
		process.stderr.write(`  processor, script: ${spendingInWords(scriptSpending, handsets)}\n`);
		for (const fault of faults) process.stderr.write(`  ${fault}\n`);
		const wall = atMost(
			`enroll ${many}, by a station`,
			middle((end) => end.wallMs),
			median(scriptMs),
			"ms",
			GOAL_RATIO,
		);
		return [
			wall,
			within(
				`  the station's own processor time for each, ${many}`,
				middle((end) => end.cpuMs) / handsets,
				"ms",
				GOAL_OWN_CPU_MS,
			),
			within(`  the station's own peak memory, ${many}`, peak, "MiB", GOAL_RSS_MIB),
			within(`  faults, ${many}`, faults.length, "faults", 0),
		];
	});
}

const SPENDERS: readonly Spender[] = ["station", "scripts", "adb server", "registry", "phones", "lab"];

/** Middle of what all spent in a round. */
function together(spendings: readonly Spending[]): number {
	return median(spendings.map((each) => SPENDERS.reduce((total, spender) => total + each[spender], 0)));
}

function spendingInWords(spendings: readonly Spending[], handsets: number): string {
	const middle = (spender: Spender) => median(spendings.map((each) => each[spender])) / handsets;
	const sum = together(spendings) / handsets;
	return `${SPENDERS.map((spender) => `${spender} ${Math.round(middle(spender))}`).join(", ")}; together ${Math.round(sum)} ms a handset`;
}
