import type { FuzzTarget } from "./target.ts";
import { codeTargets } from "./targets/code-targets.ts";
import { handsetTargets } from "./targets/handset-targets.ts";
import { paperTargets } from "./targets/paper-targets.ts";
import { registryTargets } from "./targets/registry-targets.ts";
import { stationTargets } from "./targets/station-targets.ts";
import { wireTargets } from "./targets/wire-targets.ts";

/** Every decoder that takes something from outside. */
export const fuzzTargets = (): FuzzTarget[] => [
	...wireTargets(),
	...codeTargets(),
	...handsetTargets(),
	...paperTargets(),
	...stationTargets(),
	...registryTargets(),
];
