import { type Command, InvalidArgumentError, Option } from "commander";
import { pagesOf } from "../registry/clients/all-pages.ts";
import { createWebhookClient, type WebhookClient } from "../registry/clients/webhook-client.ts";
import { PAGE_ROWS } from "../registry/page-request.ts";
import { isEventType, WEBHOOK_EVENT_TYPES, type WebhookEventType } from "../registry/webhooks/webhook-event.ts";
import {
	SECRET_OVERLAP_HOURS,
	type Webhook,
	type WebhookDelivery,
	type WebhookSecretOnce,
} from "../registry/webhooks/webhook-request.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { addressOf, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { tokenPlace } from "./token-place.ts";
import { UsageError } from "./usage-error.ts";

interface PlaceFlags extends RegistryFlags {
	readonly to?: string;
	readonly print?: boolean;
}

interface AddFlags extends PlaceFlags {
	readonly name?: string;
	readonly event?: readonly WebhookEventType[];
}

interface RotateFlags extends PlaceFlags {
	readonly overlapHours?: number;
}

interface ReplayFlags extends RegistryFlags {
	readonly event?: string;
	readonly since?: number;
	readonly until?: number;
	readonly all?: boolean;
}

interface DeliveriesFlags extends RegistryFlags {
	readonly state?: WebhookDelivery["state"];
	readonly event?: string;
	readonly limit?: number;
}

/** Most that `deliveries` prints: a list for people. */
const MOST_LISTED = 1000;

export function addWebhook(program: Command): void {
	const webhook = program.command("webhook").description("other systems that are told of what happens (Standard Webhooks)");
	const add = webhook
		.command("add")
		.argument("<url>", "an https address that the Internet reaches")
		.description("enter an endpoint and write its secret to a file that only you can read")
		.option("--name <name>", "what it is, as colleagues know it (default: its host)")
		.option("--event <type>", `only this type, repeated for several: ${WEBHOOK_EVENT_TYPES.join(", ")}`, collectType);
	withPlace(withBase(add)).action(perform<AddFlags>(addOne));
	withBase(webhook.command("list").description("every endpoint, how it is, and what it is owed")).action(
		perform<RegistryFlags>(listAll),
	);
	const rotate = webhook
		.command("rotate")
		.argument("<endpoint>")
		.description("another secret; messages are signed with the one before as well for a while")
		.option(
			"--overlap-hours <hours>",
			`so long the one before signs as well; 0 if it was stolen (default: ${SECRET_OVERLAP_HOURS.usual})`,
			whole(0, SECRET_OVERLAP_HOURS.most),
		);
	withPlace(withBase(rotate)).action(perform<RotateFlags>(rotateOne));
	withBase(
		webhook.command("disable").argument("<endpoint>").description("send it nothing more; what it is owed stays owed"),
	).action(perform<RegistryFlags>(one((client, id) => client.disable(id))));
	withBase(webhook.command("enable").argument("<endpoint>").description("send it events again, first what it is owed")).action(
		perform<RegistryFlags>(enableOne),
	);
	withBase(webhook.command("test").argument("<endpoint>").description("send it a test event")).action(
		perform<RegistryFlags>(one((client, id) => client.test(id))),
	);
	const replay = webhook
		.command("replay")
		.argument("<endpoint>")
		.description("send events again, under their own ids: one, or those of a time that it did not take")
		.option("--event <id>", "this one, evt_...")
		.option("--since <time>", "those from then on, such as 2026-11-20T00:00:00Z", time)
		.option("--until <time>", "those before (default: now)", time)
		.option("--all", "also what it took before");
	withBase(replay).action(perform<ReplayFlags>(replaySome));
	const deliveries = webhook
		.command("deliveries")
		.argument("<endpoint>")
		.description("what it was told, is owed or was not told, the newest first; with --event every attempt of one")
		.addOption(new Option("--state <state>", "only those").choices(["waiting", "delivered", "given_up"]))
		.option("--event <id>", "every attempt to tell it of this event")
		.option("--limit <count>", "so many at most (default: 50)", whole(1, MOST_LISTED));
	withBase(deliveries).action(perform<DeliveriesFlags>(listDeliveries));
}

