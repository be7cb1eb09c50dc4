import { type Command, InvalidArgumentError } from "commander";
import type { Invitation, Person } from "../registry/access/access-request.ts";
import { ROLES, type Role } from "../registry/access/role.ts";
import { type AccessClient, createAccessClient } from "../registry/clients/access-client.ts";
import { addAccountProgram } from "./account-program.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { addressOf, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { UsageError } from "./usage-error.ts";

interface InviteFlags extends RegistryFlags {
	readonly role: readonly Role[];
	readonly email?: string;
	readonly passkey?: boolean;
}

interface RolesFlags extends RegistryFlags {
	readonly role: readonly Role[];
}

export function addAccount(program: Command): void {
	const account = program.command("account").description("who may use the registry: people on its pages, and programs");
	const invite = account
		.command("invite")
		.argument("<name>", "as colleagues know them")
		.description("enter a person and print the address where they register a passkey, once, within 24 hours")
		.requiredOption("--role <role>", `what they may do, repeated for several: ${ROLES.join(", ")}`, collectRole)
		.option("--email <address>", "may sign in through the identity provider, which knows them by it")
		.option("--passkey", "with --email: may register a passkey as well");
	withRegistryFlags(withCommonFlags(invite)).action(perform<InviteFlags>(inviteNew));
	const again = account
		.command("reinvite")
		.argument("<person>", "their id, as in holdfast account list")
		.description("another invitation, such as after a lost passkey; the one before is void");
	withRegistryFlags(withCommonFlags(again)).action(perform<RegistryFlags>(inviteAgain));
	const list = account.command("list").description("everybody who may sign in, or could");
	withRegistryFlags(withCommonFlags(list)).action(perform<RegistryFlags>(listAll));
	const roles = account
		.command("roles")
		.argument("<person>")
		.description("replace somebody's roles; they have to sign in again")
		.requiredOption("--role <role>", `repeated for several: ${ROLES.join(", ")}`, collectRole);
	withRegistryFlags(withCommonFlags(roles)).action(
		perform<RolesFlags>((context, flags, [person = ""]) => change(context, flags, person, { roles: [...flags.role] })),
	);
	for (const [name, isDisabled, description] of [
		["disable", true, "sign somebody out everywhere, and let them in no more"],
		["enable", false, "let somebody in again who was disabled"],
	] as const) {
		const command = account.command(name).argument("<person>").description(description);
		withRegistryFlags(withCommonFlags(command)).action(
			perform<RegistryFlags>((context, flags, [person = ""]) => change(context, flags, person, { isDisabled })),
		);
	}
	addAccountProgram(account);
}

async function open(context: CommandContext, flags: RegistryFlags): Promise<AccessClient> {
	return createAccessClient(await addressOf(context, flags));
}

async function inviteNew(context: CommandContext, flags: InviteFlags, [name = ""]: readonly string[]): Promise<ExitCode> {
	const { role, email, passkey } = flags;
	if (passkey && email === undefined) throw new UsageError("--passkey goes with --email: without one, a passkey is the only way");
	const client = await open(context, flags);
	const invitation = await client.addPerson({
		name,
		roles: [...role],
		...(email === undefined ? {} : { email, passkey: passkey ?? false }),
	});
	return say(context, invitation);
}

async function inviteAgain(context: CommandContext, flags: RegistryFlags, [person = ""]: readonly string[]): Promise<ExitCode> {
	return say(context, await (await open(context, flags)).invite(person));
}

function say(context: CommandContext, invitation: Invitation): ExitCode {
	const { person, address, expiresAtUnixSeconds } = invitation;
	const until = new Date(expiresAtUnixSeconds * 1000).toISOString();
	context.output.result({ ok: true, ...invitation }, [
		`${person.name} (${person.personId}): ${person.roles.join(", ")}`,
		...(address === undefined
			? []
			: [address, `Good once, until ${until}. Whoever opens it becomes ${person.name}: hand it over in person.`]),
		...(person.email === undefined
			? []
			: [`Or signs in through the identity provider as ${person.email}, the first time until ${until}.`]),
	]);
	return ExitCode.ok;
}

async function listAll(context: CommandContext, flags: RegistryFlags): Promise<ExitCode> {
	const people = await (await open(context, flags)).listPeople();
	context.output.result({ ok: true, people }, people.length === 0 ? ["Nobody yet: holdfast account invite"] : people.map(line));
	return ExitCode.ok;
}

async function change(
	context: CommandContext,
	flags: RegistryFlags,
	personId: string,
	wanted: { roles?: Role[]; isDisabled?: boolean },
): Promise<ExitCode> {
	const person = await (await open(context, flags)).changePerson(personId, wanted);
	context.output.result({ ok: true, person }, [line(person), "Every session of theirs has ended."]);
	return ExitCode.ok;
}

function line(person: Person): string {
	const ways = [
		...(person.passkeys > 0 ? [`passkeys: ${person.passkeys}`] : []),
		...(person.hasProvider ? ["identity provider"] : []),
		...(person.invitedUntilUnixSeconds === undefined ? [] : ["invited"]),
	];
	const state = person.isDisabled ? "disabled" : ways.length === 0 ? "cannot sign in" : ways.join(", ");
	return `${person.personId}  ${person.name}  ${person.roles.join(", ") || "no role"}  (${state})`;
}

function collectRole(text: string, before: readonly Role[] = []): readonly Role[] {
	const role = ROLES.find((each) => each === text);
	if (!role) throw new InvalidArgumentError(`one of ${ROLES.join(", ")}`);
	return [...new Set([...before, role])];
}
