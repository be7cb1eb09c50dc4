import { type Show, shower, type Wish } from "./drawing.ts";
import { drawBorrower } from "./pages/borrower.ts";
import { drawCheck } from "./pages/check.ts";
import { drawConsole } from "./pages/console.ts";
import { drawDesk } from "./pages/desk.ts";
import { drawSignIn } from "./pages/sign-in.ts";
import { drawSimulator } from "./pages/simulator.ts";
import { drawStation } from "./pages/station.ts";
import { drawTechnician } from "./pages/technician.ts";
import { openStudio, type Studio } from "./studio.ts";

/** Every page, by the name of its folder, and who goes through its states. */
const GALLERIES: Readonly<Record<string, (studio: Studio, show: Show) => Promise<void>>> = {
	console: drawConsole,
	borrower: drawBorrower,
	check: drawCheck,
	"sign-in": drawSignIn,
	simulator: drawSimulator,
	station: drawStation,
	desk: drawDesk,
	technician: drawTechnician,
};

/** Folders of `provisioning/web/` that are pages and are drawn. */
export const DRAWN_PAGES = Object.keys(GALLERIES);

/**
 * Draws what is wanted of these pages, one after another.
 *
 * @throws {RangeError} for a page that is not drawn.
 */
export async function drawPages(names: readonly string[], wish: Wish): Promise<void> {
	const unknown = names.find((name) => !DRAWN_PAGES.includes(name));
	if (unknown !== undefined) throw new RangeError(`there are no pictures of "${unknown}": ${DRAWN_PAGES.join(", ")}`);
	const studio = await openStudio();
	try {
		for (const [name, draw] of Object.entries(GALLERIES)) {
			if (!names.includes(name)) continue;
			await studio.rewind();
			try {
				await draw(studio, shower(name, wish));
			} catch (cause) {
				throw new Error(`the states of "${name}" were not all reached; shown was: ${await shownBy(studio)}`, { cause });
			} finally {
				await studio.clear();
			}
		}
	} finally {
		await studio.close();
	}
}

/** The words of the pages that are open. */
async function shownBy({ stage }: Studio): Promise<string> {
	const pages = stage.browser.contexts().flatMap((context) => context.pages());
	const texts = await Promise.all(pages.map((page) => page.locator("main").innerText({ timeout: 2000 }).catch(String)));
	return texts.join("\n---\n");
}
