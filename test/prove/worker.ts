import { parentPort, workerData } from "node:worker_threads";

import { type Broken, type Found, type Limits, notExercised, search } from "./search.ts";
import { tell } from "./story.ts";
import { WORLDS } from "./worlds/index.ts";

/** What a worker is asked for. */
export interface Task {
	readonly world: string;
	readonly limits: Limits;
}

/** What it answers. */
export interface Answer {
	readonly found: Found;
	readonly story: readonly string[];
	readonly notExercised: readonly string[];
}

const task: Task = workerData; // the other end is main.ts
const make = WORLDS[task.world];
if (!make) throw new Error(`no world ${task.world}`);
const world = make();
const found = search(world, task.limits);
const told = (broken: Broken | undefined) => (broken ? tell(world, broken) : []);
const answer: Answer = { found, story: told(found.broken), notExercised: found.fixpoint ? notExercised(world, found) : [] };
parentPort?.postMessage(answer);