function withBase(command: Command): Command {
	return withRegistryFlags(withCommonFlags(command));
}

function withPlace(command: Command): Command {
	return command
		.option("--to <file>", "a new file for the secret, mode 0600")
		.option("--print", "print the secret on standard output instead, for a secret store that reads it there");
}

async function open(context: CommandContext, flags: RegistryFlags): Promise<WebhookClient> {
	return createWebhookClient(await addressOf(context, flags));
}

async function addOne(context: CommandContext, flags: AddFlags, [url = ""]: readonly string[]): Promise<ExitCode> {
	const name = flags.name ?? (URL.canParse(url) ? new URL(url).host : url);
	const client = await open(context, flags);
	return handOver(context, flags, () =>
		client.add({ url, name, ...(flags.event === undefined ? {} : { eventTypes: [...flags.event] }) }),
	);
}

async function rotateOne(context: CommandContext, flags: RotateFlags, [id = ""]: readonly string[]): Promise<ExitCode> {
	const { overlapHours } = flags;
	const client = await open(context, flags);
	return handOver(context, flags, () => client.rotate(id, overlapHours === undefined ? {} : { overlapHours }));
}

/** Makes a secret once there is a place for it, so that none is made that nobody gets. */
async function handOver(
	{ output }: CommandContext,
	{ to, print }: PlaceFlags,
	make: () => Promise<WebhookSecretOnce>,
): Promise<ExitCode> {
	if ((to === undefined) === (print !== true))
		throw new UsageError("say where the secret goes: --to FILE, or --print for standard output");
	const place = to === undefined ? undefined : await tokenPlace(to, undefined);
	const { webhook, secret } = await make().catch(async (error: unknown) => {
		await place?.giveUp();
		throw error;
	});
	await place?.put(secret);
	output.result(
		{ ok: true, webhook, ...(place === undefined ? { secret } : { secretFile: place.path }) },
		place === undefined
			? [secret]
			: [line(webhook), `Secret in ${place.path}. It is shown nowhere else: bring the file to whoever verifies the messages.`],
	);
	return ExitCode.ok;
}

async function listAll(context: CommandContext, flags: RegistryFlags): Promise<ExitCode> {
	const webhooks = await (await open(context, flags)).list();
	context.output.result(
		{ ok: true, webhooks },
		webhooks.length === 0 ? ["No endpoint yet: holdfast webhook add"] : webhooks.map(line),
	);
	return ExitCode.ok;
}

function one(act: (client: WebhookClient, endpointId: string) => Promise<Webhook>) {
	return async (context: CommandContext, flags: RegistryFlags, [id = ""]: readonly string[]): Promise<ExitCode> => {
		const webhook = await act(await open(context, flags), id);
		context.output.result({ ok: true, webhook }, [line(webhook)]);
		return ExitCode.ok;
	};
}

async function enableOne(context: CommandContext, flags: RegistryFlags, [id = ""]: readonly string[]): Promise<ExitCode> {
	const client = await open(context, flags);
	const before = (await client.list()).find(({ endpointId }) => endpointId === id);
	const webhook = await client.enable(id);
	const since = before?.disabledAtUnixSeconds;
	context.output.result({ ok: true, webhook }, [
		line(webhook),
		...(since === undefined
			? []
			: [`What happened meanwhile was not queued. To send it: holdfast webhook replay ${id} --since ${iso(since)}`]),
	]);
	return ExitCode.ok;
}

async function replaySome(context: CommandContext, flags: ReplayFlags, [id = ""]: readonly string[]): Promise<ExitCode> {
	const { event, since, until, all } = flags;
	if ((event === undefined) === (since === undefined)) throw new UsageError("say --event ID, or --since TIME");
	const client = await open(context, flags);
	let queued = 0;
	if (event !== undefined) queued = (await client.replay(id, { eventId: event })).queued;
	else {
		let after: number | undefined;
		do {
			const done = await client.replay(id, {
				sinceUnixSeconds: since ?? 0,
				...(until === undefined ? {} : { untilUnixSeconds: until }),
				onlyUndelivered: all !== true,
				...(after === undefined ? {} : { afterSequence: after }),
			});
			queued += done.queued;
			after = done.nextAfterSequence;
		} while (after !== undefined && !context.signal.aborted);
	}
	context.output.result({ ok: true, queued }, [
		queued === 1 ? "1 event will be sent again." : `${queued} events will be sent again.`,
	]);
	return ExitCode.ok;
}

