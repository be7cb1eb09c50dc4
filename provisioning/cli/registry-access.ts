import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { type Command, Option } from "commander";

import type { RegistryPort } from "../procedure/registry-port.ts";
import { type AdminClient, createAdminClient } from "../registry/admin-client.ts";
import { createRegistryClient } from "../registry/client.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import type { RegistryAddress } from "../registry/registry-call.ts";
import type { CommandContext } from "./context.ts";
import { UsageError } from "./usage-error.ts";

const DEFAULT_URL = "http://127.0.0.1:8080";

export interface RegistryFlags {
	readonly registry: string;
	readonly tokenFile?: string;
	readonly pinKeySet?: string;
}

export function withRegistryFlags(command: Command): Command {
	return command
		.addOption(new Option("--registry <url>", "base URL of the registry").env("HOLDFAST_REGISTRY").default(DEFAULT_URL))
		.addOption(new Option("--token-file <file>", "file with the registry's admin token").env("HOLDFAST_TOKEN_FILE"))
		.addOption(
			new Option("--pin-key-set <sha256>", "the lender's first key set must be this one (default: trusted on first use)").env(
				"HOLDFAST_PIN_KEY_SET",
			),
		);
}

/** Where `holdfast serve` keeps its things unless told otherwise. */
export function defaultDataFolder(environment: NodeJS.ProcessEnv): string {
	return environment.HOLDFAST_DATA ?? join(environment.XDG_DATA_HOME ?? join(homedir(), ".local/share"), "holdfast");
}

/** The registry as procedures see it. Believes what the lender's keys signed, nothing else. */
export async function openRegistry(context: CommandContext, flags: RegistryFlags): Promise<RegistryPort> {
	return createRegistryClient({
		...(await addressOf(context, flags)),
		crypto: createNodeCrypto(),
		...(flags.pinKeySet === undefined ? {} : { pins: { firstKeySetSha256: flags.pinKeySet } }),
	});
}

/** The registry as the lender's staff see it. */
export async function openAdmin(context: CommandContext, flags: RegistryFlags): Promise<AdminClient> {
	return createAdminClient(await addressOf(context, flags));
}

/** Where the registry is, and the token for it, for as long as the command runs. */
export async function addressOf(context: CommandContext, flags: RegistryFlags): Promise<RegistryAddress> {
	return { ...(await lastingAddressOf(context, flags)), signal: context.signal };
}

/**
 * The same for what outlives Ctrl-C: a station that is told to stop still brings its runs to a safe point, and they need the registry.
 * Each call has its own deadline.
 */
export async function lastingAddressOf(
	{ environment }: Pick<CommandContext, "environment">,
	flags: RegistryFlags,
): Promise<RegistryAddress> {
	if (!URL.canParse(flags.registry) || !/^https?:$/.test(new URL(flags.registry).protocol))
		throw new UsageError(`--registry ${flags.registry}: not an http or https address`);
	// The token is read from a file: a flag would stand in the process list.
	const path = flags.tokenFile ?? join(defaultDataFolder(environment), "admin-token");
	const token = await readFile(path, "utf8").then(
		(text) => text.trim(),
		() => undefined,
	);
	if (token === undefined && flags.tokenFile !== undefined) throw new UsageError(`--token-file ${path}: cannot be read`);
	return {
		url: flags.registry,
		...(token === undefined ? {} : { adminToken: token }),
	};
}
