import { parseArgs } from "node:util";

import { benchEnrollCommand } from "./enroll-rows.ts";
import { benchHandle } from "./handle-rows.ts";
import { benchPush } from "./push-row.ts";
import type { Row } from "./row.ts";
import { benchStation } from "./station-rows.ts";

const BENCHES: Readonly<Record<string, () => Promise<Row[]>>> = {
	enroll: benchEnrollCommand,
	"enroll-64": benchStation,
	push: benchPush,
	handle: benchHandle,
};

const { values, positionals } = parseArgs({ options: { json: { type: "boolean", default: false } }, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
	process.stderr.write(`no bench named ${unknown.join(", ")}; there are: ${Object.keys(BENCHES).join(", ")}\n`);
	process.exit(64);
}

for (const name of names) {
	if (!values.json) process.stderr.write(`measuring ${name} ...\n`);
	for (const row of (await BENCHES[name]?.()) ?? []) process.stdout.write(`${values.json ? JSON.stringify(row) : asText(row)}\n`);
}
process.exit(0);

function asText({ name, value, unit, baseline, ratio, goal, met }: Row): string {
	const beside = baseline === null ? "" : `  baseline ${baseline} ${unit}  ratio ${ratio}`;
	return `${met ? "met   " : "MISSED"}  ${name}: ${value} ${unit}${beside}  goal ${goal}`;
}
