import type { Command } from "commander";

import { parseImei } from "../../proto/imei.ts";
import { readRequestNumber } from "../../proto/request-number.ts";
import { createBuyerClient } from "../registry/clients/buyer-client.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { addressOf, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { UsageError } from "./usage-error.ts";

const SENTENCES = {
	financed: "Financed: this phone is on a running contract. It can be locked if that contract is not paid.",
	clear: "Clear: this phone was financed here and is free for ever.",
	unknown: "Unknown: this lender has never financed a phone with this number.",
} as const;

const IN_HAND = {
	same: "Same: the phone that shows this number is the phone of that contract.",
	other: "Other: that phone last reported another number. The IMEI may be copied; or a code was typed on it since it reported.",
	unknown: "Unknown: no phone with this IMEI can be asked.",
} as const;

interface ImeiFlags extends RegistryFlags {
	readonly shown?: string;
}

export function addImei(program: Command): void {
	const command = program
		.command("imei")
		.argument("<imei>", "15 digits, as *#06# shows them")
		.description("is this phone financed?")
		.option("--shown <number>", "the 8 digits on a phone's code screen: is it the phone in hand, or one with a copied IMEI?");
	withRegistryFlags(withCommonFlags(command)).action(perform<ImeiFlags>(check));
}

async function check(context: CommandContext, flags: ImeiFlags, args: readonly string[]): Promise<ExitCode> {
	const parsed = parseImei(args[0] ?? "");
	if ("problem" in parsed) throw new UsageError(`not an IMEI: ${parsed.problem}. Dial *#06# and type all 15 digits.`);
	if (flags.shown !== undefined && !readRequestNumber(flags.shown))
		throw new UsageError(`--shown ${flags.shown}: not a number that a phone shows. Read the eight digits again.`);
	const buyer = createBuyerClient(await addressOf(context, flags));
	const { status } = await buyer.imeiStatus(parsed.imei);
	if (flags.shown === undefined) {
		context.output.result({ ok: true, imei: parsed.imei, status }, [SENTENCES[status]]);
		return ExitCode.ok;
	}
	const possession = await buyer.possession(parsed.imei, flags.shown);
	const isOther = possession.inHand === "other";
	context.output.result({ ok: !isOther, imei: parsed.imei, status, ...possession }, [
		SENTENCES[status],
		IN_HAND[possession.inHand],
	]);
	return isOther ? ExitCode.identity : ExitCode.ok;
}
