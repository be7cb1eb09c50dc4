import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { freePort } from "../lab/free-port.ts";
import { liveContracts, STATIONS, type Traveller } from "./journey.ts";
import { openWorld, type World } from "./world.ts";

let folder: string;
let world: World;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-journey-"));
	world = await openWorld({ folder, transport: "auto", adbPort: await freePort() });
}, 120_000);

afterAll(async () => {
	await world?.close();
	await rm(folder, { recursive: true, force: true });
}, 60_000);

test("contracts live from sale to payoff on one-SIM and two-SIM handsets, by the command line alone", async () => {
	const profiles = ["miui13-a11-in", "hyperos2-a15-global"];
	const travellers: Traveller[] = [];
	for (const [index, profile] of profiles.entries()) {
		travellers.push({ handset: await world.lab.add({ profile }), contractId: `J-${index}`, seen: [] });
	}
	await liveContracts(world, travellers, () => {});
	for (const { seen } of travellers) expect(seen).toEqual(STATIONS);

	const imei = travellers[0]?.handset.imeis[0] ?? "";
	expect((await world.holdfast("imei", imei)).document.status).toBe("clear");
}, 240_000);
