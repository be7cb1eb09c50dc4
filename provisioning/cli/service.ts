import { type Command, InvalidArgumentError, Option } from "commander";

import { parseImei } from "../../proto/imei.ts";
import { readRequestNumber } from "../../proto/request-number.ts";
import { createTechnicianClient, type TechnicianClient } from "../registry/clients/technician-client.ts";
import type { ScreenLockHelpRequest, ServiceCase } from "../registry/service/service-request.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { withHandsetFlags } from "./handset-choice.ts";
import { addressOf, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { type ChangeFlags, exchangePhone, rebindPhone } from "./service-change.ts";

interface WindowFlags extends RegistryFlags {
	readonly hours: number;
	readonly request?: string;
}

interface ReturnFlags extends RegistryFlags {
	readonly imei: string;
	readonly reference: string;
	readonly reason: string;
}

interface ScreenLockFlags extends RegistryFlags {
	readonly identity: ScreenLockHelpRequest["identityBy"];
	readonly note: string;
}

interface DecisionFlags extends RegistryFlags {
	readonly note?: string;
}

/** What a technician does beside releasing a phone; and what whoever approves it answers. */
export function addService(program: Command): void {
	const service = program
		.command("service")
		.description("repairs, exchanges and returns: asked by one person, approved by another");
	const window = service
		.command("window")
		.argument("<contract>")
		.description("open USB debugging on a sealed phone: by code, or at its next check-in")
		.option("--hours <count>", "1 to 24", hours, 4)
		.option("--request <digits>", "the request number on the phone's screen: gives a code to type in", requestDigits);
	withRegistryFlags(withCommonFlags(window)).action(perform<WindowFlags>(openWindow));
	const dualScan = (command: Command) =>
		withHandsetFlags(withRegistryFlags(withCommonFlags(command)))
			.requiredOption("--old-imei <imei>", "an IMEI of the phone as it was: from the contract or the box", imei)
			.requiredOption("--label-imei <imei...>", "the new IMEIs on the label, all of them", imeis)
			.requiredOption("--reason <text>", "whoever approves reads it");
	const rebind = service
		.command("rebind")
		.argument("<contract>")
		.description("bind a contract to the new IMEIs of a phone that kept its agent; run it again once it is approved");
	dualScan(rebind).action(perform<ChangeFlags>(rebindPhone));
	const exchange = service
		.command("exchange")
		.argument("<contract>")
		.description("take a contract to another board or phone; once it is approved, enroll that one")
		.addOption(
			new Option("--old-phone <what>", "what became of it; one that still works is returned instead")
				.choices(["board_replaced", "destroyed", "lost_or_stolen"])
				.makeOptionMandatory(),
		);
	dualScan(exchange).action(perform<ChangeFlags>(exchangePhone));
	const back = service
		.command("return")
		.argument("<contract>")
		.description("the phone came back: once it is approved, the contract ends as returned and the phone can be released")
		.requiredOption("--imei <imei-tail>", "last four digits of an IMEI, read off the phone", imeiEnd)
		.requiredOption("--reference <text>", "your own reference of the return")
		.requiredOption("--reason <text>", "whoever approves reads it");
	withRegistryFlags(withCommonFlags(back)).action(perform<ReturnFlags>(askReturn));
	const cases = service
		.command("cases")
		.argument("[contract]", "without one: what waits for somebody to approve it")
		.description("what was asked, and what became of it");
	withRegistryFlags(withCommonFlags(cases)).action(perform<RegistryFlags>(listCases));
	for (const what of ["approve", "refuse"] as const) {
		const decide = service
			.command(what)
			.argument("<case>")
			.description(what === "approve" ? "approve what another person asked" : "refuse it, or take it back")
			.option("--note <text>", "for whoever asked");
		withRegistryFlags(withCommonFlags(decide)).action(
			perform<DecisionFlags>(async (context, flags, [caseId = ""]) => {
				const client = await openTechnician(context, flags);
				const call = what === "approve" ? client.approveCase : client.refuseCase;
				return sayCase(context, await call(caseId, flags.note));
			}),
		);
	}
	const screenLock = service
		.command("screen-lock")
		.argument("<contract>")
		.description("write down that a borrower forgot the phone's own screen lock; nobody here can open it")
		.addOption(
			new Option("--identity <how>", "how the borrower showed who they are")
				.choices(["id_document", "borrower_code", "not_checked"])
				.makeOptionMandatory(),
		)
		.requiredOption("--note <text>", "what was asked and answered");
	withRegistryFlags(withCommonFlags(screenLock)).action(perform<ScreenLockFlags>(logScreenLock));
}

export async function openTechnician(context: CommandContext, flags: RegistryFlags): Promise<TechnicianClient> {
	return createTechnicianClient(await addressOf(context, flags));
}

async function openWindow(context: CommandContext, flags: WindowFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const client = await openTechnician(context, flags);
	const { code, order, lastCheckInUnixSeconds } = await client.openServiceWindow(contractId, {
		hours: flags.hours,
		...(flags.request === undefined ? {} : { requestNumber: flags.request }),
	});
	const heard =
		lastCheckInUnixSeconds === undefined ? "never" : new Date(lastCheckInUnixSeconds * 1000).toISOString().replace(".000Z", "Z");
	context.output.result(
		{
			ok: true,
			contract: contractId,
			hours: flags.hours,
			...(code ? { code: code.code } : {}),
			...(order ? { sequence: order.sequence } : {}),
			...(lastCheckInUnixSeconds === undefined ? {} : { lastCheckInUnixSeconds }),
		},
		code
			? [code.code, `Type it on the phone: USB debugging opens for ${flags.hours} h.`]
			: [`The phone opens USB debugging for ${flags.hours} h when it next checks in. It last did: ${heard}.`],
	);
	return ExitCode.ok;
}

async function askReturn(context: CommandContext, flags: ReturnFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const { imei: imeiTail, reference, reason } = flags;
	const client = await openTechnician(context, flags);
	return sayCase(context, await client.askReturn(contractId, { imeiTail, reference, reason }));
}

async function listCases(context: CommandContext, flags: RegistryFlags, [contractId]: readonly string[]): Promise<ExitCode> {
	const client = await openTechnician(context, flags);
	const cases = contractId === undefined ? await client.waitingCases() : await client.casesOf(contractId);
	context.output.result({ ok: true, cases }, cases.length === 0 ? ["No cases."] : cases.map(lineOf));
	return ExitCode.ok;
}

async function logScreenLock(
	context: CommandContext,
	{ identity: identityBy, note, ...flags }: ScreenLockFlags,
	[contractId = ""]: readonly string[],
): Promise<ExitCode> {
	const help = await (await openTechnician(context, flags)).logScreenLockHelp(contractId, { identityBy, note });
	context.output.result({ ok: true, ...help }, [
		"Written down. Nobody at the lender can open the phone's own screen lock.",
		"What helps: erase the phone (the borrower's data go), then enroll it again under the same contract: what is paid stays paid.",
	]);
	return ExitCode.ok;
}

/** What was asked, and who has to do something next. */
export function sayCase({ output }: CommandContext, found: ServiceCase): ExitCode {
	const next = found.state === "asked" ? [`Another person approves it: holdfast service approve ${found.caseId}`] : [];
	output.result({ ok: true, case: found }, [lineOf(found), ...next]);
	return ExitCode.ok;
}

function lineOf({ caseId, contractId, kind, state, reason, askedBy }: ServiceCase): string {
	return `${caseId}  ${contractId}  ${kind}  ${state}  ${askedBy}: ${reason}`;
}

function hours(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > 24) throw new InvalidArgumentError("1 to 24");
	return value;
}

function requestDigits(text: string): string {
	if (!readRequestNumber(text)) throw new InvalidArgumentError("not a request number: read the eight digits on the phone again.");
	return text.replace(/[\s-]/g, "");
}

function imei(text: string): string {
	const parsed = parseImei(text);
	if ("problem" in parsed) throw new InvalidArgumentError(`an IMEI that is ${parsed.problem}`);
	return parsed.imei;
}

function imeis(text: string, before: readonly string[] = []): readonly string[] {
	return [...before, imei(text)];
}

function imeiEnd(text: string): string {
	if (!/^\d{4}$/.test(text)) throw new InvalidArgumentError("the last four digits of the phone's IMEI");
	return text;
}
