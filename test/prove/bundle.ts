import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A small change to one shipped file: exactly one place, or it is an error. */
export interface Patch {
	readonly file: string;
	readonly find: string;
	readonly replace: string;
}

/** Bundles the search with the agent as it is shipped, or with patches to it. */
export async function bundleWorker(outfile: string, patches: readonly Patch[] = []): Promise<void> {
	const used = new Set<Patch>();
	const patched: Plugin = {
		name: "patch",
		setup({ onLoad }) {
			onLoad({ filter: /\/(agent|proto)\/.*\.ts$/ }, async ({ path }) => {
				const mine = patches.filter(({ file }) => file === relative(root, path));
				if (mine.length === 0) return undefined;
				let contents = await readFile(path, "utf8");
				for (const patch of mine) {
					contents = applied(contents, patch);
					used.add(patch);
				}
				return { contents, loader: "ts" };
			});
		},
	};
	await build({
		entryPoints: [join(root, "test/prove/worker.ts")],
		outfile,
		bundle: true,
		format: "esm",
		platform: "node",
		target: "node20",
		logLevel: "error",
		plugins: [patched],
		banner: {
			js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
		},
	});
	for (const patch of patches) if (!used.has(patch)) throw new Error(`nothing loads ${patch.file}`);
}

/** @throws {Error} if the text to find is there more often than once, or not at all. */
export function applied(contents: string, { file, find, replace }: Patch): string {
	const count = contents.split(find).length - 1;
	if (count !== 1) throw new Error(`${file}: the text to patch is there ${count} times: ${find}`);
	return contents.replace(find, () => replace);
}
