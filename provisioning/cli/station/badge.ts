import { type Command, Option } from "commander";

import { type Badges, openBadges, type Role } from "../../station/crew/badges.ts";
import { perform, withCommonFlags } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { stationFolder } from "./station-flags.ts";

interface AddFlags {
	readonly role: Role;
}

export function addBadge(station: Command): void {
	const badge = station.command("badge").description("who may work at this station");
	const add = badge
		.command("add")
		.argument("<name>", "as it shall stand in the journal")
		.description("make a badge; its code is shown once: print it as a barcode")
		.addOption(
			new Option("--role <role>", "what it allows").choices(["operator", "supervisor", "technician"]).default("operator"),
		);
	withCommonFlags(add).action(perform<AddFlags>(add_));
	const revoke = badge.command("revoke").argument("<name>").description("take a badge back, from the next scan on");
	withCommonFlags(revoke).action(perform<object>(revoke_));
	const list = badge.command("list").description("names and roles; codes cannot be read again");
	withCommonFlags(list).action(perform<object>(list_));
}

async function add_(context: CommandContext, { role }: AddFlags, [name = ""]: readonly string[]): Promise<ExitCode> {
	const badges = await open(context);
	const code = await badges.add(name, role).catch((error: unknown) => {
		throw error instanceof RangeError ? new UsageError(error.message) : error;
	});
	context.output.result({ ok: true, name, role, code }, [
		`Badge of ${name}, ${role}: ${code}`,
		"Nobody can read it again. Print it as Code 128.",
	]);
	return ExitCode.ok;
}

async function revoke_(context: CommandContext, _flags: object, [name = ""]: readonly string[]): Promise<ExitCode> {
	const was = await (await open(context)).revoke(name);
	context.output.result({ ok: was, name }, [was ? `The badge of ${name} is taken back.` : `There is no badge of ${name}.`]);
	return was ? ExitCode.ok : ExitCode.failed;
}

async function list_(context: CommandContext): Promise<ExitCode> {
	const holders = await (await open(context)).list();
	context.output.result(
		{ ok: true, badges: holders },
		holders.map(({ name, role }) => `${name}  ${role}`),
	);
	return ExitCode.ok;
}

function open(context: CommandContext): Promise<Badges> {
	return openBadges(stationFolder(context), { clock: context.clock });
}
