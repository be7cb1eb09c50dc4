import { TestPhone } from "../../../registry/test-phone.ts";
import { DAY, START } from "../../../registry/test-registry.ts";
import { makeBorrower, OVERDUE_FULL } from "../../borrower/borrower-in-state.ts";
import type { Show } from "../drawing.ts";
import { imeiOf } from "../imei-of.ts";
import type { Studio } from "../studio.ts";

/** A borrower who is late, and one who says that it is wrong. */
export async function drawBorrower(studio: Studio, show: Show): Promise<void> {
	const { stage } = studio;
	const context = { viewport: { width: 1280, height: 800 } };
	const late = await makeBorrower(stage.registry, "B-1001", {}, new TestPhone([imeiOf(300), imeiOf(301)]));
	stage.registry.now = START + 40 * DAY;
	await stage.registry.admin.issueOrder("B-1001", { action: "restrict", level: "full", reason: "overdue", note: "unpaid" });
	await late.reports(OVERDUE_FULL);
	await late.reports(
		{ ...OVERDUE_FULL, wrongfulLockMinutes: 90 },
		{ outcomes: late.phone.outcomes.map((outcome) => ({ ...outcome, result: 3, rule: "F3" })) },
	);
	const page = await stage.open("/borrower/", { nowMs: studio.nowMs(), context });
	const told = (text: string | RegExp) => page.getByText(text).first().waitFor();
	const button = (name: string) => page.getByRole("button", { name });
	await show(page, "sign-in", { inEveryLanguage: true });
	await page.getByLabel("Contract number").fill("B-1001");
	await page.getByLabel("Code", { exact: true }).fill(late.code);
	await button("Open my contract").click();
	await page.locator(".status-line").waitFor();
	await show(page, "overdue", { inEveryLanguage: true });
	await page.getByLabel("What is wrong?").fill("I paid at the shop on 2 July. Receipt 4471.");
	await button("Send to the lender").click();
	await told("It was sent.");
	await show(page, "dispute");

	const paid = await makeBorrower(stage.registry, "B-1002", {}, new TestPhone([imeiOf(302), imeiOf(303)]));
	await stage.registry.admin.recordPayment("B-1002", { reference: "B-1002-1", amountMinor: 2000 });
	await paid.reports({});
	const other = await stage.open("/borrower/#contract=B-1002", { nowMs: studio.nowMs(), context });
	await other.getByLabel("Code", { exact: true }).fill(paid.code);
	await other.getByRole("button", { name: "Open my contract" }).click();
	await other.locator(".status-line").waitFor();
	await show(other, "paid-up");
}
