import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { decode, encode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import { type Desk, openDesk } from "./station-desk.ts";
import { worldOfThisFile } from "./test-world.ts";

// Phones as they come out of the box: no SIM, no Wi-Fi. Nobody but the cable can say that they were sealed.

const NOTE = "The registry hears of the seal when the phone is next online.";

describe.each(["in-process", "auto"] as const)("a phone without a network, transport %s", (transport) => {
	const here = worldOfThisFile(`offline-${transport}`, transport);
	let desk: Desk;
	beforeAll(async () => {
		desk = await openDesk(here.world, join(here.folder, "vouchers"));
	}, 60_000);
	afterAll(() => desk?.close());

	test("is enrolled and sealed, ten times out of ten", async () => {
		console.info(`transport: ${here.world.lab.transport}`);
		for (let phone = 1; phone <= 10; phone += 1) {
			const contractId = `O-${phone}`;
			const handset = await here.world.lab.add();
			handset.setOnline(false);
			await here.world.enterContract(contractId, handset);
			const run = await desk.enroll(contractId, handset);
			expect(run, contractId).toMatchObject({ fault: undefined, queued: false, ends: { seal: "done" } });
			expect(run.notes).toContain(NOTE);
			expect(handset.restrictions()).toContain("debugging");
			expect((await here.world.admin.getContract(contractId)).enrollment?.state).toBe("contacted");
			await handset.close();
		}
	}, 600_000);

	test("whose power fails after the answer is sealed when it starts, and reports it when it finds a network", async () => {
		const contractId = "O-power";
		const handset = await here.world.lab.add();
		handset.setOnline(false);
		await here.world.enterContract(contractId, handset);
		expect(await desk.enroll(contractId, handset, false)).toMatchObject({ fault: undefined });
		const reply = await handset.agent?.cable(encode(wire.CableRequest, { seal: {} }));
		expect(decode(wire.CableReply, reply ?? new Uint8Array()).outcome?.status?.sealed).toBe(true);
		expect(handset.restrictions()).not.toContain("debugging");
		await handset.reboot();
		expect(handset.restrictions()).toContain("debugging");
		handset.setOnline(true);
		await handset.agent?.checkInNow();
		expect((await here.world.admin.getContract(contractId)).enrollment?.state).toBe("sealed");
	}, 60_000);
});
