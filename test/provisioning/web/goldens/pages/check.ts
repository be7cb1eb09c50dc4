import { wire } from "../../../../../proto/wire.ts";
import { TestPhone } from "../../../registry/test-phone.ts";
import { makeBorrower, SHOWN } from "../../borrower/borrower-in-state.ts";
import type { Show } from "../drawing.ts";
import { imeiOf } from "../imei-of.ts";
import type { Studio } from "../studio.ts";

/** A buyer before a phone: every answer there is. */
export async function drawCheck(studio: Studio, show: Show): Promise<void> {
	const { stage } = studio;
	const borrower = await makeBorrower(stage.registry, "Q-1001", {}, new TestPhone([imeiOf(400), imeiOf(401)]));
	const page = await stage.open("/check/", { nowMs: studio.nowMs(), context: { viewport: { width: 1280, height: 800 } } });
	const told = (text: string) => page.getByText(text).first().waitFor();
	const ask = async (imei: string) => {
		await page.getByLabel("IMEI", { exact: true }).fill(imei);
		await page.getByRole("button", { name: "Check this phone" }).click();
	};
	await show(page, "first-screen");
	await ask(imeiOf(499));
	await told("This lender does not know the phone.");
	await show(page, "unknown");
	await ask(imeiOf(400));
	await told("Do not pay for this phone now.");
	await show(page, "financed", { inEveryLanguage: true });
	await page.getByLabel("The 8 digits on the phone").fill(SHOWN);
	await page.getByLabel("The 8 digits on the phone").press("Enter");
	await told("Yes. The phone that shows these digits");
	await show(page, "same-phone");
	const { certificateId = "" } = await stage.registry.admin.payOff("Q-1001", { reference: "all-paid" });
	await borrower.reports({ standing: wire.Standing.STANDING_RELEASED, ownershipReturned: true });
	await ask(imeiOf(400));
	await told("This phone is free.");
	await page.getByLabel("Certificate number").fill(certificateId);
	await page.getByRole("button", { name: "Check the certificate" }).click();
	await told("The phone has reported that it is free for ever.");
	await show(page, "clear");
}
