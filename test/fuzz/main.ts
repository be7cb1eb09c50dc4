import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { misused, scriptArguments, wholeNumber } from "../../scripts/script-arguments.ts";
import { bundleWorker } from "./bundle.ts";
import { fuzzTargets } from "./targets.ts";
import { fuzzWatched, type WatchedReport } from "./watched.ts";

const HELP = `scripts/fuzz [--inputs N] [--target NAME]... [--seed S] [--unguided] [--json] [--keep FOLDER]
Gives every decoder of something from outside N inputs (default 100,000), and each that is slow by nature fewer. Inputs that reach code
that none reached before are changed further, unless --unguided, which is faster. Exits 1 if a decoder crashed, broke a promise, took
more than two seconds or 1 GiB, or did not end; the input is then in FOLDER (default: fuzz-findings).`;

/** A decoder that takes longer for one input is a finding. */
const SLOW_MS = 2000;

const { values } = scriptArguments(HELP, {
	options: {
		inputs: { type: "string", default: "100000" },
		target: { type: "string", multiple: true },
		seed: { type: "string", default: "1" },
		unguided: { type: "boolean", default: false },
		json: { type: "boolean", default: false },
		keep: { type: "string", default: "fuzz-findings" },
	},
});
const print = (line: string) => void process.stdout.write(`${line}\n`);
const inputs = wholeNumber(HELP, "inputs", values.inputs, 1);
const seed = wholeNumber(HELP, "seed", values.seed, 0);
const all = fuzzTargets();
const asked = values.target ?? [""];
const targets = all.filter(({ name }) => asked.some((each) => name.startsWith(each)));
if (targets.length === 0) misused(HELP, `targets, by name or by how it begins: ${all.map(({ name }) => name).join(", ")}`);

function row({ target, inputs: done, seconds, taken, corpus, covered, slowestMs, findings }: WatchedReport): string {
	const reached = covered && covered.all > 0 ? `${((100 * covered.ran) / covered.all).toFixed(0)} %` : "";
	const cells = [target, done, seconds.toFixed(1), Math.round(done / seconds), taken, corpus, reached, slowestMs.toFixed(0)];
	return `| ${cells.join(" | ")} | ${findings.map(({ problem }) => problem).join("; ") || "0"} |`;
}

const bundle = await bundleWorker();
const reports: WatchedReport[] = [];
if (!values.json) {
	print("| target | inputs | seconds | a second | taken | corpus | code run | slowest, ms | findings |");
	print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
}
for (const { name, cost = 1 } of targets) {
	const report = await fuzzWatched(bundle, {
		target: name,
		inputs: Math.max(1, Math.round(inputs / cost)),
		seed,
		isGuided: !values.unguided,
		slowMs: SLOW_MS,
	});
	reports.push(report);
	if (!values.json) print(row(report));
	for (const { problem, input } of report.findings) {
		await mkdir(values.keep, { recursive: true });
		const path = join(values.keep, `${name.replaceAll("/", "-")}-${seed}.bin`);
		await writeFile(path, input);
		process.stderr.write(`${name}: ${problem}; its input is in ${path}\n`);
	}
}
const total = reports.reduce((sum, report) => sum + report.inputs, 0);
const findings = reports.flatMap((report) => report.findings.map(({ problem }) => ({ target: report.target, problem })));
if (values.json)
	print(
		JSON.stringify({
			inputs: total,
			seed,
			findings,
			targets: reports.map(({ findings: found, ...rest }) => ({ ...rest, findings: found.length })),
		}),
	);
else print(`\n${total} inputs, seed ${seed}, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
