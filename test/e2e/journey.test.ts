import { expect, test } from "vitest";
import { liveContracts, STATIONS, type Traveller } from "./journey.ts";
import { worldOfThisFile } from "./test-world.ts";

const here = worldOfThisFile("journey");

test("contracts live from sale to payoff on one-SIM and two-SIM handsets, by the command line alone", async () => {
	const profiles = ["miui13-a11-in", "hyperos2-a15-global"];
	const travellers: Traveller[] = [];
	for (const [index, profile] of profiles.entries()) {
		travellers.push({ handset: await here.world.lab.add({ profile }), contractId: `J-${index}`, seen: [] });
	}
	await liveContracts(here.world, travellers, () => {});
	for (const { seen } of travellers) expect(seen).toEqual(STATIONS);

	const imei = travellers[0]?.handset.imeis[0] ?? "";
	expect((await here.world.holdfast("imei", imei)).document.status).toBe("clear");
}, 240_000);
