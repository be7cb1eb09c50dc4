import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { verifyJournal } from "../../provisioning/station/journal/verify-journal.ts";
import { openStationBench } from "./station-bench.ts";
import { worldOfThisFile } from "./test-world.ts";

describe("a station", () => {
	const its = worldOfThisFile("station");

	it("enrolls every phone of the batch that is plugged in, and seals it", async () => {
		const { world, folder } = its;
		const handsets = [await world.lab.add({ plugged: false }), await world.lab.add({ plugged: false })];
		const bench = await openStationBench({ world, folder: join(folder, "one"), handsets, operator: "ann" });
		for (const handset of handsets) await handset.plug();
		const view = await bench.until("both passed", ({ batch }) => batch.figures.pass === 2);
		expect(view.pinned).toEqual([]);
		for (const handset of handsets) {
			expect(handset.restrictions()).toContain("debugging");
			const { enrollment } = await world.admin.getContract(bench.contractOf(handset));
			expect(enrollment?.state).toBe("sealed");
		}
		await bench.station.close();
		expect(bench.bugs).toEqual([]);
		expect(await verifyJournal(bench.batch.paths.journal)).toMatchObject({ ok: true });
	});
});
