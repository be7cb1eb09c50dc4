import { sampleContract } from "../../../../e2e/sample-contract.ts";
import { START } from "../../../registry/test-registry.ts";
import { openDeskStage } from "../../desk/desk-stage.ts";
import type { Show } from "../drawing.ts";
import type { Studio } from "../studio.ts";

/** A sale in a shop, from a computer that cannot do it to the receipt. */
export async function drawDesk(studio: Studio, show: Show): Promise<void> {
	const { admin } = studio.stage.registry;
	const lab = await studio.lab();
	const stage = await openDeskStage(studio.world, studio.stage.browser);
	studio.later(() => stage.close());
	const context = { timezoneId: "UTC", viewport: { width: 1280, height: 800 } };
	const open = (more: object = {}) => stage.open({ context, nowMs: studio.nowMs(), ...more });
	const bad = await open({ noUsb: true, before: "delete Navigator.prototype.usb" });
	await bad.told("Put the marked lines right first.");
	await show(bad.page, "preflight-red", { inEveryLanguage: true });

	const stubborn = await lab.add({ serial: "VH000101", faults: ["security-toggle-off"] });
	await admin.createContract(sampleContract("D-1001", stubborn.imeis, START));
	const scene = await open();
	const { page, press, told } = scene;
	await told("Everything is ready.");
	await show(page, "first-screen");
	await press("Go to the contract");
	await press("It is a new contract");
	await press("Show the terms");
	await told("Look at the marked fields again.");
	await show(page, "contract-form", { inEveryLanguage: true });
	await page.getByLabel("Contract number").first().fill("D-1001");
	await press("Find it");
	await told("Show this to the borrower");
	await show(page, "terms");
	await page.getByRole("checkbox").check();
	await press("Go to the phone");
	await told("Connect the phone");
	scene.plug(stubborn);
	await press("Choose the phone");
	await told("XIAOMI_SECURITY_TOGGLE_OFF");
	await show(page, "fault", { inEveryLanguage: true });

	const handset = await lab.add({ serial: "VH000102" });
	await admin.createContract(sampleContract("D-1002", handset.imeis, START));
	const sale = await open();
	sale.plug(handset);
	await sale.toPhone("D-1002");
	await sale.press("Choose the phone");
	await sale.told("Is this the phone in your hand?");
	await show(sale.page, "confirm");
	handset.freeze();
	await sale.press("Yes, this phone");
	await sale.page.locator("[aria-current=step]").first().waitFor();
	await show(sale.page, "running");
	handset.thaw();
	await sale.page.getByRole("heading", { name: "The phone is enrolled" }).waitFor();
	await show(sale.page, "receipt", { hidden: [".square-code"] });

	const remote = await lab.add({ serial: "VH000103" });
	await admin.createContract(sampleContract("D-1003", remote.imeis, START));
	const trip = await open();
	await trip.press("Go to the contract");
	await trip.page.getByText("Make a contract ready").click();
	await trip.page.getByLabel("Number of the contract").fill("D-1003");
	await trip.page.getByLabel("First IMEI").fill(remote.imeis[0] ?? "");
	await trip.page.getByLabel("Second IMEI").fill(remote.imeis[1] ?? "");
	await trip.page.getByLabel("Serial number that the phone tells").fill(remote.serial);
	await trip.press("Fetch the voucher");
	await trip.told("D-1003 is ready.");
	await show(trip.page, "made-ready", { inEveryLanguage: true });
	await trip.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	trip.isOnline = false;
	await trip.page.reload();
	await trip.told("this computer is ready to work without it");
	await show(trip.page, "without-network", { inEveryLanguage: true });
}
