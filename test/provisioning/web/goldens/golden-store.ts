import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { ROOT } from "../../../house/source-tree.ts";
import type { Look } from "./drawing.ts";
import type { Origin } from "./origin.ts";
import { differenceOf, quantised } from "./picture.ts";

/** The pictures that are kept, in a folder for each page. */
export const PICTURES = join(ROOT, "test/provisioning/web/goldens/pictures");
/** Where the pictures of differences are put; not kept. */
const DIFFERENCES = join(ROOT, ".cache/goldens");
const ORIGIN = join(PICTURES, "origin.json");

/** `overdue-dark-320`; in another language `overdue-hi-320`. */
export function nameOf({ state, theme, width, language }: Look): string {
	return `${state}-${language === "en" ? theme : language}-${width}`;
}

export const pathOf = (look: Look): string => join(PICTURES, look.page, `${nameOf(look)}.png`);

/** What the pictures were drawn with; `undefined` before there are any. */
export async function keptOrigin(): Promise<Origin | undefined> {
	const text = await readFile(ORIGIN, "utf8").catch(() => undefined);
	return text === undefined ? undefined : (JSON.parse(text) as Origin); // written by the function below
}

export async function keepOrigin(origin: Origin): Promise<void> {
	await mkdir(PICTURES, { recursive: true });
	await writeFile(ORIGIN, `${JSON.stringify(origin, undefined, "\t")}\n`);
}

/** What is wrong with a picture that was drawn again; `undefined` if it is as it was. */
export async function compared(look: Look, png: Buffer): Promise<string | undefined> {
	const golden = await readFile(pathOf(look)).catch(() => undefined);
	const drawn = quantised(png);
	const place = join(DIFFERENCES, look.page, nameOf(look));
	if (golden === undefined) return `${look.page}/${nameOf(look)}: there is no such picture yet`;
	if (golden.equals(drawn)) return undefined;
	const { isSame, pixels, picture } = differenceOf(golden, drawn);
	if (isSame) return undefined;
	await mkdir(dirname(place), { recursive: true });
	await writeFile(`${place}.drawn.png`, drawn);
	await writeFile(`${place}.difference.png`, picture);
	return `${look.page}/${nameOf(look)}: ${pixels} pixels differ, see ${place}.difference.png`;
}

/** Keeps a picture if it differs from the one that is kept; answers whether it did. */
export async function kept(look: Look, png: Buffer): Promise<boolean> {
	const path = pathOf(look);
	const before = await readFile(path).catch(() => undefined);
	const drawn = quantised(png);
	if (before !== undefined && differenceOf(before, drawn).isSame) return false;
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, drawn);
	return true;
}

/** Removes a page's pictures that nobody drew this time. */
export async function forgetOthers(page: string, names: ReadonlySet<string>): Promise<readonly string[]> {
	const gone = (await picturesOf(page)).filter((name) => !names.has(name));
	for (const name of gone) await rm(join(PICTURES, page, `${name}.png`));
	return gone;
}

/** Names of the pictures of a page. */
export async function picturesOf(page: string): Promise<readonly string[]> {
	const files = await readdir(join(PICTURES, page)).catch((): string[] => []);
	return files.filter((file) => file.endsWith(".png")).map((file) => file.slice(0, -".png".length));
}
