// Generates proto/generated/holdfast.{js,d.ts} from proto/holdfast/v1/*.proto. Run by `npm run codec` and by scripts/test;
// does nothing when the generated files are newer than every schema.
import { execFile } from "node:child_process";
import { mkdir, readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const schemaFolder = join(root, "proto/holdfast/v1");
const output = join(root, "proto/generated/holdfast.js");

const schemas = (await readdir(schemaFolder))
	.filter((name) => name.endsWith(".proto"))
	.sort()
	.map((name) => join(schemaFolder, name));

const modified = async (path) => (await stat(path).catch(() => undefined))?.mtimeMs;
const built = Math.min((await modified(output)) ?? 0, (await modified(output.replace(/js$/, "d.ts"))) ?? 0);
const sources = await Promise.all([...schemas, fileURLToPath(import.meta.url)].map(modified));

if (sources.some((time) => time > built)) {
	await mkdir(dirname(output), { recursive: true });
	const require = createRequire(import.meta.url);
	const pbjs = join(dirname(require.resolve("protobufjs-cli/package.json")), "bin/pbjs");
	// --force-number: 64-bit fields are numbers; proto/codec.ts refuses what a number cannot hold.
	await promisify(execFile)(process.execPath, [
		pbjs,
		...["--target", "static-module", "--wrap", "esm", "--dts", "--force-number"],
		...["--alt-comment", "--no-create", "--no-verify", "--no-delimited", "--no-typeurl", "--no-service"],
		...["--path", join(root, "proto"), "--root", "holdfast", "--out", output],
		...schemas,
	]);
	console.error(`generated proto/generated/holdfast.js from ${schemas.length} schemas`);
}
