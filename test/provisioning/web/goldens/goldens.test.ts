import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import { ROOT } from "../../../house/source-tree.ts";
import { noBrowser } from "../chromium.ts";
import { browserVersion } from "../registry-stage.ts";
import type { Look } from "./drawing.ts";
import { DRAWN_PAGES, drawPages } from "./galleries.ts";
import { compared, keptOrigin, nameOf, picturesOf } from "./golden-store.ts";
import { originHere, whyDifferent } from "./origin.ts";
import { agentApk } from "./studio.ts";

const FOLDER = join(ROOT, "provisioning/web");
/** Of each state what breaks first: a laptop in light, a small phone in dark. `scripts/screenshots` draws the others. */
const isDrawnHere = ({ theme, width, language }: Look) =>
	language === "en" && ((theme === "light" && width === 1280) || (theme === "dark" && width === 320));

it("has pictures of every page", async () => {
	const pages = readdirSync(FOLDER, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && readdirSync(join(FOLDER, entry.name)).includes("index.html"))
		.map(({ name }) => name);
	expect([...DRAWN_PAGES].sort()).toEqual(pages.sort());
	for (const page of DRAWN_PAGES) expect([page, (await picturesOf(page)).length > 0]).toEqual([page, true]);
});

async function whyNot(): Promise<string | undefined> {
	if (noBrowser !== undefined) return noBrowser;
	if (agentApk === undefined) return "the agent's APK that desks hand out is not built";
	const kept = await keptOrigin();
	return kept === undefined ? "there are none yet" : whyDifferent(kept, await originHere(await browserVersion()));
}
const reason = await whyNot();
if (reason !== undefined) console.warn(`The pages were not compared with their pictures: ${reason}`);

describe.skipIf(reason !== undefined)("the pages", { timeout: 400_000 }, () => {
	const differences: string[] = [];
	const drawn: Look[] = [];
	beforeAll(async () => {
		await drawPages(DRAWN_PAGES, {
			wants: isDrawnHere,
			size: "kept",
			isAudited: false,
			async take(look, { kept }, isLast) {
				if (!kept) return true;
				const difference = await compared(look, kept);
				if (difference !== undefined && !isLast) return false;
				drawn.push(look);
				if (difference !== undefined) differences.push(difference);
				return true;
			},
			report: () => {},
		});
	}, 400_000);

	it("look as in their pictures", () => expect(differences).toEqual([]));

	it("reach every state that there is a picture of", async () => {
		for (const page of DRAWN_PAGES) {
			const here = drawn.filter((look) => look.page === page).map(nameOf);
			const kept = (await picturesOf(page)).filter((name) => /-(?:light-1280|dark-320)$/.test(name));
			expect([page, here.sort()]).toEqual([page, [...kept].sort()]);
		}
	});
});
