import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ensureAdbServer } from "../../provisioning/transport/adb-server-process.ts";
import { worldOfThisFile } from "../e2e/test-world.ts";
import { openUsbHub } from "../lab/usb-hub.ts";
import { runCampaign } from "./campaign.ts";
import { fillableDisk } from "./fillable-disk.ts";
import type { CampaignWorld } from "./round.ts";
import type { Trouble } from "./trouble.ts";
import { TROUBLES } from "./troubles.ts";

/** Enough to see each trouble; `scripts/campaign` plays them with many. */
const PHONES = 4;

/** A trouble that is not told of in full: what it does must be noticed. */
function silentTrouble(id: string, more: Partial<Trouble>): Trouble {
	const trouble = TROUBLES.find((each) => each.id === id);
	if (!trouble) throw new Error(`no trouble ${id}`);
	return { ...trouble, ...more };
}

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

	it("says so when a stop, a card or a phone is not as it should be", async () => {
		let seed = 200; // a batch's name is made of it
		const says = async (trouble: Trouble) => {
			const [tally] = await runCampaign({ its, troubles: [trouble], phones: 2, runs: 1, seed: seed++, say: () => {} });
			return tally;
		};
		const stop = await says(
			silentTrouble("cable-knocked", {
				codes: [],
				async play(round) {
					await round.plugAll();
					for (const handset of round.handsets) {
						await round.atStep(handset, 1);
						its.hub.drop(round.portOf(handset));
					}
					await round.passed();
					return undefined;
				},
			}),
		);
		expect(stop).toMatchObject({ wrongPhone: 0, doubleBind: 0, lostLines: 0 });
		expect(stop?.words).toContainEqual(expect.stringMatching(/#1 ended with USB_LOST$/));

		const card = await says(silentTrouble("not-in-batch", { shows: ["SCAN_MISMATCH"] }));
		expect(card?.words.map((text) => text.replace(/^[^:]*: /, ""))).toEqual([
			"SCAN_MISMATCH was never shown",
			"a card showed UNIT_NOT_IN_BATCH",
		]);

		const phone = await says(silentTrouble("none", { play: async () => undefined }));
		expect(phone).toMatchObject({ rounds: 1, runs: 0, wrongCode: 2 });
		expect(phone?.words).toContainEqual(expect.stringMatching(/did not pass: nothing was done$/));
	}, 180_000);
});
