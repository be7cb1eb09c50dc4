import { contracted, inWorld } from "./bench-world.ts";
import { median, type Row, within } from "./row.ts";
import { startStation } from "./station-process.ts";

/** Handsets at once, and how many batches of them: 2,000 enrolments. */
const AT_ONCE = 8;
const BATCHES = 250;
/** What is compiled and cached in the first ones is no leak. */
const WARM_UP = 25;
/** Growth that is still taken for the memory manager's own breathing. */
const GOAL_KIB_PER_ENROLLMENT = 4;

/** Enrols handset after handset by one process: its memory must stay. */
export async function benchSoak(): Promise<Row[]> {
	return inWorld(async (world) => {
		const station = await startStation(world);
		try {
			const rss: number[] = [];
			const faults: string[] = [];
			for (let batch = 0; batch < BATCHES; batch += 1) {
				const contracts = await Promise.all(
					Array.from({ length: AT_ONCE }, (_, index) => contracted(world, `SOAK-${batch}-${index}`)),
				);
				const end = await station.run({
					jobs: contracts.map(({ contractId, handset }) => ({ contractId, adbSerial: handset.adbSerial })),
				});
				rss.push(end.rssKiB);
				faults.push(...end.faults);
				for (const { handset } of contracts) await handset.close();
				if ((batch + 1) % WARM_UP === 0) {
					process.stderr.write(`${(batch + 1) * AT_ONCE} enrolments: ${Math.round(end.rssKiB / 1024)} MiB resident\n`);
				}
			}
			for (const fault of faults) process.stderr.write(`${fault}\n`);
			const settled = rss.slice(WARM_UP);
			return [
				within(
					`memory growth for each of ${AT_ONCE * BATCHES} enrolments`,
					slope(settled) / AT_ONCE,
					"KiB",
					GOAL_KIB_PER_ENROLLMENT,
				),
				within("  resident memory, middle of them", median(settled) / 1024, "MiB", 300),
				within("  faults in them", faults.length, "faults", 0),
			];
		} finally {
			await station.close();
		}
	});
}

/** Theil-Sen: the middle of the slopes between all pairs. One collection that came late does not bend it. */
function slope(values: readonly number[]): number {
	const slopes = values.flatMap((value, index) => values.slice(index + 1).map((later, gap) => (later - value) / (gap + 1)));
	return median(slopes);
}
