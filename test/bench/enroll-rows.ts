import { startHoldfast } from "../e2e/holdfast-process.ts";
import type { World } from "../e2e/world.ts";
import { type Contracted, contracted, enrollByScript, inWorld, requestsFor, timed } from "./bench-world.ts";
import { atMost, median, type Row } from "./row.ts";

const ROUNDS = 9;
/** Goal of the design: part of the script's wall time. */
const GOAL_RATIO = 0.6;

/** One handset, whole processes on both sides: `holdfast enroll` against the shell script. */
export async function benchEnrollCommand(): Promise<Row[]> {
	return inWorld(async (world) => {
		const ours: number[] = [];
		const theirs: number[] = [];
		const starts: number[] = [];
		for (let round = 0; round < ROUNDS; round += 1) {
			const [mine, other] = [await contracted(world, `ONE-${round}-A`), await contracted(world, `ONE-${round}-B`)];
			const requests = await requestsFor(world, other);
			const turns = [
				async () => ours.push(await timed(() => enrollByCommand(world, mine))),
				async () => theirs.push(await timed(() => enrollByScript(world, other, requests))),
			];
			// Whoever is second finds warm caches: they take turns.
			for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
			starts.push(await timed(() => startHoldfast(["enroll", "--help"], { env: world.env }).ended));
			await mine.handset.close();
			await other.handset.close();
		}
		process.stderr.write(`of it, starting the command line: ${Math.round(median(starts))} ms\n`);
		return [atMost("enroll one handset, from the command line", median(ours), median(theirs), "ms", GOAL_RATIO)];
	});
}

async function enrollByCommand(world: World, { handset, contractId }: Contracted): Promise<void> {
	const { code, stderr } = await startHoldfast(["enroll", contractId, "-s", handset.adbSerial, "--no-seal", "--no-input"], {
		env: world.env,
	}).ended;
	if (code !== 0) throw new Error(`not enrolled: ${stderr}`);
}
