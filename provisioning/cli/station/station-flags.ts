import { hostname } from "node:os";
import { join } from "node:path";

import { type Command, InvalidArgumentError, Option } from "commander";

import { folderPrinter } from "../../station/labels/folder-printer.ts";
import { networkPrinter } from "../../station/labels/network-printer.ts";
import type { LabelPrinter } from "../../station/labels/printer.ts";
import { type WebhookPost, webhookPost } from "../../station/webhook/post.ts";
import { readWebhookSecrets } from "../../station/webhook/signature.ts";
import { portNumber } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { UsageError } from "../usage-error.ts";

export interface StationFlags {
	readonly station: string;
	readonly adbPort: number;
	readonly printer?: string;
	readonly erp?: string;
	readonly erpSecretFile?: string;
	readonly operator?: string;
	readonly installsAtOnce?: number;
	readonly page: boolean;
	readonly pageHost: string;
	readonly pagePort: number;
	readonly exitWhenDone?: boolean;
}

/** How the ERP is told, if it is to be. @throws {FaultError} WEBHOOK_MISCONFIGURED. */
export async function erpPostOf({
	erp,
	erpSecretFile,
}: Pick<StationFlags, "erp" | "erpSecretFile">): Promise<WebhookPost | undefined> {
	if (erp === undefined) return undefined;
	if (erpSecretFile === undefined) throw new UsageError("--erp needs --erp-secret-file: messages are signed");
	return webhookPost({ url: erp, secrets: await readWebhookSecrets(erpSecretFile) });
}

/** As the registry takes them. */
const STATION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Flags of a station at work. */
export function withStationFlags(command: Command): Command {
	return command
		.addOption(
			new Option("--station <name>", "this station's name, unique for the lender, such as BLR-A-ENR-01")
				.env("HOLDFAST_STATION")
				.argParser(stationName)
				.default(defaultName()),
		)
		.addOption(
			new Option("--adb-port <port>", "port of the adb server")
				.argParser(portNumber)
				.default(5037)
				.env("ANDROID_ADB_SERVER_PORT"),
		)
		.option("--printer <where>", "label printer: HOST or HOST:PORT (ZPL), or a folder for .zpl files")
		.addOption(new Option("--erp <url>", "where the ERP takes signed webhooks").env("HOLDFAST_ERP"))
		.option("--erp-secret-file <file>", "file with the secret that webhooks are signed with (whsec_...)")
		.option("--operator <name>", "who works here, where there are no badges; nobody signs in then")
		.option("--installs-at-once <count>", "phones of one USB controller that are worked on at once", atLeastOne)
		.option("--no-page", "no page in the browser")
		.option(
			"--page-host <address>",
			"address that the page listens on; another one than this computer's own asks for a token",
			"127.0.0.1",
		)
		.option("--page-port <port>", "port of the page; 0 for any free one", (text) => (text === "0" ? 0 : portNumber(text)), 8088)
		.option("--exit-when-done", "end when every unit of the batch passed, failed or is held");
}

/** Where a station keeps its hub map, its badges and its batches. */
export function stationFolder({ stateFolder }: CommandContext): string {
	return join(stateFolder, "station");
}

/** The printer that is meant: a folder where the text is a path. */
export function printerOf(where: string | undefined): LabelPrinter | undefined {
	if (where === undefined) return undefined;
	if (/[/\\]|^\.{1,2}$/.test(where)) return folderPrinter({ folder: where, nowMs: () => Date.now() });
	const [, host, port] = /^([A-Za-z0-9][A-Za-z0-9.-]*)(?::(\d{1,5}))?$/.exec(where) ?? [];
	if (host === undefined) throw new UsageError(`--printer ${where}: HOST, HOST:PORT, or a folder such as ./labels`);
	return networkPrinter({ host, ...(port === undefined ? {} : { port: portNumber(port) }) });
}

function stationName(text: string): string {
	if (!STATION_NAME.test(text)) throw new InvalidArgumentError("letters, digits, dots and dashes, such as BLR-A-ENR-01");
	return text;
}

/** A name that a person did not choose still has to differ from the next station's. */
function defaultName(): string {
	return `ST-${hostname().replaceAll(/[^A-Za-z0-9.-]/g, "-")}`.slice(0, 64);
}

function atLeastOne(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > 256) throw new InvalidArgumentError("1 to 256");
	return value;
}
