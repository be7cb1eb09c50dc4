import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureAdbServer } from "../provisioning/transport/adb-server-process.ts";
import { startHoldfast } from "../test/e2e/holdfast-process.ts";
import { manifestOf } from "../test/e2e/station-bench.ts";
import { openWorld, type World } from "../test/e2e/world.ts";
import { freePort } from "../test/lab/free-port.ts";
import type { LabHandset } from "../test/lab/lab.ts";
import { openUsbHub, type UsbHub } from "../test/lab/usb-hub.ts";
import { scriptArguments, wholeNumber } from "./script-arguments.ts";

const MOST = 64;
const PORTS_OF_A_HUB = 8;
const BATCH = "DEMO";
/** A pallet is plugged in one phone after the other. */
const PLUG_EVERY_MS = 150;

const HELP = `scripts/start --station [--handsets N] [--page-port PORT] [--in-process] [--wait]
A registry, a station and a batch of N virtual handsets (${MOST}; 1 to ${MOST}), plugged in one after the other. The station's page is on
PORT (8088). --wait leaves it open afterwards, until Ctrl-C. --in-process: handsets without processes of their own.`;
const { values } = scriptArguments(HELP, {
	options: {
		handsets: { type: "string", default: String(MOST) },
		"in-process": { type: "boolean", default: false },
		"page-port": { type: "string", default: "8088" },
		wait: { type: "boolean", default: false },
	},
});
const count = wholeNumber(HELP, "handsets", values.handsets, 1, MOST);
const pagePort = wholeNumber(HELP, "page-port", values["page-port"], 0, 65_535);

const say = (text: string) => void process.stderr.write(`${text}\n`);
const startedMs = Date.now();
const folder = await mkdtemp(join(tmpdir(), "holdfast-station-"));
let world: World | undefined;
let hub: UsbHub | undefined;
const end = async () => {
	await hub?.close();
	await world?.close();
	await rm(folder, { recursive: true, force: true });
};
process.once("SIGINT", () => void end().then(() => process.exit(130)));
process.once("SIGTERM", () => void end().then(() => process.exit(130)));

try {
	say("Starting the registry and its PostgreSQL");
	world = await openWorld({ folder, transport: values["in-process"] ? "in-process" : "auto", adbPort: await freePort() });
	await ensureAdbServer(world.adbPort);
	hub = await openUsbHub({ adbServerPort: world.adbPort });
	say(
		`Making ${count} virtual handsets (${world.lab.transport === "adbd" ? "real adbd" : "in-process adbd"}) and their contracts`,
	);
	const handsets: LabHandset[] = [];
	const contractOf = ({ serial }: LabHandset) => `${BATCH}-${serial}`;
	for (let index = 0; index < count; index += 1) {
		const handset = await world.lab.add({ plugged: false });
		await world.enterContract(contractOf(handset), handset);
		handsets.push(handset);
	}
	const manifest = join(folder, "manifest.csv");
	await writeFile(manifest, manifestOf(handsets, contractOf));
	const code = await work(world, hub, handsets, manifest);
	await end();
	process.exit(code);
} catch (error) {
	say(error instanceof Error ? (error.stack ?? error.message) : String(error));
	await end();
	process.exit(1);
}

/** Runs the station as its users do, and plugs the phones in before its eyes. */
async function work(open: World, ports: UsbHub, handsets: readonly LabHandset[], manifest: string): Promise<number> {
	const flags = [
		"--manifest",
		manifest,
		"--batch",
		BATCH,
		"--match",
		"manifest",
		"--operator",
		"demo",
		"--station",
		"DEMO-A-ENR-01",
	];
	const labels = ["--printer", join(folder, "labels")];
	const ending = values.wait ? [] : ["--exit-when-done"];
	const station = startHoldfast(
		["station", "run", ...flags, ...labels, ...ending, "--page-port", String(pagePort), "--json=stream", "--no-input"],
		{ env: { ...open.env, ANDROID_ADB_SERVER_PORT: String(ports.port) }, deadlineMs: 24 * 3600 * 1000 },
	);
	process.once("exit", () => station.kill("SIGTERM"));
	const ready = await waitFor(station.stdoutSoFar, ({ type }) => type === "ready", station.ended);
	say(`The station's page: ${String(ready.page)}\n`);
	const beganMs = Date.now();
	for (const [index, handset] of handsets.entries()) {
		await handset.plug();
		const port = index % PORTS_OF_A_HUB;
		ports.plug(handset, `${1 + Math.floor(index / 32)}-${1 + (Math.floor(index / PORTS_OF_A_HUB) % 4)}.${port + 1}`);
		await new Promise((resolve) => setTimeout(resolve, PLUG_EVERY_MS));
	}
	say(`${handsets.length} phones are plugged in.`);
	if (values.wait) say("The page stays until Ctrl-C.");
	const { code, stdout, stderr } = await station.ended;
	if (code !== 0) say(stderr);
	const seconds = Math.round((Date.now() - beganMs) / 100) / 10;
	const last = stdout.trim().split("\n").at(-1) ?? "{}";
	const result: Readonly<Record<string, unknown>> = JSON.parse(last);
	process.stdout.write(
		`${JSON.stringify({ ...result, handsets: handsets.length, transport: open.lab.transport, seconds, wholeSeconds: Math.round((Date.now() - startedMs) / 1000) })}\n`,
	);
	return code ?? 1;
}

/** The first line of the stream that is as asked. */
async function waitFor(
	stdoutSoFar: () => string,
	isIt: (line: Readonly<Record<string, unknown>>) => boolean,
	ended: Promise<{ readonly stderr: string }>,
): Promise<Readonly<Record<string, unknown>>> {
	let failed: string | undefined;
	void ended.then(({ stderr }) => {
		failed = stderr;
	});
	while (failed === undefined) {
		const lines = stdoutSoFar().split("\n").slice(0, -1);
		for (const text of lines) {
			const line: Readonly<Record<string, unknown>> = JSON.parse(text);
			if (isIt(line)) return line;
		}
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`the station ended before it was ready: ${failed}`);
}
