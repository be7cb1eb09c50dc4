import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";

import { startHoldfast } from "../test/e2e/holdfast-process.ts";
import { daysGoBy, liveContracts, type Traveller } from "../test/e2e/journey.ts";
import { openWorld, type World } from "../test/e2e/world.ts";
import { freePort } from "../test/lab/free-port.ts";
import { PROFILES } from "../test/lab/profiles.ts";
import { scriptArguments, wholeNumber } from "./script-arguments.ts";

const HELP = `scripts/start [--handsets N] [--in-process]             a registry and N virtual handsets (4; 1 to 64), enrolled before your eyes;
                                                        then tells what to try, and waits for commands
scripts/start --smoke [--handsets N] [--in-process]     lives whole contracts without asking; the last line is JSON
scripts/start --station [--handsets N] [--wait]         a station and a batch of virtual handsets; its --help tells more
--in-process: handsets without processes of their own, where Debian's adbd can't be had`;

const { values } = scriptArguments(HELP, {
	options: {
		smoke: { type: "boolean", default: false },
		handsets: { type: "string", default: "4" },
		"in-process": { type: "boolean", default: false },
	},
});
const count = wholeNumber(HELP, "handsets", values.handsets, 1, 64);

const say = (text: string) => void process.stderr.write(`${text}\n`);
const startedMs = Date.now();
const folder = await mkdtemp(join(tmpdir(), "holdfast-start-"));
let world: World | undefined;
const end = async () => {
	await world?.close();
	await rm(folder, { recursive: true, force: true });
};
const stop = () => void end().then(() => process.exit(130));
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

try {
	say("Starting the registry and its PostgreSQL");
	world = await openWorld({
		folder,
		transport: values["in-process"] ? "in-process" : "auto",
		adbPort: await freePort(),
	});
	say(`Starting ${count} virtual handsets (${world.lab.transport === "adbd" ? "real adbd" : "in-process adbd"})`);
	const travellers: Traveller[] = [];
	for (let index = 0; index < count; index += 1) {
		const profile = PROFILES[index % PROFILES.length];
		if (!profile) throw new Error("no profiles");
		const handset = await world.lab.add({ profile: profile.id });
		travellers.push({ handset, contractId: `C-${1001 + index}`, seen: [] });
	}
	if (values.smoke) await smoke(world, travellers);
	else await serve(world, travellers);
	await end();
	process.exit(0);
} catch (error) {
	say(error instanceof Error ? (error.stack ?? error.message) : String(error));
	await end();
	process.exit(1);
}

async function smoke(world: World, travellers: readonly Traveller[]): Promise<void> {
	await liveContracts(world, travellers, say);
	const journey = travellers.map(({ handset, contractId, seen }) => ({
		handset: handset.serial,
		profile: handset.profile,
		contract: contractId,
		stations: seen,
	}));
	const seconds = Math.round((Date.now() - startedMs) / 100) / 10;
	process.stdout.write(`${JSON.stringify({ handsets: travellers.length, transport: world.lab.transport, journey, seconds })}\n`);
}

/** Enrols everything, then plays forward on command. */
async function serve(world: World, travellers: readonly Traveller[]): Promise<void> {
	for (const { handset, contractId } of travellers) {
		say(`\nContract ${contractId}: ${handset.profile}, ${handset.adbSerial}`);
		await world.enterContract(contractId, handset);
		const { code } = await startHoldfast(["enroll", contractId, "-s", handset.adbSerial, "--no-input"], {
			env: world.env,
			onLine: say,
		}).ended;
		if (code !== 0) say(`  not enrolled (exit ${code})`);
	}
	say(`\nThe handsets are sealed and left the cable, as they should. In another terminal:\n`);
	for (const [name, value] of Object.entries(world.env)) say(`  export ${name}=${value}`);
	say(
		`  scripts/holdfast contract list\n  scripts/holdfast contract show ${travellers[0]?.contractId}\n  scripts/holdfast imei ${travellers[0]?.handset.imeis[0]}`,
	);
	await sayPages(world, travellers);
	const terminal = createInterface({
		input: process.stdin,
		output: process.stderr,
		prompt: "\n[days N | network off | network on | check | record | status | quit] > ",
	});
	terminal.prompt();
	for await (const line of terminal) {
		const [word, argument] = line.trim().split(/\s+/);
		if (word === "quit" || word === "exit") break;
		await play(world, travellers, word ?? "", argument ?? "");
		terminal.prompt();
	}
	terminal.close();
}

/** Where to look in a browser, and how to get in. */
async function sayPages(world: World, travellers: readonly Traveller[]): Promise<void> {
	// A passkey belongs to a name, and an address of numbers is none.
	const pages = world.registryUrl.replace("127.0.0.1", "localhost");
	say(`\nIn a browser, for everybody:\n  ${pages}/check/  ${pages}/borrower/  ${pages}/simulator/`);
	const contractId = travellers[0]?.contractId;
	if (contractId !== undefined) {
		const { document } = await world.holdfast("contract", "borrower-code", contractId);
		say(`  the borrower's page of ${contractId} opens with the code ${document.code}`);
	}
	const invited = await world.holdfast("account", "invite", "Visitor", "--role", "admin");
	say(`For the lender's staff (console, desk, technician), with a passkey of your own, once:\n  ${invited.document.address}`);
}

async function play(world: World, travellers: readonly Traveller[], word: string, argument: string): Promise<void> {
	const agents = travellers.map(({ handset }) => handset.agent);
	if (word === "days") {
		const days = Number(argument);
		if (!(days >= 1 && days <= 1000)) return say("days takes a number from 1 to 1000");
		await daysGoBy(
			world,
			travellers.map(({ handset }) => handset),
			days,
		);
	} else if (word === "network") {
		world.setNetwork(argument !== "off");
	} else if (word === "check") {
		for (const agent of agents) await agent?.checkInNow();
	} else if (word === "record") {
		return takeRecords(travellers);
	} else if (word !== "status") {
		return say(
			'days N: time goes by. network off|on. check: "I paid, check now" on every phone. record: take the borrowers\' files. status. quit.',
		);
	}
	await Promise.all(agents.map((agent) => agent?.idle()));
	say(`It is ${new Date(world.clock.nowMs()).toISOString().slice(0, 10)} for lender and phones.`);
	for (const { handset, contractId } of travellers) {
		const screen = handset.screen();
		say(
			`  ${contractId}  ${screen?.standing ?? "no agent"}  ${screen?.causes.join("+") ?? ""}  restricted: ${handset.restrictions().join(", ") || "nothing"}`,
		);
	}
}

/** What each borrower can take away from the phone, and how anybody checks it. */
async function takeRecords(travellers: readonly Traveller[]): Promise<void> {
	for (const { handset, contractId } of travellers) {
		const record = await handset.takeRecord();
		if (!record) {
			say(`  ${contractId}  has no record to give: no contract is bound`);
			continue;
		}
		const path = join(folder, `record-${contractId}.bin`);
		await writeFile(path, record);
		say(`  ${contractId}  scripts/holdfast audit verify ${path}`);
	}
}
