import { daysGoBy } from "../../../../e2e/journey.ts";
import { sampleContract } from "../../../../e2e/sample-contract.ts";
import { START } from "../../../registry/test-registry.ts";
import { openDeskStage } from "../../desk/desk-stage.ts";
import { openTechnicianStage } from "../../technician/technician-stage.ts";
import type { Show } from "../drawing.ts";
import type { Studio } from "../studio.ts";

/** A locked and sealed phone on the bench, until it is free. */
export async function drawTechnician(studio: Studio, show: Show): Promise<void> {
	const { registry, browser } = studio.stage;
	const lab = await studio.lab();
	const handset = await lab.add({ serial: "VH000201", profile: "hyperos2-a15-global" });
	await registry.admin.createContract(sampleContract("T-1001", handset.imeis, START));
	const shop = await openDeskStage(studio.world, browser);
	const sale = await shop.open({ nowMs: studio.nowMs() });
	sale.plug(handset);
	await sale.toPhone("T-1001");
	await sale.press("Choose the phone");
	await sale.press("Yes, this phone");
	await sale.page.getByRole("heading", { name: "The phone is enrolled" }).waitFor();
	await shop.close();
	await handset.agent?.checkInNow(); // says that it is sealed
	handset.setOnline(false);
	await daysGoBy(lab, [handset], 31);
	registry.now = Math.floor(lab.clock.nowMs() / 1000);

	const stage = await openTechnicianStage(studio.world, browser);
	studio.later(() => stage.close());
	const scene = await stage.open({ nowMs: studio.nowMs() });
	const { page, press, told, find } = scene;
	await show(page, "start", { inEveryLanguage: true });
	await find(handset.imeis[0] ?? "");
	await told("this phone cannot be released");
	await show(page, "still-owed");
	await registry.admin.payOff("T-1001", { reference: "T-1001-PAID" });
	await press("Another phone");
	await find("T-1001");
	await press("Release the phone");
	await told("First open the phone");
	const asked = String(handset.screen()?.shown["requestNumber"]);
	await page.getByLabel("Request number, eight digits").fill(asked);
	await press("Make the code");
	const shown = page.locator(".code-shown");
	await shown.waitFor();
	const masks = [
		{ pattern: asked, shown: "30417418" },
		{ pattern: `^${(await shown.innerText()).trim()}$`, shown: "1234 5678 9012 3" },
	];
	await show(page, "locked-phone", { masks, inEveryLanguage: true });
	await handset.agent?.enterCode(await shown.innerText());
	await handset.plug();
	scene.plug(handset);
	await press("Choose the phone");
	await told("Is this the phone in your hand?");
	await show(page, "confirm", { masks });
	await press("Yes, this phone");
	await page.getByRole("heading", { name: "The phone is free" }).waitFor();
	await show(page, "certificate", { masks, hidden: [".square-code"], inEveryLanguage: true });
}
