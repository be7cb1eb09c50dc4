import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { misused, scriptArguments } from "../../scripts/script-arguments.ts";
import { type AttackResult, runAttack } from "./attack.ts";
import { attackTable, summaryOf } from "./attack-table.ts";
import { ATTACKS } from "./attacks.ts";
import { openStage } from "./stage.ts";

const HELP = `scripts/attack [--only ID]... [--json | --markdown]   runs every attack and prints what was expected and what was seen
Exits 0 if none is open. --markdown writes the table into test/attack/README.md.`;
const README = fileURLToPath(new URL("README.md", import.meta.url));
const [BEGIN, END] = ["<!-- table: begin -->", "<!-- table: end -->"];

const { values } = scriptArguments(HELP, {
	options: {
		only: { type: "string", multiple: true },
		json: { type: "boolean", default: false },
		markdown: { type: "boolean", default: false },
	},
});
const print = (line: string) => void process.stdout.write(`${line}\n`);
const known = Object.values(ATTACKS)
	.flat()
	.map(({ id }) => id);
const unknown = (values.only ?? []).filter((id) => !known.includes(id));
if (unknown.length > 0) misused(HELP, `no attack ${unknown.join(", ")}; there are: ${known.join(", ")}`);
if (values.only && values.markdown) misused(HELP, "the table holds every attack: --markdown takes no --only");

const stage = await openStage();
const groups: Record<string, AttackResult[]> = {};
try {
	for (const [who, attacks] of Object.entries(ATTACKS))
		for (const attack of attacks) {
			if (values.only && !values.only.includes(attack.id)) continue;
			const result = await runAttack(attack, stage);
			groups[who] = [...(groups[who] ?? []), result];
			process.stderr.write(
				`${result.verdict}: ${result.id}${result.verdict === "open" ? `\n  expected ${result.expected}\n  observed ${result.observed}` : ""}\n`,
			);
		}
} finally {
	await stage.close();
}
const rows = Object.values(groups).flat();
if (values.json) print(JSON.stringify({ summary: summaryOf(rows), attacks: rows }));
else if (values.markdown) {
	const text = await readFile(README, "utf8");
	const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
	if (before < 0 || after < before) throw new Error(`${README} has lost the place of its table`);
	await writeFile(README, `${text.slice(0, before + BEGIN.length)}\n\n${attackTable(groups)}\n${text.slice(after)}`);
	print(summaryOf(rows));
} else print(attackTable(groups));
process.exit(rows.some(({ verdict }) => verdict === "open") ? 1 : 0);
