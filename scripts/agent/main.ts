import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { scriptArguments } from "../script-arguments.ts";
import { bundleAgent, MOST_BUNDLE_BYTES } from "./bundle-agent.ts";

const USUAL_PLACE = fileURLToPath(new URL("../../agent/hosts/engine/build/agent.js", import.meta.url));

const HELP = "scripts/build-agent [--out FILE]   bundles the agent for an engine without a host";

const { values } = scriptArguments(HELP, {
	options: { out: { type: "string" }, "relative-to": { type: "string", default: process.cwd() } },
});
const out = values.out ? resolve(values["relative-to"], values.out) : USUAL_PLACE;

const bundle = await bundleAgent();
if (bundle.length > MOST_BUNDLE_BYTES) {
	process.stderr.write(`the bundle has ${bundle.length} bytes, at most ${MOST_BUNDLE_BYTES} are allowed; nothing was written\n`);
	process.exit(1);
}
await mkdir(dirname(out), { recursive: true });
await writeFile(`${out}.${process.pid}`, bundle);
await rename(`${out}.${process.pid}`, out);
const sha256 = createHash("sha256").update(bundle).digest("hex");
process.stdout.write(`${out}: ${bundle.length} bytes, ${gzipSync(bundle).length} gzipped, sha256 ${sha256}\n`);
