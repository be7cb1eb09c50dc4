import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { unzipSync } from "fflate";

import { buildApk } from "../../../../scripts/apk/build-apk.ts";
import { run } from "../../../../scripts/apk/run.ts";
import type { Workshop } from "./engines.ts";

/**
 * The dex of the APK, turned back into classes that a JVM runs. What stands between javac and a phone is then exercised: dx, which
 * nobody maintains.
 */
export async function backFromDex({ root, folder }: Workshop): Promise<string> {
	const work = join(folder, "dex");
	mkdirSync(work, { recursive: true });
	const { path } = await buildApk({ variant: { kind: "none" }, say: () => {} });
	const dex = unzipSync(readFileSync(path), { filter: ({ name }) => name === "classes.dex" })["classes.dex"];
	if (!dex) throw new Error("the APK has no classes.dex");
	writeFileSync(join(work, "classes.dex"), dex);
	const jar = join(work, "back.jar");
	run("python3", ["-O", "-m", "enjarify.main", "-f", "-o", jar, join(work, "classes.dex")], {
		env: { PYTHONPATH: join(root, "usr/lib/python3/dist-packages") },
	});
	return jar;
}
