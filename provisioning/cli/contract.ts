import { readFile } from "node:fs/promises";

import { type Command, InvalidArgumentError } from "commander";
import { Errors } from "typebox/value";

import { faultError } from "../handset/fault.ts";
import { type Contract, ContractRequest } from "../registry/api.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { openAdmin, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { UsageError } from "./usage-error.ts";

interface PayFlags extends RegistryFlags {
	readonly reference: string;
	readonly amount?: number;
	readonly until?: number;
}

interface PayoffFlags extends RegistryFlags {
	readonly reference: string;
	readonly returned?: boolean;
}

interface BorrowerCodeFlags extends RegistryFlags {
	readonly renew?: boolean;
}

interface ListFlags extends RegistryFlags {
	readonly limit: number;
	readonly after?: string;
}

export function addContract(program: Command): void {
	const contract = program.command("contract").description("contracts, payments and payoff at the registry");
	const add = <Flags extends RegistryFlags>(
		command: Command,
		work: (context: CommandContext, flags: Flags, args: readonly string[]) => Promise<ExitCode>,
	) => withRegistryFlags(withCommonFlags(command)).action(perform<Flags>(work));
	add(
		contract
			.command("create")
			.argument("<file>", "JSON file with the contract; - for standard input")
			.description("enter a contract"),
		create,
	);
	add(contract.command("show").argument("<contract>").description("one contract and its handset"), show);
	add<ListFlags>(
		contract
			.command("list")
			.description("contracts, a page at a time")
			.option("--limit <count>", "how many", positive, 50)
			.option("--after <contract>", "the page after this contract"),
		list,
	);
	add<PayFlags>(
		contract
			.command("pay")
			.argument("<contract>")
			.description("book a payment; the phone is extended with its next contact")
			.requiredOption("--reference <text>", "the payment's own reference; the same one again changes nothing")
			.option("--amount <minor>", "amount in the currency's minor unit", positive)
			.option("--until <when>", "set paid-until instead: an ISO date, or seconds since 1970", instant),
		pay,
	);
	add(
		contract
			.command("withdraw")
			.argument("<contract>")
			.description("take back an enrolment that no phone has confirmed, so that another phone can have the contract"),
		withdraw,
	);
	add<BorrowerCodeFlags>(
		contract
			.command("borrower-code")
			.argument("<contract>")
			.description("the code that opens the borrower's own page; for the borrower alone")
			.option("--renew", "make a new one: the earlier ones open nothing any more"),
		borrowerCode,
	);
	add<PayoffFlags>(
		contract
			.command("payoff")
			.argument("<contract>")
			.description("mark a contract paid in full: the phone is freed with its next contact")
			.requiredOption("--reference <text>", "what proves it")
			.option("--returned", "the phone was returned instead"),
		payoff,
	);
}

async function borrowerCode(
	context: CommandContext,
	flags: BorrowerCodeFlags,
	[contractId = ""]: readonly string[],
): Promise<ExitCode> {
	const admin = await openAdmin(context, flags);
	const { code } = await admin.borrowerCode(contractId, flags.renew ?? false);
	context.output.result({ ok: true, contract: contractId, code }, [code]);
	return ExitCode.ok;
}

async function create(context: CommandContext, flags: RegistryFlags, [file = ""]: readonly string[]): Promise<ExitCode> {
	const request = parseContract(file, await readText(file));
	const contract = await (await openAdmin(context, flags)).createContract(request);
	context.output.result({ ok: true, contract }, [`Entered ${contract.contractId}.`, ...lines(contract)]);
	return ExitCode.ok;
}

async function show(context: CommandContext, flags: RegistryFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const contract = await (await openAdmin(context, flags)).getContract(contractId);
	context.output.result({ ok: true, contract }, lines(contract));
	return ExitCode.ok;
}

