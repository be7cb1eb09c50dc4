import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { type Command, InvalidArgumentError, Option } from "commander";

import { type AgentApk, agentApk } from "../handset/packages.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { UsageError } from "./usage-error.ts";

export interface ApkFlags {
	readonly apk?: string;
	readonly apkSigner?: string;
}

export function withApkFlags(command: Command): Command {
	return command
		.option("--apk <file>", "the agent's APK (default: the one beside this tool)")
		.addOption(
			new Option("--apk-signer <sha256>", "the one certificate that may have signed it (default: any)")
				.argParser(digest)
				.env("HOLDFAST_APK_SIGNER"),
		);
}

/** Reads and checks the agent's APK once; the same bytes go to every handset. */
export async function readAgentApk({ apk }: ApkFlags): Promise<AgentApk> {
	for (const path of apk === undefined ? defaultPaths() : [apk]) {
		const bytes = await readFile(path).catch(() => undefined);
		if (bytes) return agentApk(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), createNodeCrypto());
	}
	throw new UsageError(
		apk === undefined
			? "the agent's APK is missing: run scripts/build-apk, or name one with --apk FILE"
			: `--apk ${apk}: cannot be read`,
	);
}

/** In a checkout it is where scripts/build-apk puts it; an installed package carries it beside the bundle. */
function defaultPaths(): string[] {
	const here = dirname(fileURLToPath(import.meta.url));
	return [join(here, "holdfast-agent.apk"), join(here, "../../../agent/hosts/android/build/holdfast-agent.apk")];
}

function digest(text: string): string {
	const digits = text.replaceAll(":", "").toLowerCase();
	if (!/^[0-9a-f]{64}$/.test(digits))
		throw new InvalidArgumentError("64 hex digits, as apksigner verify --print-certs prints them.");
	return digits;
}
