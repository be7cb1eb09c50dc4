import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** What a picture depends on besides the pages: pictures of different origins cannot be compared. */
export interface Origin {
	/** As the browser says it itself. */
	readonly chromium: string;
	/** What stands in for each family that the pages name, as `family: file name, digest of the file`. */
	readonly fonts: readonly string[];
}

const FAMILIES = ["system-ui", "sans-serif", "monospace", "sans-serif:lang=hi"];

/** Of this machine. Without fontconfig the fonts are none, and no golden is of them. */
export async function originHere(browserVersion: string): Promise<Origin> {
	const run = promisify(execFile);
	const fonts: string[] = [];
	for (const family of FAMILIES) {
		try {
			const { stdout } = await run("fc-match", ["--format=%{file}", family], { timeout: 10_000 });
			const sha256 = createHash("sha256")
				.update(await readFile(stdout))
				.digest("hex");
			fonts.push(`${family}: ${stdout.split("/").at(-1)}, ${sha256.slice(0, 16)}`);
		} catch {
			fonts.push(`${family}: not found`);
		}
	}
	return { chromium: browserVersion, fonts };
}

/** Why pictures of one origin say nothing about another; `undefined` where they do. */
export function whyDifferent(kept: Origin, here: Origin): string | undefined {
	if (kept.chromium !== here.chromium) return `Chromium is ${here.chromium}, and the pictures were drawn by ${kept.chromium}`;
	const odd = kept.fonts.find((font) => !here.fonts.includes(font));
	return odd === undefined
		? undefined
		: `the pictures were drawn with the font ${odd}, and here there is ${here.fonts.join("; ")}`;
}
