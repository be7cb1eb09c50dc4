import { readReleasedSheet, type SheetLine, type SheetName } from "../procedure/released-sheet.ts";
import { createTechnicianClient } from "../registry/clients/technician-client.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { chooseHandset, type HandsetFlags, openHandset } from "./handset-choice.ts";
import { jsonOf } from "./output.ts";
import { addressOf, type RegistryFlags } from "./registry-access.ts";
import { UsageError } from "./usage-error.ts";

export interface ReleasedFlags extends HandsetFlags, RegistryFlags {
	readonly certificate?: string;
}

const TITLES: Readonly<Record<SheetName, string>> = {
	identity: "The phone",
	owner: "Device owner",
	restrictions: "Restrictions",
	agent: "Holdfast agent",
	financed: "Financed here",
	certificate: "Certificate",
};
const WORDS: Readonly<Record<SheetLine["verdict"], string>> = { good: "good", bad: "NOT GOOD", unknown: "not known" };

/** `holdfast verify --released`: the green sheet. Exits with 0 only if every line of it is good. */
export async function verifyReleased(context: CommandContext, flags: ReleasedFlags, contractId: string): Promise<ExitCode> {
	if (contractId === "" && flags.certificate === undefined)
		throw new UsageError("verify --released needs a contract, or --certificate with the number on the paper");
	const client = createTechnicianClient(await addressOf(context, flags));
	const contract = contractId === "" ? undefined : await client.getContract(contractId);
	const certificateId = flags.certificate ?? contract?.certificateId;
	const choice = await chooseHandset(context, flags);
	if (!choice) return ExitCode.noDevice;
	const port = await openHandset(context, flags, choice);
	try {
		const { isFree, lines, handset, fault } = await readReleasedSheet({
			port,
			witness: client,
			certificateId,
			expected: contract?.enrollment,
		});
		context.output.result(
			{
				ok: isFree,
				released: isFree,
				...(contract ? { contract: contractId, state: contract.state } : {}),
				...(certificateId === undefined ? {} : { certificate: certificateId }),
				...(handset ? { handset } : {}),
				sheet: lines,
				...(fault ? { fault: jsonOf(fault) } : {}),
			},
			[
				...lines.map(({ name, verdict, detail }) => `${WORDS[verdict].padEnd(9)}  ${TITLES[name].padEnd(14)}  ${detail}`),
				isFree ? "This phone is free." : "This phone is NOT proven to be free.",
			],
		);
		if (!fault) return ExitCode.ok;
		if (context.output.mode === "text") context.output.fault(fault);
		return exitCodeOf(fault.code);
	} finally {
		await port.close();
	}
}
