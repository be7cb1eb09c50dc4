import { misused, scriptArguments, wholeNumber } from "../../scripts/script-arguments.ts";
import { benchConsole } from "./console-rows.ts";
import { benchDesk } from "./desk-rows.ts";
import { benchEnrollCommand } from "./enroll-rows.ts";
import { benchHandle } from "./handle-rows.ts";
import { benchPush } from "./push-row.ts";
import { benchRegistry } from "./registry/rows.ts";
import { benchRegistryScale } from "./registry/scale-rows.ts";
import { benchRegistryStart } from "./registry/start-rows.ts";
import type { BenchOptions, Row } from "./row.ts";
import { benchSoak } from "./soak.ts";
import { benchStation } from "./station-rows.ts";
import { timelineOfOne } from "./timeline.ts";

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<Row[]>>> = {
	enroll: benchEnrollCommand,
	"enroll-64": benchStation,
	push: benchPush,
	handle: benchHandle,
	console: benchConsole,
	desk: benchDesk,
	registry: benchRegistry,
	"registry-scale": benchRegistryScale,
	"registry-start": benchRegistryStart,
	soak: benchSoak,
	timeline: async () => {
		process.stdout.write(`${await timelineOfOne()}\n`);
		return [];
	},
};
/** What runs only when it is asked for: it takes long, or has no figure beside a goal. */
const ON_DEMAND: readonly string[] = ["console", "desk", "registry", "registry-scale", "registry-start", "soak", "timeline"];

const HELP = `scripts/bench [NAME ...] [--json] [--picture FOLDER] [--enrolments N] [--handsets N,N...] [--contracts N]
Figures beside their baselines, both measured in one run on this machine. Names: ${Object.keys(BENCHES).join(", ")}.
Without one, all but ${ON_DEMAND.join(", ")}. What each is: test/bench/README.md`;

const { values, positionals } = scriptArguments(HELP, {
	options: {
		json: { type: "boolean", default: false },
		picture: { type: "string" },
		enrolments: { type: "string" },
		handsets: { type: "string" },
		contracts: { type: "string" },
	},
	allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES).filter((name) => !ON_DEMAND.includes(name));
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) misused(HELP, `no bench named ${unknown.join(", ")}`);
const enrolments = values.enrolments === undefined ? undefined : wholeNumber(HELP, "enrolments", values.enrolments, 1);
const contracts = values.contracts === undefined ? undefined : wholeNumber(HELP, "contracts", values.contracts, 1);
const handsets = values.handsets?.split(",").map((each) => wholeNumber(HELP, "handsets", each, 1));

for (const name of names) {
	if (!values.json) process.stderr.write(`measuring ${name} ...\n`);
	const rows = (await BENCHES[name]?.({ pictures: values.picture, enrolments, handsets, contracts })) ?? [];
	for (const row of rows) process.stdout.write(`${values.json ? JSON.stringify(row) : asText(row)}\n`);
}
process.exit(0);

function asText({ name, value, unit, baseline, ratio, goal, met }: Row): string {
	const beside = baseline === null ? "" : `  baseline ${baseline} ${unit}  ratio ${ratio}`;
	return `${met ? "met   " : "MISSED"}  ${name}: ${value} ${unit}${beside}  goal ${goal}`;
}
