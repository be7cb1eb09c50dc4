import { join } from "node:path";

import { type Command, InvalidArgumentError, Option } from "commander";

import { parseTrustedProxies } from "../registry/http/trusted-proxies.ts";
import { perform, portNumber, withEndlessFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { pagesFolder } from "./pages-folder.ts";
import { defaultDataFolder } from "./registry-access.ts";
import { askPassphrase } from "./secret-prompt.ts";
import { aborted } from "./told-to-stop.ts";
import { UsageError } from "./usage-error.ts";

interface ServeFlags {
	readonly data?: string;
	readonly keys?: string;
	readonly database?: string;
	readonly host: string;
	readonly port: number;
	readonly publicUrl?: string;
	readonly trustProxy?: readonly string[];
	readonly passphraseFile?: string;
	readonly insecureDev?: boolean;
	readonly clockFile?: string;
	readonly verbose?: boolean;
}

export function addServe(program: Command): void {
	const command = program
		.command("serve")
		.description("run the registry until it is told to stop")
		.option("--data <folder>", "database, admin token (default: the user's data folder)")
		.option("--keys <folder>", "the lender's keys (default: keys/ in the data folder)")
		.addOption(new Option("--database <url>", "any PostgreSQL instead of the own one").env("HOLDFAST_DATABASE"))
		.option("--host <address>", "address to listen on", "127.0.0.1")
		.option("--port <port>", "port to listen on; 0 for any free one", (text) => (text === "0" ? 0 : portNumber(text)), 8080)
		.option("--public-url <url>", "address under which phones reach this registry")
		.option(
			"--trust-proxy <addresses>",
			"addresses of reverse proxies before it, whose X-Forwarded-For says who calls: rate limits go by that",
			proxies,
		)
		.option("--passphrase-file <file>", "file that holds the keys' passphrase; without it the terminal asks")
		.option("--insecure-dev", "open unencrypted keys, for trying things out only")
		.option("--clock-file <file>", "time comes from this file (only with --insecure-dev)")
		.option("--verbose", "log every request");
	withEndlessFlags(command).action(perform<ServeFlags>(serve));
}

function proxies(text: string): readonly string[] {
	const parsed = parseTrustedProxies(text);
	if (parsed === undefined) throw new InvalidArgumentError("addresses or networks, such as 10.0.0.5,192.168.7.0/24.");
	return parsed;
}

async function serve(context: CommandContext, flags: ServeFlags): Promise<ExitCode> {
	if (flags.clockFile !== undefined && !flags.insecureDev)
		throw new UsageError("--clock-file is for trying out: it needs --insecure-dev");
	const dataFolder = flags.data ?? defaultDataFolder(context.environment);
	const { startRegistry } = await import("../registry/start-registry.ts");
	const registry = await startRegistry({
		dataFolder,
		keysFolder: flags.keys ?? join(dataFolder, "keys"),
		host: flags.host,
		port: flags.port,
		insecureDev: flags.insecureDev ?? false,
		...(flags.insecureDev
			? {}
			: {
					passphrase: await askPassphrase(context, "Passphrase for the keys", flags.passphraseFile),
				}),
		...(flags.database === undefined ? {} : { databaseUrl: flags.database }),
		...(flags.publicUrl === undefined ? {} : { publicUrl: flags.publicUrl }),
		...(flags.clockFile === undefined ? {} : { clockFile: flags.clockFile }),
		...(flags.trustProxy === undefined ? {} : { trustProxy: flags.trustProxy }),
		pagesFolder: pagesFolder(),
		verbose: flags.verbose ?? false,
	});
	context.output.result(
		{
			ok: true,
			url: registry.url,
			adminTokenFile: registry.adminTokenFile,
			pid: process.pid,
		},
		[`Registry at ${registry.url}`, `Admin token in ${registry.adminTokenFile}`],
	);
	await aborted(context.signal);
	await registry.close();
	return ExitCode.ok;
}