async function list(context: CommandContext, flags: ListFlags): Promise<ExitCode> {
	const admin = await openAdmin(context, flags);
	const page = await admin.listContracts({
		limit: flags.limit,
		...(flags.after === undefined ? {} : { after: flags.after }),
	});
	const rows = page.contracts.map(
		(each) => `${each.contractId}  ${each.state}  ${each.paymentStanding}  ${each.enrollment?.state ?? "no phone"}`,
	);
	context.output.result({ ok: true, ...page }, page.next === undefined ? rows : [...rows, `More: --after ${page.next}`]);
	return ExitCode.ok;
}

async function pay(context: CommandContext, flags: PayFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const { reference, amount, until } = flags;
	if (amount === undefined && until === undefined) throw new UsageError("say how much: --amount, --until, or both");
	const result = await (await openAdmin(context, flags)).recordPayment(contractId, {
		reference,
		...(amount === undefined ? {} : { amountMinor: amount }),
		...(until === undefined ? {} : { paidUntilUnixSeconds: until }),
	});
	const word = result.repeated ? "Known already: nothing changed." : "Booked.";
	context.output.result({ ok: true, ...result }, [word, ...lines(result.contract)]);
	return ExitCode.ok;
}

async function withdraw(context: CommandContext, flags: RegistryFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const admin = await openAdmin(context, flags);
	const [enrollment] = await admin.listEnrollments(contractId);
	if (!enrollment)
		throw faultError("CONTRACT_UNKNOWN", { details: { contract: contractId, why: "it has no enrolment to withdraw" } });
	const withdrawn = await admin.withdrawEnrollment(enrollment.enrollmentId);
	context.output.result({ ok: true, enrollment: withdrawn }, [`Withdrawn: another phone can be enrolled for ${contractId}.`]);
	return ExitCode.ok;
}

async function payoff(context: CommandContext, flags: PayoffFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const contract = await (await openAdmin(context, flags)).payOff(contractId, {
		reference: flags.reference,
		reason: flags.returned ? "returned" : "paid_off",
	});
	context.output.result({ ok: true, contract }, lines(contract));
	return ExitCode.ok;
}

function lines(contract: Contract): string[] {
	const { enrollment } = contract;
	const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
	return [
		`Contract ${contract.contractId}: ${contract.state}, ${contract.paymentStanding}, paid until ${day(contract.paidUntilUnixSeconds)}`,
		`Paid ${contract.paidMinor} of ${contract.totalMinor} ${contract.currency} (minor unit)`,
		enrollment
			? `Phone ${enrollment.model}, IMEI ${enrollment.imei1}: ${enrollment.state}, ${enrollment.standing ?? "no contact yet"}`
			: "No phone enrolled",
		...(contract.pendingOrders > 0 ? [`${contract.pendingOrders} orders wait for the phone's next contact`] : []),
	];
}

async function readText(file: string): Promise<string> {
	try {
		return await readFile(file === "-" ? "/dev/stdin" : file, "utf8");
	} catch (cause) {
		throw new UsageError(`${file}: cannot be read`, { cause });
	}
}

function parseContract(file: string, text: string): ContractRequest {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw new UsageError(`${file}: not JSON`, { cause });
	}
	const problems = [...Errors(ContractRequest, value)].map((error) => `${error.instancePath || "/"} ${error.message}`);
	if (problems.length > 0) throw new UsageError(`${file}: ${problems.slice(0, 5).join("; ")}`);
	return value as ContractRequest; // checked against its schema on the line above
}

function positive(text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("a whole number, 1 or more");
	return value;
}

/** Reads an ISO date or whole seconds since 1970-01-01T00:00:00Z. */
export function instant(text: string): number {
	const seconds = /^\d+$/.test(text) ? Number(text) : Math.trunc(Date.parse(text) / 1000);
	if (!Number.isSafeInteger(seconds)) throw new InvalidArgumentError("a date such as 2027-01-31, or seconds since 1970");
	return seconds;
}
