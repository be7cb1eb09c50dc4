import { wire } from "../../../../../proto/wire.ts";
import { TestPhone } from "../../../registry/test-phone.ts";
import { contractRequest, DAY, START } from "../../../registry/test-registry.ts";
import { LOCKED, openConsoleStage, withTerms } from "../../console/console-stage.ts";
import type { Show } from "../drawing.ts";
import { imeiOf } from "../imei-of.ts";
import type { Studio } from "../studio.ts";

const { STANDING_UNLOCKED, STANDING_GRACE } = wire.Standing;

/** A lender's day: who is late, what stands against a lock, who agrees to it. */
export async function drawConsole(studio: Studio, show: Show): Promise<void> {
	const { registry } = studio.stage;
	const stage = await openConsoleStage(studio.stage);
	const phones = new Map<string, TestPhone>();
	for (const [index, id] of ["L-1001", "L-1002", "L-1003", "L-1004", "L-1005"].entries()) {
		const phone = new TestPhone([imeiOf(100 + 2 * index), imeiOf(101 + 2 * index)]);
		phones.set(id, phone);
		await stage.enroll(id, { standing: STANDING_UNLOCKED }, withTerms({ accountShown: `00-${1001 + index}` }), phone);
	}
	await registry.admin.createContract(contractRequest("L-1006"));
	await registry.admin.recordPayment("L-1001", { reference: "L-1001-1", amountMinor: 2000 });
	await registry.admin.recordPayment("L-1002", { reference: "L-1002-1", amountMinor: 1000 });
	registry.now = START + 45 * DAY;
	const report = async (id: string, status: wire.DeviceStatus.$Properties) => {
		const phone = phones.get(id);
		if (phone) await stage.report(phone, status);
	};
	await report("L-1002", LOCKED);
	await report("L-1003", LOCKED);
	await report("L-1004", { standing: STANDING_GRACE });
	await registry.admin.issueOrder("L-1003", {
		action: "hold",
		kind: "dispute",
		reason: "dispute",
		untilUnixSeconds: registry.now + 14 * DAY,
	});
	for (let index = 1; index <= 5; index += 1)
		await registry.admin
			.issueOrder("L-1005", {
				action: "restrict",
				level: "limited",
				reason: "fraud",
				note: "police report 17",
				requestId: `g-${index}`,
			})
			.catch(() => {}); // refused beyond the limit, which is what comes next

	const agent = await stage.person(["agent"], { name: "Asha R.", timezoneId: "UTC", viewport: { width: 1280, height: 800 } });
	const { page } = agent;
	const told = (text: string | RegExp) => page.getByText(text).first().waitFor();
	const button = (name: string | RegExp) => page.getByRole("button", { name });
	await agent.goto();
	await page.getByRole("link", { name: "L-1003" }).waitFor();
	await show(page, "list", { inEveryLanguage: true });
	await agent.goto("?contract=L-1003");
	await page.getByRole("heading", { name: "Contract L-1003" }).waitFor();
	await page.waitForLoadState("networkidle");
	await show(page, "story", { inEveryLanguage: true });
	// Hundreds of orders and payments would make the same line.
	const stories = "**/v1/contracts/L-1002/story*";
	await page.route(stories, async (route) => {
		const response = await route.fetch();
		await route.fulfill({ response, json: { ...(await response.json()), leftOut: ["orders", "payments", "standingChanges"] } });
	});
	await agent.goto("?contract=L-1002");
	await told("Only the latest rows are shown here.");
	await page.waitForLoadState("networkidle");
	await show(page, "story-left-out");
	await page.unroute(stories);
	await agent.goto("?contract=L-1004");
	await button(/exact|program/i)
		.first()
		.click();
	await page.locator(".timeline").nth(1).waitFor();
	await show(page, "ladder");
	await agent.goto("?contract=L-1005&act=restrict");
	await page.getByLabel("Limited").check();
	await page.getByLabel("Payment overdue").check();
	await page.getByLabel("Why, in your own words").fill("asked by the branch");
	await button("Check first").click();
	await told("This takes a second person.");
	await show(page, "restrict-checked", { inEveryLanguage: true });
	await button("Restrict this phone…").click();
	const dialog = page.getByRole("dialog");
	await dialog.getByRole("textbox").fill(phones.get("L-1005")?.identity.imei1.slice(-4) ?? "");
	await show(page, "restrict-which-phone");
	await dialog.getByRole("button", { name: "Yes, this phone" }).click();
	await page.getByLabel("Why it is right").fill("the list was looked at");
	await button("Ask a second person").click();
	await told("Asked. Once somebody agreed");

	const second = await stage.person(["admin"], { name: "Budi S.", timezoneId: "UTC", viewport: { width: 1280, height: 800 } });
	await second.goto("?view=approvals");
	await second.page.getByText("the list was looked at").waitFor();
	await show(second.page, "approvals");
	await second.goto("?view=fleet");
	await second.page.locator("h2").first().waitFor();
	await second.page.waitForLoadState("networkidle");
	await show(second.page, "fleet");
	await agent.close();
	await second.close();
}
