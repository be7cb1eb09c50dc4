import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds wrong with a page, as `rule: where why`. */
export async function axeViolations(page: Page): Promise<string[]> {
	await page.evaluate(AXE);
	const found: unknown = await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(STANDARD)} }).then(({ violations }) =>
		violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ": " + target.join(" ") + " " + failureSummary.slice(0, 160))))`);
	return found as string[]; // made in the line before
}
