import { type Command, InvalidArgumentError } from "commander";
import {
	OVERLAP_HOURS,
	PROGRAM_DAYS,
	PROGRAM_ROLES,
	type Program,
	type ProgramRole,
	type ProgramToken,
} from "../registry/access/program-request.ts";
import { type AccessClient, createAccessClient } from "../registry/clients/access-client.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { addressOf, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { type TokenPlace, tokenPlace } from "./token-place.ts";
import { UsageError } from "./usage-error.ts";

interface PlaceFlags extends RegistryFlags {
	readonly to?: string;
	readonly print?: boolean;
}

interface AddFlags extends PlaceFlags {
	readonly role: readonly ProgramRole[];
	readonly station?: string;
	readonly days?: number;
}

interface RotateFlags extends PlaceFlags {
	readonly days?: number;
	readonly overlapHours?: number;
}

/** Programs beside people: stations, loan systems, scripts, each with a token that ends and may do its own work alone. */
export function addAccountProgram(account: Command): void {
	const program = account
		.command("program")
		.description("stations, loan systems and scripts: each with a token of its own that ends");
	const add = program
		.command("add")
		.argument("<name>", "what it is, as colleagues know it")
		.description("enter a program and write its token to a file that only you can read")
		.requiredOption(
			"--role <role>",
			`what it may do, repeated for several: ${PROGRAM_ROLES.join(", ")} (operator for a station, agent for a loan system)`,
			collectRole,
		)
		.option("--station <name>", "it works as this station and as no other, such as BLR-A-ENR-01");
	withDays(withPlace(withRegistryFlags(withCommonFlags(add)))).action(perform<AddFlags>(addNew));
	const list = program.command("list").description("every program, when its token ends, and when it was last used");
	withRegistryFlags(withCommonFlags(list)).action(perform<RegistryFlags>(listAll));
	const rotate = program
		.command("rotate")
		.argument("<program>", "its id, as in holdfast account program list")
		.description("another token; the one before stays good for a while, so that nothing stops")
		.option(
			"--overlap-hours <hours>",
			`so long the one before stays good; 0 if it was stolen (default: ${OVERLAP_HOURS.usual})`,
			whole(0, OVERLAP_HOURS.most),
		);
	withDays(withPlace(withRegistryFlags(withCommonFlags(rotate)))).action(perform<RotateFlags>(rotateOne));
	const revoke = program.command("revoke").argument("<program>").description("end a program at once");
	withRegistryFlags(withCommonFlags(revoke)).action(perform<RegistryFlags>(revokeOne));
}

function withPlace(command: Command): Command {
	return command
		.option("--to <file>", "file for the token, mode 0600: a new one, or for rotate the file that holds this program's old token")
		.option("--print", "print the token on standard output instead, for a secret store that reads it there");
}

function withDays(command: Command): Command {
	return command.option(
		"--days <days>",
		`the token ends after so many days (default: ${PROGRAM_DAYS.usual}, at most ${PROGRAM_DAYS.most})`,
		whole(PROGRAM_DAYS.least, PROGRAM_DAYS.most),
	);
}

async function open(context: CommandContext, flags: RegistryFlags): Promise<AccessClient> {
	return createAccessClient(await addressOf(context, flags));
}

async function addNew(context: CommandContext, flags: AddFlags, [name = ""]: readonly string[]): Promise<ExitCode> {
	const { role, station, days } = flags;
	const client = await open(context, flags);
	return handOver(context, flags, undefined, () =>
		client.addProgram({
			name,
			roles: [...role],
			...(station === undefined ? {} : { station }),
			...(days === undefined ? {} : { days }),
		}),
	);
}

async function rotateOne(context: CommandContext, flags: RotateFlags, [programId = ""]: readonly string[]): Promise<ExitCode> {
	const { days, overlapHours } = flags;
	const client = await open(context, flags);
	return handOver(context, flags, programId, () =>
		client.rotateProgram(programId, {
			...(days === undefined ? {} : { days }),
			...(overlapHours === undefined ? {} : { overlapHours }),
		}),
	);
}

/** Makes a token once there is a place for it, so that none is made that nobody gets. */
async function handOver(
	context: CommandContext,
	{ to, print }: PlaceFlags,
	programId: string | undefined,
	make: () => Promise<ProgramToken>,
): Promise<ExitCode> {
	if ((to === undefined) === (print !== true))
		throw new UsageError("say where the token goes: --to FILE, or --print for standard output");
	const place: TokenPlace | undefined = to === undefined ? undefined : await tokenPlace(to, programId);
	let made: ProgramToken;
	try {
		made = await make();
	} catch (error) {
		await place?.giveUp();
		throw error;
	}
	await place?.put(made.token);
	const { program, token } = made;
	context.output.result(
		{ ok: true, program, ...(place === undefined ? { token } : { tokenFile: place.path }) },
		place === undefined
			? [token]
			: [line(program), `Token in ${place.path}. It is shown nowhere else: bring the file to the program.`],
	);
	return ExitCode.ok;
}

async function listAll(context: CommandContext, flags: RegistryFlags): Promise<ExitCode> {
	const programs = await (await open(context, flags)).listPrograms();
	context.output.result(
		{ ok: true, programs },
		programs.length === 0 ? ["No program yet: holdfast account program add"] : programs.map(line),
	);
	return ExitCode.ok;
}

async function revokeOne(context: CommandContext, flags: RegistryFlags, [programId = ""]: readonly string[]): Promise<ExitCode> {
	const program = await (await open(context, flags)).revokeProgram(programId);
	context.output.result({ ok: true, program }, [line(program)]);
	return ExitCode.ok;
}

function line(program: Program): string {
	const { programId, name, roles, station, expiresAtUnixSeconds, earlierTokenUntilUnixSeconds } = program;
	const { lastUsedAtUnixSeconds, revokedAtUnixSeconds } = program;
	const facts = [
		revokedAtUnixSeconds === undefined ? `ends ${day(expiresAtUnixSeconds)}` : `revoked ${day(revokedAtUnixSeconds)}`,
		...(earlierTokenUntilUnixSeconds === undefined
			? []
			: [`old token good until ${new Date(earlierTokenUntilUnixSeconds * 1000).toISOString()}`]),
		lastUsedAtUnixSeconds === undefined ? "never used" : `used ${day(lastUsedAtUnixSeconds)}`,
	];
	const where = station === undefined ? "" : `  station ${station}`;
	return `${programId}  ${name}  ${roles.join(", ")}${where}  (${facts.join(", ")})`;
}

function day(seconds: number): string {
	return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function collectRole(text: string, before: readonly ProgramRole[] = []): readonly ProgramRole[] {
	const role = PROGRAM_ROLES.find((each) => each === text);
	if (!role) throw new InvalidArgumentError(`one of ${PROGRAM_ROLES.join(", ")}`);
	return [...new Set([...before, role])];
}

function whole(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (text.trim() === "" || !Number.isInteger(value) || value < least || value > most)
			throw new InvalidArgumentError(`a whole number, ${least} to ${most}`);
		return value;
	};
}
