import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";

import { type BuildRequest, buildApk } from "./build-apk.ts";
import { BuildError } from "./build-error.ts";
import { prepareTests } from "./prepare-tests.ts";
import { parseVariant } from "./variant.ts";

const HELP = `scripts/build-apk [--release KEYSTORE [--password-file FILE]] [--variant V] [--out FILE] [--force]

Builds the agent's signed APK: agent/hosts/android/build/holdfast-agent.apk

  --release KEYSTORE    sign with this keystore (PKCS#12, one RSA key) instead of this machine's development key
  --password-file FILE  its password; asked for on the terminal otherwise
  --variant V           testOnly, debuggable, otherSigner or version=N: an APK for tests, under a name of its own
  --out FILE            put a copy there
  --for-tests           make what the Java tests need beside the sources, and no APK
  --force               build even when nothing has changed

Exit codes: 0 built or up to date, 1 sources or a gate, 8 the toolchain cannot be had here, 64 usage.
`;

async function main(args: readonly string[]): Promise<number> {
	const say = (line: string) => void process.stderr.write(`${line}\n`);
	try {
		const { from, request } = parse(args, say);
		if (request === "for-tests") {
			process.stdout.write(`${relative(from, await prepareTests(say))}\n`);
			return 0;
		}
		if (request === "help") {
			process.stdout.write(HELP);
			return 0;
		}
		const started = performance.now();
		const { path, sha256, size, rebuilt } = await buildApk(request);
		const seconds = ((performance.now() - started) / 1000).toFixed(1);
		say(rebuilt ? `built in ${seconds} s: ${size} bytes, sha256 ${sha256}` : `up to date: ${size} bytes, sha256 ${sha256}`);
		process.stdout.write(`${relative(from, path)}\n`);
		return 0;
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
		say(error.message);
		return error.exitCode;
	}
}

function parse(
	args: readonly string[],
	say: (line: string) => void,
): { from: string; request: BuildRequest | "help" | "for-tests" } {
	const { values } = readOptions(args);
	const from = resolve(values["relative-to"] ?? ".");
	if (values.help === true) return { from, request: "help" };
	if (values["for-tests"] === true) return { from, request: "for-tests" };
	const release = values.release === undefined ? undefined : resolve(from, values.release);
	if (release !== undefined && !existsSync(release)) throw new BuildError(64, `there is no keystore ${release}`);
	const passwordFile = values["password-file"];
	if (passwordFile !== undefined && release === undefined) throw new BuildError(64, "--password-file belongs to --release");
	const request: BuildRequest = {
		variant: values.variant === undefined ? { kind: "none" } : parseVariant(values.variant),
		...(release === undefined
			? {}
			: {
					release: {
						keystore: release,
						password: passwordFile === undefined ? "stdin" : `file:${resolve(from, passwordFile)}`,
					},
				}),
		...(values.out === undefined ? {} : { out: resolve(from, values.out) }),
		force: values.force === true,
		say,
	};
	return { from, request };
}

function readOptions(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			options: {
				help: { type: "boolean", short: "h" },
				release: { type: "string" },
				"password-file": { type: "string" },
				variant: { type: "string" },
				out: { type: "string" },
				force: { type: "boolean" },
				"for-tests": { type: "boolean" },
				// The folder where the person stood: the script itself moves to the project's root.
				"relative-to": { type: "string" },
			},
		});
	} catch (error) {
		throw new BuildError(64, `${error instanceof Error ? error.message : String(error)}\n${HELP}`);
	}
}

process.exitCode = await main(process.argv.slice(2));
