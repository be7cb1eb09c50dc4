import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/** Beside the sources, so that packages are found from it; nothing of it is kept in the repository. */
const OUT = fileURLToPath(new URL("build/worker.mjs", import.meta.url));

/** The fuzzer's thread as one file of our own code: it starts at once, and V8 counts what of it ran apart from the packages. */
export async function bundleWorker(): Promise<string> {
	await mkdir(fileURLToPath(new URL("build/", import.meta.url)), { recursive: true });
	await build({
		entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))],
		outfile: OUT,
		bundle: true,
		packages: "external",
		platform: "node",
		format: "esm",
		target: "node20",
		logLevel: "error",
		// everyMessage() reads the schemas beside its source; a bundle has to be told where that was.
		define: { "import.meta.url": JSON.stringify(new URL("../proto/every-message.ts", import.meta.url).href) },
	});
	return OUT;
}
