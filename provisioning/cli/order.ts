import { type Command, InvalidArgumentError, Option } from "commander";

import type { Order, OrderRequest, Reason, RestrictReason } from "../registry/api.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { instant } from "./contract.ts";
import { ExitCode } from "./exit-codes.ts";
import { openAdmin, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";

const REASONS: readonly Reason[] = [
	"overdue",
	"lender_error",
	"dispute",
	"promise_to_pay",
	"disaster",
	"theft_reported",
	"fraud",
	"service",
	"goodwill",
];

/** The phone takes no other for a restriction. */
const RESTRICT_REASONS: readonly RestrictReason[] = ["overdue", "theft_reported", "fraud", "returned"];

interface ReasonFlags extends RegistryFlags {
	readonly reason: Reason;
	readonly requestId?: string;
}

export function addOrder(program: Command): void {
	const order = program
		.command("order")
		.description("signed orders to one phone; the borrower's floor still decides what is obeyed");
	const add = <Flags extends ReasonFlags>(
		name: string,
		description: string,
		build: (flags: Flags) => OrderRequest,
		reasons = REASONS,
	) => {
		const command = order
			.command(name)
			.argument("<contract>")
			.description(description)
			.addOption(new Option("--reason <code>", "why, from the closed list").choices(reasons).makeOptionMandatory())
			.option("--request-id <id>", "the same id again gives the same order");
		withRegistryFlags(withCommonFlags(command)).action(
			perform<Flags>((context, flags, args) => issue(context, flags, args, build(flags))),
		);
		return command;
	};
	add<ReasonFlags & { reason: RestrictReason; level: "limited" | "full"; note: string }>(
		"restrict",
		"restrict a phone for a reason",
		({ level, note, reason, ...flags }) => ({ action: "restrict", level, note, ...basis({ ...flags, reason }), reason }),
		RESTRICT_REASONS,
	)
		.addOption(new Option("--level <level>", "how far").choices(["limited", "full"]).default("limited"))
		.requiredOption("--note <text>", "why, in your own words, for the audit log");
	add("restore", "lift a restriction that an order made", (flags) => ({
		action: "restore",
		...basis(flags),
	}));
	add<
		ReasonFlags & {
			kind: "dispute" | "promise_to_pay" | "disaster" | "clearing";
			until: number;
		}
	>("hold", "no new restriction for a while", ({ kind, until, ...flags }) => ({
		action: "hold",
		kind,
		untilUnixSeconds: until,
		...basis(flags),
	}))
		.addOption(
			new Option("--kind <kind>", "of which kind")
				.choices(["dispute", "promise_to_pay", "disaster", "clearing"])
				.makeOptionMandatory(),
		)
		.requiredOption("--until <when>", "an ISO date, or seconds since 1970", instant);
	add<
		ReasonFlags & {
			id: string;
			text: string;
			language: string;
			kind: "due_soon" | "overdue" | "lock_warning" | "information";
		}
	>("notice", "something the borrower should read", ({ id, text, language, kind, ...flags }) => ({
		action: "notice",
		noticeId: id,
		kind,
		texts: [{ language, text }],
		...basis(flags),
	}))
		.requiredOption("--id <id>", "unique within the contract; the same id is shown once")
		.requiredOption("--text <text>", "plain text")
		.option("--language <tag>", "BCP 47", "en")
		.addOption(
			new Option("--kind <kind>", "about what")
				.choices(["due_soon", "overdue", "lock_warning", "information"])
				.default("information"),
		);
	add<ReasonFlags & { hours: number }>("service-window", "allow debugging over USB for a technician", ({ hours, ...flags }) => ({
		action: "service_window",
		durationSeconds: hours * 3600,
		...basis(flags),
	})).option("--hours <hours>", "for how long, at most 24", wholeHours, 2);
	const list = order.command("list").argument("<contract>").description("orders of a contract and what became of them");
	withRegistryFlags(withCommonFlags(list)).action(perform<RegistryFlags>(listOrders));
}

function basis({ reason, requestId }: ReasonFlags): {
	reason: Reason;
	requestId?: string;
} {
	return { reason, ...(requestId === undefined ? {} : { requestId }) };
}

async function issue(
	context: CommandContext,
	flags: RegistryFlags,
	[contractId = ""]: readonly string[],
	request: OrderRequest,
): Promise<ExitCode> {
	const order = await (await openAdmin(context, flags)).issueOrder(contractId, request);
	context.output.result({ ok: true, order }, [line(order), "The phone has it with its next contact."]);
	return ExitCode.ok;
}

async function listOrders(
	context: CommandContext,
	flags: RegistryFlags,
	[contractId = ""]: readonly string[],
): Promise<ExitCode> {
	const orders = await (await openAdmin(context, flags)).listOrders(contractId);
	context.output.result({ ok: true, orders }, orders.map(line));
	return ExitCode.ok;
}

function line({ epoch, sequence, action, reason, state, rule }: Order): string {
	return `${epoch}.${sequence}  ${action} (${reason}): ${state}${rule === undefined ? "" : ` by ${rule}`}`;
}

function wholeHours(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > 24) throw new InvalidArgumentError("whole hours, 1 to 24");
	return value;
}
