import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where the browser is that pages are looked at in; `undefined`: in no place that we know. */
export const chromiumPath = PLACES.find((place) => place !== "" && existsSync(place));

/** Why nothing can be looked at in a browser here; `undefined` if it can. */
export const noBrowser =
	chromiumPath === undefined ? "Chromium is not installed. On Debian: apt-get install chromium" : undefined;

/** @throws {Error} {@link noBrowser}. */
export function launchChromium(): Promise<Browser> {
	if (chromiumPath === undefined) throw new Error(noBrowser);
	// Root has no sandbox, and a container little shared memory.
	return chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
