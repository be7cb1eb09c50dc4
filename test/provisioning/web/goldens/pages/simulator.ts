import type { Show } from "../drawing.ts";
import type { Studio } from "../studio.ts";

const DAY = 24;

/** A life in which nobody pays. */
export async function drawSimulator(studio: Studio, show: Show): Promise<void> {
	const page = await studio.stage.open("/simulator/", {
		nowMs: studio.nowMs(),
		context: { viewport: { width: 1280, height: 800 } },
	});
	const goTo = async (day: number, standing: string) => {
		await page.getByRole("slider").fill(String(day * DAY + 10));
		await page.getByText(`Day ${day}`, { exact: true }).waitFor();
		await page.locator(`.standing.at-${standing}`).waitFor();
	};
	await page.getByRole("figure").waitFor();
	await page.locator("dd.hash").first().waitFor();
	await show(page, "start");
	await page.getByLabel("Story").selectOption("neverPays");
	await goTo(31, "grace");
	await show(page, "in-grace");
	await goTo(45, "full");
	await page.getByRole("button", { name: "Look ahead" }).click();
	await page.locator("section", { hasText: "What comes if nothing else happens" }).locator("li, p").nth(1).waitFor();
	await show(page, "locked-full", { inEveryLanguage: true });
}
