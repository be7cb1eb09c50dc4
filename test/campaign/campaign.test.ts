import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ensureAdbServer } from "../../provisioning/transport/adb-server-process.ts";
import { worldOfThisFile } from "../e2e/test-world.ts";
import { openUsbHub } from "../lab/usb-hub.ts";
import { runCampaign } from "./campaign.ts";
import { fillableDisk } from "./fillable-disk.ts";
import type { CampaignWorld } from "./round.ts";
import { TROUBLES } from "./troubles.ts";

/** Enough to see each trouble; `scripts/campaign` plays them with many. */
const PHONES = 4;

describe("a station in a warehouse where", () => {
	const file = worldOfThisFile("campaign");
	let its: CampaignWorld;
	beforeAll(async () => {
		const { world, folder } = file;
		await ensureAdbServer(world.adbPort);
		its = {
			world,
			hub: await openUsbHub({ adbServerPort: world.adbPort }),
			folder: join(folder, "batches"),
			disk: fillableDisk(),
		};
	}, 60_000);
	afterAll(() => its.hub.close());

	it.each(TROUBLES.map((trouble, index) => ({ trouble, index, what: trouble.what })))(
		"$what",
		async ({ trouble, index }) => {
			const [tally] = await runCampaign({ its, troubles: [trouble], phones: PHONES, runs: 1, seed: 100 + index, say: () => {} });
			expect(tally).toMatchObject({ words: [], wrongPhone: 0, doubleBind: 0, lostLines: 0, wrongCode: 0 });
		},
		180_000,
	);
});
