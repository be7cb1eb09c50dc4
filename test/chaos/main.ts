// Runs the reference setup, breaks it under load, and prints what became of it. Started by scripts/chaos in namespaces of its own.
import { execFileSync } from "node:child_process";

import { misused, scriptArguments, wholeNumber } from "../../scripts/script-arguments.ts";
import { runChaos } from "./chaos.ts";
import { chaosTable, rowsOf } from "./chaos-table.ts";
import { FAULTS } from "./faults.ts";
import { etcdInterfaceFor } from "./reference-setup.ts";
import { openToAll, openWorld } from "./world.ts";

const HELP = `scripts/chaos [--seed S] [--rounds N] [--minutes M] [--phones N] [--without synchronous] [--etcd 3] [--json] [--keep] [FAULT ...]
The registry on the setup of provisioning/registry/HIGH-AVAILABILITY.md, broken under load. Prints the chaos table; exits 1 if anything
that was acknowledged was lost or done twice.

  --seed S               order and moments (default 1)
  --rounds N             how often each fault comes (default 3)
  --minutes M            the longest it may take (default 60)
  --phones N             handsets that check in (default 100)
  --without synchronous  on asynchronous replication, to see what it loses
  --etcd 3               etcd's newer interface, whatever Patroni it is
  --json                 for programs
  --keep                 keeps the folder with the logs

faults, all unless some are named:
${FAULTS.map(({ id, what }) => `  ${id.padEnd(26)}${what}`).join("\n")}`;

const { values, positionals } = scriptArguments(HELP, {
	allowPositionals: true,
	options: {
		folder: { type: "string" },
		bin: { type: "string" },
		seed: { type: "string", default: "1" },
		rounds: { type: "string", default: "3" },
		minutes: { type: "string", default: "60" },
		phones: { type: "string", default: "100" },
		without: { type: "string" },
		etcd: { type: "string" },
		json: { type: "boolean", default: false },
	},
});
const seed = wholeNumber(HELP, "seed", values.seed, 0);
const rounds = wholeNumber(HELP, "rounds", values.rounds, 1);
const minutes = wholeNumber(HELP, "minutes", values.minutes, 1);
const phones = wholeNumber(HELP, "phones", values.phones, 1);
if (![undefined, "synchronous"].includes(values.without)) misused(HELP, "--without takes synchronous alone");
if (![undefined, "3"].includes(values.etcd)) misused(HELP, "--etcd takes 3 alone");
const unknown = positionals.filter((id) => !FAULTS.some((fault) => fault.id === id));
if (unknown.length > 0) misused(HELP, `no such fault: ${unknown.join(", ")}`);
if (values.folder === undefined || values.bin === undefined) misused(HELP, "started by scripts/chaos alone");
// As the first process of its namespace it has no default for signals; with its end the kernel ends all others.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

const say = (line: string) => process.stderr.write(`${line}\n`);
const synchronous = values.without === undefined;
await openToAll(values.folder);
say("starting three database machines, two registry nodes and a proxy");
const [version = ""] = /[\d.]+/.exec(execFileSync("patroni", ["--version"], { encoding: "utf8", timeout: 10_000 })) ?? [];
const etcdInterface = values.etcd === "3" ? 3 : etcdInterfaceFor(version);
const world = await openWorld(values.folder, { synchronous, binFolder: values.bin, etcdInterface });
const faults = positionals.length > 0 ? FAULTS.filter(({ id }) => positionals.includes(id)) : FAULTS;
const end = await runChaos({ world, faults, rounds, seed, phones, minutes, everyMs: 1000, say });

const { proof, journal, episodes, loadedMs, notWhole } = end;
const rows = rowsOf(episodes);
const acknowledged = journal.acknowledged.length;
const isClean = notWhole === undefined && proof.lost.length + proof.doubled.length + journal.wrong.length === 0;
if (values.json) {
	const { chains, looked, doubled } = proof;
	const lost = proof.lost.map(({ what }) => what);
	const wrong = journal.wrong.map(({ what }) => what);
	process.stdout.write(
		`${JSON.stringify({ seed, synchronous, etcdInterface, loadedMs, notWhole, rows, acknowledged, lost, doubled, wrong, chains, looked })}\n`,
	);
} else {
	const looked = Object.entries(proof.looked).map(([name, count]) => `${count} ${name}`);
	process.stdout.write(`${chaosTable(rows)}\n\n`);
	process.stdout.write(
		`seed ${seed}, ${Math.round(loadedMs / 1000)} s under load, ${journal.attempts.length} calls; ${acknowledged} writes acknowledged, ${proof.lost.length} of them lost, ${proof.doubled.length} effects doubled, ${journal.wrong.length} wrong answers; ${proof.chains} audit chains followed (${looked.join(", ")})\n`,
	);
	if (notWhole !== undefined) process.stdout.write(`broken off: ${notWhole}\n`);
	const words = [...proof.lost.map(({ what }) => `lost: ${what}`), ...proof.doubled, ...journal.wrong.map(({ what }) => what)];
	for (const line of words.slice(0, 40)) process.stdout.write(`${line}\n`);
	if (words.length > 40) process.stdout.write(`and ${words.length - 40} more\n`);
}
process.exit(isClean ? 0 : 1);
