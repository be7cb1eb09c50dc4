import { Worker } from "node:worker_threads";

import type { Answer, Task } from "./worker.ts";

/** Runs a task in a thread of its own. Rejects if it throws: that is a bug in the search, or in a patched agent. */
export function runTask(bundle: string, task: Task): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const worker = new Worker(bundle, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: 3000 } });
		worker.once("message", resolve);
		worker.once("error", reject);
		worker.once("exit", (code) => reject(new Error(`the search ended with ${code} and no answer`)));
	});
}

/** So many at once, in order. */
export async function inParallel<Item, Result>(
	items: readonly Item[],
	width: number,
	run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = new Array(items.length);
	let next = 0;
	const lane = async () => {
		for (let index = next++; index < items.length; index = next++) {
			// biome-ignore lint/style/noNonNullAssertion: the index is below the length
			results[index] = await run(items[index]!);
		}
	};
	await Promise.all(Array.from({ length: width }, lane));
	return results;
}
