import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureAdbServer } from "../../provisioning/transport/adb-server-process.ts";
import { misused, scriptArguments, wholeNumber } from "../../scripts/script-arguments.ts";
import { openWorld } from "../e2e/world.ts";
import { freePort } from "../lab/free-port.ts";
import { openUsbHub } from "../lab/usb-hub.ts";
import { campaignTable, runCampaign } from "./campaign.ts";
import { fillableDisk } from "./fillable-disk.ts";
import { TROUBLES } from "./troubles.ts";

const known = TROUBLES.map(({ id }) => id);
const HELP = `scripts/campaign [--runs N] [--seed N] [TROUBLE ...]   at least N enrolments (500) among troubles; exits 0 if nothing was found
Troubles: ${known.join(", ")}`;

const { values, positionals } = scriptArguments(HELP, {
	options: { runs: { type: "string", default: "500" }, seed: { type: "string", default: "1" } },
	allowPositionals: true,
});
const runs = wholeNumber(HELP, "runs", values.runs, 1);
const seed = wholeNumber(HELP, "seed", values.seed, 0);
const unknown = positionals.filter((id) => !known.includes(id));
if (unknown.length > 0) misused(HELP, `no trouble is called ${unknown.join(", ")}`);
const troubles = positionals.length > 0 ? TROUBLES.filter(({ id }) => positionals.includes(id)) : TROUBLES;

const folder = await mkdtemp(join(tmpdir(), "holdfast-campaign-"));
const startedMs = performance.now();
const world = await openWorld({ folder: join(folder, "world"), transport: "in-process", adbPort: await freePort() });
await ensureAdbServer(world.adbPort);
const hub = await openUsbHub({ adbServerPort: world.adbPort });
const its = { world, hub, folder: join(folder, "batches"), disk: fillableDisk() };
const tallies = await runCampaign({ its, troubles, runs, seed, say: (line) => process.stderr.write(`${line}\n`) });
await hub.close();
await world.close();

const isClean = tallies.every((tally) => tally.wrongPhone + tally.doubleBind + tally.lostLines + tally.wrongCode === 0);
process.stdout.write(`${campaignTable(tallies)}\n\nseed ${seed}, ${Math.round((performance.now() - startedMs) / 1000)} s\n`);
for (const { id, words } of tallies) for (const text of words) process.stdout.write(`${id}: ${text}\n`);
if (isClean) await rm(folder, { recursive: true, force: true });
else process.stdout.write(`The batches with findings are kept in ${folder}\n`);
process.exit(isClean ? 0 : 1);
