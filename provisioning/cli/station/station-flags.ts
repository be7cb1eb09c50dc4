import { hostname } from "node:os";
import { join } from "node:path";

import { type Command, InvalidArgumentError, Option } from "commander";

import { type ApkFlags, withApkFlags } from "../agent-apk.ts";
import { portNumber, withEndlessFlags } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { type PolicyFlags, withPolicyFlags } from "../preflight-policy.ts";
import { type RegistryFlags, withRegistryFlags } from "../registry-access.ts";

/** Flags of a station at work. */
export interface StationFlags extends RegistryFlags, ApkFlags, PolicyFlags {
	readonly station?: string;
	readonly adbPort: number;
	readonly printer?: string;
	readonly erp?: string;
	readonly erpSecretFile?: string;
	readonly operator?: string;
	readonly installsAtOnce?: number;
	readonly page: boolean;
	readonly pageHost: string;
	readonly pagePort: number;
	readonly vouchers?: number | boolean;
	readonly exitWhenDone?: boolean;
}

/** As the registry takes them. */
const STATION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Adds the flags of a station at work. `nameless`: which station it is when `--station` says nothing, for the help. */
export function withStationFlags(command: Command, nameless: string): Command {
	return withRegistryFlags(withApkFlags(withPolicyFlags(withEndlessFlags(command))))
		.addOption(
			new Option("--station <name>", `this station's name, unique for the lender, such as BLR-A-ENR-01 (default: ${nameless})`)
				.env("HOLDFAST_STATION")
				.argParser(stationName),
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
		.option("--installs-at-once <count>", "phones of one USB controller that are worked on at once", count(256))
		.option("--no-page", "no page in the browser")
		.option(
			"--page-host <address>",
			"address that the page listens on; another one than this computer's own asks for a token",
			"127.0.0.1",
		)
		.option("--page-port <port>", "port of the page; 0 for any free one", (text) => (text === "0" ? 0 : portNumber(text)), 8088)
		.option(
			"--vouchers [count]",
			"fetch vouchers first, for all units or so many, to work without the registry",
			count(Number.MAX_SAFE_INTEGER),
		)
		.option("--exit-when-done", "end when every unit of the batch passed, failed or is held, or the batch is closed");
}

/** Where a station keeps its hub map, its badges and its batches. */
export function stationFolder({ stateFolder }: Pick<CommandContext, "stateFolder">): string {
	return join(stateFolder, "station");
}

/** A name that a person did not choose still has to differ from the next station's. */
export function nameOfThisComputer(): string {
	return `ST-${hostname().replaceAll(/[^A-Za-z0-9.-]/g, "-")}`.slice(0, 64);
}

function stationName(text: string): string {
	if (!STATION_NAME.test(text)) throw new InvalidArgumentError("letters, digits, dots and dashes, such as BLR-A-ENR-01");
	return text;
}

function count(most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (!Number.isInteger(value) || value < 1 || value > most)
			throw new InvalidArgumentError(`a whole number, 1 to ${most === Number.MAX_SAFE_INTEGER ? "as many as there are" : most}`);
		return value;
	};
}
