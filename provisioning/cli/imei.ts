import type { Command } from "commander";

import { parseImei } from "../../proto/imei.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { openAdmin, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { UsageError } from "./usage-error.ts";

const SENTENCES = {
	financed: "Financed: this phone is on a running contract. It can be locked if that contract is not paid.",
	clear: "Clear: this phone was financed here and is free for ever.",
	unknown: "Unknown: this lender has never financed a phone with this number.",
} as const;

export function addImei(program: Command): void {
	const command = program
		.command("imei")
		.argument("<imei>", "15 digits, as *#06# shows them")
		.description("is this phone financed?");
	withRegistryFlags(withCommonFlags(command)).action(perform<RegistryFlags>(check));
}

async function check(context: CommandContext, flags: RegistryFlags, args: readonly string[]): Promise<ExitCode> {
	const parsed = parseImei(args[0] ?? "");
	if ("problem" in parsed) throw new UsageError(`not an IMEI: ${parsed.problem}. Dial *#06# and type all 15 digits.`);
	const { status } = await (await openAdmin(context, flags)).imeiStatus(parsed.imei);
	context.output.result({ ok: true, imei: parsed.imei, status }, [SENTENCES[status]]);
	return ExitCode.ok;
}
