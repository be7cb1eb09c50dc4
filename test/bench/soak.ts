import { contracted, inWorld } from "./bench-world.ts";
import { startProcedureProcess } from "./enrolling-process.ts";
import { type BenchOptions, median, type Row, within } from "./row.ts";

const AT_ONCE = 8;
const ENROLMENTS = 2000;
/** What is compiled and cached in the first tenth is no leak. */
const WARM_UP = 0.1;
/** The C library keeps memory for each of its arenas, which are eight for each core, and fills them one after the other. */
const ONE_ARENA = { MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? "1" };
/** Growth that is still taken for the memory manager's own breathing. */
const GOAL_KIB_PER_ENROLLMENT = 4;

/** Enrols handset after handset by one process: its memory must stay. */
export async function benchSoak({ enrolments = ENROLMENTS }: BenchOptions = {}): Promise<Row[]> {
	const batches = Math.ceil(enrolments / AT_ONCE);
	const tenth = Math.max(1, Math.round(batches * WARM_UP));
	return inWorld(async (world) => {
		const enrolling = await startProcedureProcess(world, ["--expose-gc"], ONE_ARENA);
		try {
			const rss: number[] = [];
			const heap: number[] = [];
			const faults: string[] = [];
			for (let batch = 0; batch < batches; batch += 1) {
				const contracts = await Promise.all(
					Array.from({ length: AT_ONCE }, (_, index) => contracted(world, `SOAK-${batch}-${index}`)),
				);
				const end = await enrolling.run({
					jobs: contracts.map(({ contractId, handset }) => ({ contractId, adbSerial: handset.adbSerial })),
				});
				rss.push(end.rssKiB);
				heap.push(end.heapKiB);
				faults.push(...end.faults);
				for (const { handset } of contracts) await handset.close();
				if ((batch + 1) % tenth === 0) {
					process.stderr.write(
						`${(batch + 1) * AT_ONCE} enrolments: ${Math.round(end.rssKiB / 1024)} MiB resident, ${(end.heapKiB / 1024).toFixed(1)} MiB of objects\n`,
					);
				}
			}
			for (const fault of faults) process.stderr.write(`${fault}\n`);
			const settled = rss.slice(tenth);
			const grown = slope(heap.slice(tenth)) / AT_ONCE;
			return [
				within(
					`memory growth for each of ${AT_ONCE * batches} enrolments`,
					slope(settled) / AT_ONCE,
					"KiB",
					GOAL_KIB_PER_ENROLLMENT,
				),
				within("  growth of its objects for each, after a collection", grown, "KiB", GOAL_KIB_PER_ENROLLMENT),
				within("  resident memory, middle of them", median(settled) / 1024, "MiB", 300),
				within("  faults in them", faults.length, "faults", 0),
			];
		} finally {
			await enrolling.close();
		}
	});
}

/** Theil-Sen: the middle of the slopes between all pairs. One collection that came late does not bend it. */
function slope(values: readonly number[]): number {
	const slopes = values.flatMap((value, index) => values.slice(index + 1).map((later, gap) => (later - value) / (gap + 1)));
	return median(slopes);
}