async function listDeliveries(context: CommandContext, flags: DeliveriesFlags, [id = ""]: readonly string[]): Promise<ExitCode> {
	const client = await open(context, flags);
	if (flags.event !== undefined) {
		const attempts = await client.attempts(id, flags.event);
		context.output.result(
			{ ok: true, attempts },
			attempts.map(({ atUnixSeconds, durationMs, status, why, answer }) =>
				[iso(atUnixSeconds), `${durationMs} ms`, status === undefined ? why : `HTTP ${status}`, answer ?? ""].join("  "),
			),
		);
		return ExitCode.ok;
	}
	const most = flags.limit ?? 50;
	const deliveries: WebhookDelivery[] = [];
	let hasMore = false;
	const pages = pagesOf((cursor) =>
		client.deliveries(id, {
			limit: Math.min(PAGE_ROWS.usual, most - deliveries.length),
			...(flags.state === undefined ? {} : { state: flags.state }),
			...(cursor === undefined ? {} : { cursor }),
		}),
	);
	for await (const page of pages) {
		deliveries.push(...page.deliveries);
		hasMore = page.nextCursor !== undefined;
		if (deliveries.length >= most) break;
	}
	const lines = deliveries.length === 0 ? ["Nothing."] : deliveries.map(deliveryLine);
	context.output.result(
		{ ok: true, deliveries, hasMore },
		hasMore ? [...lines, `There are more: --limit, up to ${MOST_LISTED}.`] : lines,
	);
	return ExitCode.ok;
}

function line(webhook: Webhook): string {
	const { endpointId, name, url, eventTypes, state, waiting } = webhook;
	const facts = [
		state === "enabled" ? "enabled" : `DISABLED (${webhook.disabledBecause}) since ${iso(webhook.disabledAtUnixSeconds ?? 0)}`,
		...(webhook.failingSinceUnixSeconds === undefined ? [] : [`failing since ${iso(webhook.failingSinceUnixSeconds)}`]),
		...(webhook.lastDeliveredAtUnixSeconds === undefined
			? ["nothing delivered yet"]
			: [`last delivered ${iso(webhook.lastDeliveredAtUnixSeconds)}`]),
		`${waiting} waiting`,
	];
	return `${endpointId}  ${name}  ${url}  ${eventTypes.length === 0 ? "all events" : eventTypes.join(" ")}  (${facts.join(", ")})`;
}

function deliveryLine(delivery: WebhookDelivery): string {
	const { eventId, type, atUnixSeconds, contractId, state, attempts, lastStatus, lastWhy } = delivery;
	const last = lastStatus === undefined ? (lastWhy ?? "") : `HTTP ${lastStatus}`;
	return [iso(atUnixSeconds), eventId, type, contractId ?? "-", state, `${attempts} tried`, last].join("  ");
}

function iso(seconds: number): string {
	return new Date(seconds * 1000).toISOString().replace(".000", "");
}

function collectType(text: string, before: readonly WebhookEventType[] = []): readonly WebhookEventType[] {
	if (!isEventType(text)) throw new InvalidArgumentError(`one of ${WEBHOOK_EVENT_TYPES.join(", ")}`);
	return [...new Set([...before, text])];
}

function time(text: string): number {
	// Date reads local times as well, and another machine's are others.
	const at = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
	if (Number.isNaN(at)) throw new InvalidArgumentError("a day or a time in UTC, such as 2026-11-20 or 2026-11-20T08:00:00Z");
	return Math.floor(at / 1000);
}

function whole(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (text.trim() === "" || !Number.isInteger(value) || value < least || value > most)
			throw new InvalidArgumentError(`a whole number, ${least} to ${most}`);
		return value;
	};
}
