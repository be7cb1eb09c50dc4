import { join } from "node:path";

import { type Command, InvalidArgumentError, Option } from "commander";
import type { ServedApk } from "../registry/http/agent-apk-routes.ts";
import { parseTrustedProxies } from "../registry/http/trusted-proxies.ts";
import { readAgentApk } from "./agent-apk.ts";
import { perform, portNumber, withEndlessFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { pagesFolder } from "./pages-folder.ts";
import { defaultDataFolder } from "./registry-access.ts";
import { askPassphrase } from "./secret-prompt.ts";
import { aborted } from "./told-to-stop.ts";
import { UsageError } from "./usage-error.ts";
import { TOOL } from "./version.ts";

interface ServeFlags {
	readonly data?: string;
	readonly keys?: string;
	readonly database?: string;
	readonly host: string;
	readonly port: number;
	readonly publicUrl?: string;
	readonly passphraseFile?: string;
	readonly paymentSecretFile?: string;
	readonly insecureDev?: boolean;
	readonly clockFile?: string;
	readonly oidc?: string;
	readonly proxy?: readonly string[];
	readonly callerRate?: number;
	readonly apk?: string;
	readonly retention?: string;
	readonly metrics?: { readonly host: string; readonly port: number };
	readonly drain: number;
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
		.option("--public-url <url>", "address under which phones reach this registry and people open its pages")
		.option("--oidc <file>", "JSON file that describes the identity provider: issuer, clientId, clientSecretFile, name")
		.option(
			"--proxy <addresses>",
			"addresses or networks of reverse proxies that are believed when they say who asks (X-Forwarded-For, -Host)",
			proxies,
		)
		.option(
			"--caller-rate <number>",
			"questions a second that one program, or one person who is signed in, may ask of this server (default: 200)",
			callerRate,
		)
		.option("--passphrase-file <file>", "file that holds the keys' passphrase; without it the terminal asks")
		.option("--payment-secret-file <file>", "secret of the payment system that tells of payments by webhook (whsec_...)")
		.option("--insecure-dev", "open unencrypted keys, for trying things out only")
		.option("--clock-file <file>", "time comes from this file (only with --insecure-dev)")
		.option("--apk <file>", "the agent that pages install on phones (default: the one beside this tool, if it is there)")
		.option("--retention <file>", "JSON file that says for how long data is kept once it is over (RULES.md)")
		.option(
			"--metrics <address>",
			"serve Prometheus metrics at this address and port, such as 127.0.0.1:9464 (OPERATIONS.md)",
			hostAndPort,
		)
		.option("--drain <seconds>", "when told to stop, say «not ready» for so long and go on answering", drainSeconds, 0)
		.option("--verbose", "log every request");
	withEndlessFlags(command).action(perform<ServeFlags>(serve));
}

function proxies(text: string): readonly string[] {
	const parsed = parseTrustedProxies(text);
	if (parsed === undefined) throw new InvalidArgumentError("addresses or networks, such as 10.0.0.5,192.168.7.0/24.");
	return parsed;
}

function hostAndPort(text: string): { host: string; port: number } {
	const [, host = "127.0.0.1", port = ""] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
	const bare = host.replace(/^\[(.*)\]$/, "$1");
	if (port !== "") return { host: bare, port: port === "0" ? 0 : portNumber(port) };
	throw new InvalidArgumentError("an address and a port, such as 127.0.0.1:9464");
}

/** With fewer no page opens at once; with more there might as well be no limit. */
const CALLER_RATES = [10, 10_000] as const;

function callerRate(text: string): number {
	const [least, most] = CALLER_RATES;
	const value = Number(text);
	if (Number.isInteger(value) && value >= least && value <= most) return value;
	throw new InvalidArgumentError(`a whole number, ${least} to ${most}`);
}

const MOST_DRAIN_SECONDS = 300;

function drainSeconds(text: string): number {
	const value = Number(text);
	if (value >= 0 && value <= MOST_DRAIN_SECONDS) return value;
	throw new InvalidArgumentError(`seconds, 0 to ${MOST_DRAIN_SECONDS}`);
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
		...(flags.paymentSecretFile === undefined ? {} : { paymentSecretFile: flags.paymentSecretFile }),
		...(flags.publicUrl === undefined ? {} : { publicUrl: flags.publicUrl }),
		...(flags.clockFile === undefined ? {} : { clockFile: flags.clockFile }),
		...(flags.oidc === undefined ? {} : { providerFile: flags.oidc }),
		...(flags.proxy === undefined ? {} : { proxies: flags.proxy }),
		...(flags.callerRate === undefined ? {} : { callerRate: flags.callerRate }),
		...(flags.retention === undefined ? {} : { retentionFile: flags.retention }),
		pagesFolder: pagesFolder(),
		...(await servedApk(flags)),
		...(flags.metrics === undefined ? {} : { metrics: flags.metrics }),
		version: TOOL.replace(/^holdfast /, ""),
		environment: context.environment,
		drainMs: flags.drain * 1000,
		verbose: flags.verbose ?? false,
	});
	context.output.result(
		{
			ok: true,
			url: registry.url,
			signInUrl: registry.signInUrl,
			adminTokenFile: registry.adminTokenFile,
			...(registry.metricsUrl === undefined ? {} : { metricsUrl: registry.metricsUrl }),
			pid: process.pid,
		},
		[
			`Registry at ${registry.url}`,
			`Admin token in ${registry.adminTokenFile}`,
			`People sign in at ${registry.signInUrl}`,
			...(registry.metricsUrl === undefined ? [] : [`Metrics at ${registry.metricsUrl}`]),
		],
	);
	const reload = () => void registry.reloadKeys();
	process.on("SIGHUP", reload);
	await aborted(context.signal);
	process.off("SIGHUP", reload);
	await registry.close();
	return ExitCode.ok;
}

/** The agent for pages. Without the flag and without a built one the registry runs all the same: only pages miss it. */
async function servedApk({ apk }: ServeFlags): Promise<{ agentApk?: ServedApk }> {
	try {
		const { bytes, sha256, facts } = await readAgentApk(apk === undefined ? {} : { apk });
		const { signerSha256, versionName, versionCode } = facts;
		return { agentApk: { bytes, sha256, signerSha256: [...signerSha256], versionName, versionCode } };
	} catch (error) {
		if (apk === undefined && error instanceof UsageError) return {};
		throw error;
	}
}
