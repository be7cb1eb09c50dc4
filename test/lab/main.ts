import { join } from "node:path";

import { misused, scriptArguments, wholeNumber } from "../../scripts/script-arguments.ts";
import { adbIsHere } from "./adb-client.ts";
import { FAULTS } from "./faults.ts";
import { type Lab, type LabHandset, openLab } from "./lab.ts";
import { DEFAULT_PROFILE, PROFILES } from "./profiles.ts";

const HELP = `scripts/lab list [--json]
scripts/lab up [N] [options]

  --profile P         model and system, default ${DEFAULT_PROFILE}; "mixed" takes one after the other
  --fault F           what is wrong with every handset, such as battery-low or battery-low:level=3; may be given again
  --in-process        no real adbd, even where one can run
  --adb-server PORT   plugs them into the adb server on that port (default: the usual one, 5037, if there is an adb)
  --no-adb-server     does not plug them into any
  --state FOLDER      where they keep what they remember, default ./.holdfast/lab. Without --profile and --fault, the
                      handsets that are there come up again as they were
  --clock FILE        virtual time shared with a registry`;
const MAX_HANDSETS = 64;

const { values, positionals } = scriptArguments(HELP, {
	allowPositionals: true,
	options: {
		profile: { type: "string" },
		fault: { type: "string", multiple: true, default: [] },
		"in-process": { type: "boolean" },
		"adb-server": { type: "string" },
		"no-adb-server": { type: "boolean" },
		state: { type: "string", default: join(".holdfast", "lab") },
		clock: { type: "string" },
		json: { type: "boolean" },
	},
});

async function main(): Promise<number> {
	const [command, count = "1"] = positionals;
	if (command === "list") return list(values.json === true);
	if (command !== "up") return misused(HELP, command === undefined ? "list or up?" : `there is no "${command}": list or up`);
	if (!/^[0-9]{1,2}$/.test(count) || Number(count) < 1 || Number(count) > MAX_HANDSETS)
		return misused(HELP, `"${count}" is no number of handsets: 1 to ${MAX_HANDSETS}`);
	return up(Number(count), values);
}

function list(json: boolean): number {
	const profiles = PROFILES.map(({ id, summary, android, system, region, sims, model }) => ({
		id,
		summary,
		android,
		system,
		region,
		sims,
		model,
	}));
	const faults = FAULTS.map(({ change: _change, ...fault }) => fault);
	if (json) {
		process.stdout.write(`${JSON.stringify({ profiles, faults })}\n`);
		return 0;
	}
	const width = Math.max(...[...profiles, ...faults].map(({ id }) => id.length));
	say(`Profiles (${profiles.length})`);
	for (const { id, summary } of profiles) say(`  ${id.padEnd(width)}  ${summary}`);
	say(`\nFaults (${faults.length}): what is wrong, the code it must be reported as, and who sees it first`);
	for (const { id, summary, code, seenBy, parameters } of faults) {
		const settings = Object.entries(parameters ?? {}).map(([name, value]) => `${name}=${value}`);
		say(`  ${id.padEnd(width)}  ${summary}${settings.length > 0 ? ` [${settings.join(", ")}]` : ""} -> ${code} (${seenBy})`);
	}
	return 0;
}

type Wishes = typeof values;

async function up(count: number, wishes: Wishes): Promise<number> {
	const ended = new Promise<void>((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
	});
	let lab: Lab | undefined;
	try {
		const adbServerPort = await serverWanted(wishes);
		lab = await openLab({
			stateFolder: wishes.state,
			transport: wishes["in-process"] ? "in-process" : "auto",
			...(wishes.clock === undefined ? {} : { clockFile: wishes.clock }),
			...(adbServerPort === undefined ? {} : { adbServerPort }),
		});
		if (lab.notice) say(lab.notice);
		// Phones that were here before come first, unless others are asked for.
		const before = wishes.profile === undefined && wishes.fault.length === 0 ? lab.knownSerials : [];
		for (let at = 0; at < count; at += 1) {
			const serial = before[at];
			const profile = wishes.profile === "mixed" ? PROFILES[at % PROFILES.length]?.id : wishes.profile;
			describe(
				await lab.add({
					faults: wishes.fault,
					...(serial === undefined ? {} : { serial }),
					...(profile === undefined ? {} : { profile }),
				}),
			);
		}
		tellWhatToTry(lab, adbServerPort);
		await ended;
		await lab.close();
		return 0;
	} catch (error) {
		await lab?.close();
		if (error instanceof RangeError) return misused(HELP, error.message); // no such profile, fault or setting
		process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
		return 1;
	}
}

function describe({ adbSerial, serial, imeis, profile, faults }: LabHandset): void {
	say(
		`${adbSerial}  ${serial}  IMEI ${imeis.join(", ")}  ${profile}${faults.length > 0 ? `  faults: ${faults.join(", ")}` : ""}`,
	);
}

function tellWhatToTry(lab: Lab, adbServerPort: number | undefined): void {
	const adbSerial = lab.handsets[0]?.adbSerial ?? "";
	const port = adbServerPort === undefined || adbServerPort === 5037 ? "" : ` -P ${adbServerPort}`;
	say(`\nADB is served by ${lab.transport === "adbd" ? "a real adbd for each handset" : "this process"}. Try:`);
	if (adbServerPort === undefined) say(`  adb connect ${adbSerial}`);
	say(`  adb${port} -s ${adbSerial} shell getprop ro.product.model`);
	say(`  scripts/holdfast doctor -s ${adbSerial}`);
	say("Ctrl-C ends them; `scripts/lab up` brings them back as they were.");
}

/** The adb server to plug into; none where there is no adb, unless one was asked for by name. */
async function serverWanted(wishes: Wishes): Promise<number | undefined> {
	if (wishes["no-adb-server"]) return undefined;
	const port = wholeNumber(HELP, "adb-server", wishes["adb-server"] ?? "5037", 1, 65_535);
	if (wishes["adb-server"] !== undefined || (await adbIsHere())) return port;
	say("There is no adb on this machine: the handsets are reached by host and port.");
	return undefined;
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
