import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { misused, scriptArguments } from "../../../../scripts/script-arguments.ts";
import { noBrowser } from "../chromium.ts";
import { browserVersion } from "../registry-stage.ts";
import { contactSheet } from "./contact-sheet.ts";
import type { Look } from "./drawing.ts";
import { DRAWN_PAGES, drawPages } from "./galleries.ts";
import { compared, forgetOthers, keepOrigin, kept, keptOrigin, nameOf, PICTURES } from "./golden-store.ts";
import { originHere, whyDifferent } from "./origin.ts";

const HELP = `scripts/screenshots [PAGE ...]                  compares with the pictures that are kept; exits 1 if one differs or axe finds something
scripts/screenshots [PAGE ...] --update         keeps what was drawn
scripts/screenshots [PAGE ...] --sheet FOLDER   puts large pictures and a contact sheet of each page there
Pages: ${DRAWN_PAGES.join(", ")}`;

const { values, positionals } = scriptArguments(HELP, {
	options: { update: { type: "boolean", default: false }, sheet: { type: "string" } },
	allowPositionals: true,
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const unknown = positionals.filter((name) => !DRAWN_PAGES.includes(name));
if (unknown.length > 0) misused(HELP, `no page ${unknown.join(", ")}`);
if (noBrowser !== undefined) {
	process.stderr.write(`${noBrowser}\n`);
	process.exit(1);
}
const pages = positionals.length > 0 ? positionals : DRAWN_PAGES;
const { update, sheet } = values;
const here = await originHere(await browserVersion());
const from = await keptOrigin();
const odd = from && whyDifferent(from, here);
if (odd !== undefined && !(update && pages.length === DRAWN_PAGES.length) && sheet === undefined) {
	process.stderr.write(`${odd}. Draw them all anew: scripts/screenshots --update\n`);
	process.exit(1);
}

const startedMs = performance.now();
const looks: Look[] = [];
const problems = new Map<string, string[]>();
const axeFound = new Map<string, number>();
let changed = 0;
const blame = (page: string, lines: readonly string[]) => problems.set(page, [...(problems.get(page) ?? []), ...lines]);
await drawPages(pages, {
	wants: () => true,
	size: sheet === undefined ? "kept" : update ? "both" : "sheet",
	isAudited: true,
	async take(look, { kept: small, sheet: large }, isLast) {
		const difference = small && !update ? await compared(look, small) : undefined;
		if (difference !== undefined && !isLast) return false;
		looks.push(look);
		if (large && sheet !== undefined) {
			const folder = join(sheet, look.page);
			await mkdir(folder, { recursive: true });
			await writeFile(join(folder, `${nameOf(look)}.png`), large);
		}
		if (small && update && (await kept(look, small))) changed += 1;
		if (difference !== undefined) {
			changed += 1;
			blame(look.page, [difference]);
		}
		return true;
	},
	report(look, found) {
		axeFound.set(look.page, (axeFound.get(look.page) ?? 0) + found.filter((line) => !/^(?:wide|cut): /.test(line)).length);
		blame(
			look.page,
			found.map((line) => `${look.page}/${nameOf(look)}: ${line}`),
		);
	},
});

const rows = pages.map((page) => {
	const own = looks.filter((look) => look.page === page);
	const states = new Set(own.map(({ state }) => state)).size;
	const lines = problems.get(page) ?? [];
	return [page, states, own.length, axeFound.get(page) ?? 0, lines.length - (axeFound.get(page) ?? 0)] as const;
});
for (const page of pages) {
	const own = looks.filter((look) => look.page === page);
	if (update) {
		const gone = await forgetOthers(page, new Set(own.map(nameOf)));
		if (gone.length > 0) say(`${page}: no longer drawn, removed: ${gone.join(", ")}`);
		await writeFile(join(PICTURES, page, "sheet.html"), contactSheet(page, own));
	}
	if (sheet !== undefined) await writeFile(join(sheet, page, "sheet.html"), contactSheet(page, own));
}
if (update) await keepOrigin(here);

for (const lines of problems.values()) for (const line of lines) say(line);
const table = [["page", "states", "pictures", "axe", "other"], ...rows.map((row) => row.map(String))];
for (const row of table) say(row.map((cell, column) => (column === 0 ? cell.padEnd(12) : cell.padStart(9))).join(""));
say(
	`${looks.length} pictures, ${changed} ${update ? "changed" : "differ"}, ${Math.round((performance.now() - startedMs) / 1000)} s`,
);
process.exitCode = [...problems.values()].some((lines) => lines.length > 0) ? 1 : 0;
