import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { type Command, Option } from "commander";

import type { RegistryPort } from "../procedure/registry-port.ts";
import { type AdminClient, createAdminClient } from "../registry/clients/admin-client.ts";
import type { RegistryAddress } from "../registry/clients/registry-call.ts";
import { createRegistryClient } from "../registry/clients/registry-client.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
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
		.addOption(
			new Option("--token-file <file>", "file with the token of this program, or on the server with the admin token").env(
				"HOLDFAST_TOKEN_FILE",
			),
		)
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

/** What a command does with the registry: enrolling phones, which an operator's token may, or anything else. */
export type RegistryWork = "enrolling" | "any";

/** In the data folder: a program's own token, and the one that `holdfast serve` made. */
const TOKEN_FILES: Readonly<Record<RegistryWork, readonly string[]>> = {
	// The least that does the work comes first.
	enrolling: ["program-token", "admin-token"],
	any: ["admin-token", "program-token"],
};

/** The registry as procedures see it. Believes what the lender's keys signed, nothing else. */
export async function openRegistry(
	context: CommandContext,
	flags: RegistryFlags,
	work: RegistryWork = "any",
): Promise<RegistryPort> {
	return createRegistryClient({
		...(await addressOf(context, flags, work)),
		crypto: createNodeCrypto(),
		...(flags.pinKeySet === undefined ? {} : { pins: { firstKeySetSha256: flags.pinKeySet } }),
	});
}

/** The registry as the lender's staff see it. */
export async function openAdmin(context: CommandContext, flags: RegistryFlags): Promise<AdminClient> {
	return createAdminClient(await addressOf(context, flags));
}

/** Where the registry is, and the token for it, for as long as the command runs. */
export async function addressOf(
	context: CommandContext,
	flags: RegistryFlags,
	work: RegistryWork = "any",
): Promise<RegistryAddress> {
	return { ...(await lastingAddressOf(context, flags, work)), signal: context.signal };
}

/**
 * The same for what outlives Ctrl-C: a station that is told to stop still brings its runs to a safe point, and they need the registry.
 * Each call has its own deadline. Says so where the admin token does what a program's own token could.
 */
export async function lastingAddressOf(
	{ environment, output }: Pick<CommandContext, "environment" | "output">,
	flags: RegistryFlags,
	work: RegistryWork = "any",
): Promise<RegistryAddress> {
	if (!URL.canParse(flags.registry) || !/^https?:$/.test(new URL(flags.registry).protocol))
		throw new UsageError(`--registry ${flags.registry}: not an http or https address`);
	// The token is read from a file: a flag would stand in the process list.
	const folder = defaultDataFolder(environment);
	const paths = flags.tokenFile === undefined ? TOKEN_FILES[work].map((name) => join(folder, name)) : [flags.tokenFile];
	for (const path of paths) {
		const token = await readFile(path, "utf8").then(
			(text) => text.trim(),
			() => undefined,
		);
		if (token === undefined) continue;
		if (!token.startsWith("hfp_")) noteAdminToken(output, work, new URL(flags.registry).hostname);
		return { url: flags.registry, adminToken: token };
	}
	if (flags.tokenFile !== undefined) throw new UsageError(`--token-file ${flags.tokenFile}: cannot be read`);
	return { url: flags.registry };
}

/** A token that may do everything and never ends is no token for a station, or for a road that others share. */
function noteAdminToken(output: CommandContext["output"], work: RegistryWork, host: string): void {
	const isHere = host === "localhost" || host === "[::1]" || host.startsWith("127.");
	if (work === "any" && isHere) return;
	output.note(
		`This uses the registry's admin token, which may do everything and never ends. Give ${work === "enrolling" ? "the station" : "this program"} a token of its own, on the server: holdfast account program add NAME --role ${work === "enrolling" ? "operator" : "ROLE"} --to FILE. Then say --token-file FILE here.`,
	);
}
