import type { AgentApk } from "../../handset/packages.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import { readWebhookSecrets } from "../../registry/webhooks/webhook-signature.ts";
import { type Badges, openBadges } from "../../station/crew/badges.ts";
import { folderPrinter } from "../../station/labels/folder-printer.ts";
import { networkPrinter } from "../../station/labels/network-printer.ts";
import type { LabelPrinter } from "../../station/labels/printer.ts";
import type { HubMap } from "../../station/slots/hub-map.ts";
import { loadHubMap } from "../../station/slots/hub-map-file.ts";
import { type WebhookPost, webhookPost } from "../../station/webhook/post.ts";
import { readAgentApk } from "../agent-apk.ts";
import type { CommandContext } from "../context.ts";
import { lastingAddressOf } from "../registry-access.ts";
import { UsageError } from "../usage-error.ts";
import { type StationFlags, stationFolder } from "./station-flags.ts";
import { requireFreePlace } from "./station-page.ts";
import { noteTokenEnd } from "./token-end.ts";

/** What a station works with, as its flags name it. */
export interface Equipment {
	readonly apk: AgentApk;
	readonly badges: Badges;
	readonly erpPost: WebhookPost | undefined;
	readonly hubMap: HubMap;
	readonly printer: LabelPrinter | undefined;
	/** Good for as long as the station is open, also after Ctrl-C. */
	readonly registry: RegistryAddress;
}

/**
 * Reads and checks all that the flags name. Done before a batch is made or opened: a wrong flag leaves nothing behind.
 *
 * @throws {UsageError} with how it should read.
 * @throws {FaultError} APK_..., BADGES_UNREADABLE, HUB_MAP_UNREADABLE, WEBHOOK_MISCONFIGURED.
 */
export async function openEquipment(context: CommandContext, flags: StationFlags): Promise<Equipment> {
	const printer = printerOf(flags.printer, context);
	const erpPost = await erpPostOf(flags);
	const registry = await lastingAddressOf(context, flags, "enrolling");
	const apk = await readAgentApk(flags);
	const hubMap = await loadHubMap(stationFolder(context));
	const badges = await badgesOf(context, flags);
	if (flags.page) await requireFreePlace(flags);
	await noteTokenEnd(context, registry);
	return { apk, badges, erpPost, hubMap, printer, registry };
}

/** The printer that is meant: a folder where the text is a path. */
function printerOf(where: string | undefined, { clock }: CommandContext): LabelPrinter | undefined {
	if (where === undefined) return undefined;
	if (/[/\\]|^\.{1,2}$/.test(where)) return folderPrinter({ folder: where, nowMs: () => clock.nowMs() });
	const [, host, digits] = /^([A-Za-z0-9][A-Za-z0-9.-]*)(?::(\d{1,5}))?$/.exec(where) ?? [];
	const port = digits === undefined ? undefined : Number(digits);
	if (host === undefined || port === 0 || (port ?? 1) > 65_535)
		throw new UsageError(`--printer ${where}: HOST, HOST:PORT, or a folder such as ./labels`);
	return networkPrinter({ host, ...(port === undefined ? {} : { port }) });
}

/** How the ERP is told, if it is to be. */
async function erpPostOf({ erp, erpSecretFile }: StationFlags): Promise<WebhookPost | undefined> {
	if (erp === undefined && erpSecretFile !== undefined)
		throw new UsageError("--erp-secret-file without --erp: say where the ERP is");
	if (erp === undefined) return undefined;
	if (erpSecretFile === undefined) throw new UsageError("--erp needs --erp-secret-file: messages are signed");
	return webhookPost({ url: erp, secrets: await readWebhookSecrets(erpSecretFile) });
}

/** A station without anybody who may sign in would wait for ever. */
async function badgesOf(context: CommandContext, { operator }: StationFlags): Promise<Badges> {
	const badges = await openBadges(stationFolder(context), { clock: context.clock });
	if (operator !== undefined || (await badges.list()).length > 0) return badges;
	throw new UsageError(
		"there are no badges on this station: make one with holdfast station badge add NAME, or name who works with --operator",
	);
}
