import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Bytes of a built page's scripts as they go over a line: gzipped, each by itself. */
export interface PageWeight {
	/** What the index asks for, with all that it imports: nothing is shown before that. */
	readonly first: number;
	/** Every script of the page, whatever is done there; its service worker left out. */
	readonly all: number;
}

/** @param folder a built page, such as `provisioning/web/build/desk`. @param base where it is served, such as `/desk/`. */
export function pageWeight(folder: string, base: string): PageWeight {
	const index = readFileSync(join(folder, "index.html"), "utf8");
	const first = new RegExp(`src="${base}(assets/[^"]+\\.js)"`).exec(index)?.[1];
	if (first === undefined) throw new Error(`${folder}: the index names no script`);
	const seen = new Set<string>();
	const take = (file: string) => {
		if (seen.has(file)) return;
		seen.add(file);
		const text = readFileSync(join(folder, file), "utf8");
		for (const [, from, bare] of text.matchAll(/from\s*"\.\/([^"]+\.js)"|import\s*"\.\/([^"]+\.js)"/g)) {
			const next = from ?? bare;
			if (next !== undefined) take(`assets/${next}`);
		}
	};
	take(first);
	const weigh = (files: Iterable<string>) =>
		[...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0);
	const scripts = readdirSync(join(folder, "assets")).filter((file) => file.endsWith(".js"));
	return { first: weigh(seen), all: weigh(scripts.map((file) => `assets/${file}`)) };
}
