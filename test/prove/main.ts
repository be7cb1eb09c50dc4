import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { misused, scriptArguments } from "../../scripts/script-arguments.ts";
import { runModel } from "../model/run-model.ts";
import { checkWorlds } from "./check-worlds.ts";
import { runFuzz } from "./fuzz.ts";
import { killMutants, killTable } from "./kill-mutants.ts";
import { runRefinement } from "./refinement.ts";
import type { Report } from "./report.ts";
import { runStryker, strykerReport } from "./stryker.ts";
import { WORLDS } from "./worlds/index.ts";

const HELP = `scripts/prove [--world NAME]... [--quick] [--json]   the exhaustive search of the shipped agent's states, then the model
scripts/prove --mutants [--only NAME] [--write]      breaks the agent in small ways, and sees that the search notices
scripts/prove --model | --refine | --fuzz            the independent model; the agent beside its reference; any bytes at all
scripts/prove --stryker [--only FILES]               every small change that Stryker makes to the policy, under the agent's own tests
Worlds: ${Object.keys(WORLDS).join(", ")}`;

const { values } = scriptArguments(HELP, {
	options: {
		world: { type: "string", multiple: true },
		quick: { type: "boolean", default: false },
		json: { type: "boolean", default: false },
		mutants: { type: "boolean", default: false },
		only: { type: "string" },
		write: { type: "boolean", default: false },
		model: { type: "boolean", default: false },
		refine: { type: "boolean", default: false },
		fuzz: { type: "boolean", default: false },
		stryker: { type: "boolean", default: false },
	},
});

const print = (line: string) => void process.stdout.write(`${line}\n`);
const log = (line: string) => void process.stderr.write(`${line}\n`);

const unknown = (values.world ?? []).filter((name) => !WORLDS[name]);
if (unknown.length > 0) misused(HELP, `no world ${unknown.join(", ")}`);

const folder = await mkdtemp(join(tmpdir(), "holdfast-prove-"));
let ok = true;
try {
	const parts: [string, Report][] = [];
	if (values.mutants) {
		const { report, kills } = await killMutants(folder, { only: values.only, log });
		parts.push(["mutants", report]);
		if (values.write) await writeFile(fileURLToPath(new URL("../../agent/MUTANTS.md", import.meta.url)), killTable(kills));
	}
	const isChecked = !values.mutants && !values.model && !values.refine && !values.fuzz && !values.stryker;
	if (isChecked) {
		parts.push([
			"search",
			await checkWorlds(folder, { names: values.world, quick: values.quick, log: values.json ? log : print }),
		]);
	}
	if (values.model || (isChecked && !values.world && !values.quick)) parts.push(["model", await runModel()]);
	if (values.refine) parts.push(["refinement", runRefinement({ commands: 1_000_000, seed: 1 })]);
	if (values.fuzz) parts.push(["fuzz", runFuzz()]);
	if (values.stryker) parts.push(["stryker", strykerReport(await runStryker({ files: values.only?.split(",") ?? [] }))]);
	ok = parts.every(([, report]) => report.ok);
	if (values.json)
		print(
			JSON.stringify({ ok, ...Object.fromEntries(parts.map(([name, report]) => [name, { ok: report.ok, ...report.figures }])) }),
		);
	else {
		for (const [name, report] of parts)
			for (const line of ["", ...report.lines, `${name}: ${report.ok ? "holds" : "BROKEN"}`]) print(line);
	}
} finally {
	await rm(folder, { recursive: true, force: true });
}
process.exit(ok ? 0 : 1);
