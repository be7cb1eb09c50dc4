import { randomBytes } from "node:crypto";
import { setTimeout as pauseFor } from "node:timers/promises";

import type { AgentApk } from "../handset/packages.ts";
import type { PreflightPolicy } from "../handset/preflight.ts";
import type { Clock } from "../procedure/step.ts";
import type { RegistryAddress } from "../registry/clients/registry-call.ts";
import { createRegistryClient } from "../registry/clients/registry-client.ts";
import { createStationClient } from "../registry/clients/station-client.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { openThroughServer } from "../transport/adb-server.ts";
import { ensureAdbServer } from "../transport/adb-server-process.ts";
import { departuresFrom } from "../transport/departures.ts";
import { trackDevices } from "../transport/device-list.ts";
import type { OpenBatch } from "./batch/batch-folder.ts";
import { stepBatch } from "./journal/fold.ts";
import type { LabelPaper } from "./labels/label.ts";
import type { LabelPrinter } from "./labels/printer.ts";
import { controllerGate } from "./slots/controller-gate.ts";
import type { HubMap } from "./slots/hub-map.ts";
import { systemUsbTree, usbFacts } from "./slots/usb-facts.ts";
import type { Station } from "./station.ts";
import { openVoucherStore } from "./vouchers/voucher-folder.ts";
import type { WebhookPost } from "./webhook/post.ts";
import { systemWebhookClock } from "./webhook/system-clock.ts";
import { createAfterRun } from "./work/after-run.ts";
import type { BatchLog } from "./work/batch-log.ts";
import { openErpDesk } from "./work/erp-desk.ts";
import { openLabelDesk } from "./work/label-desk.ts";
import { openStation } from "./work/open-station.ts";
import type { BadgeHolder } from "./work/perform-command.ts";
import { openRegistryRoad, type RegistryRoad } from "./work/registry-road.ts";
import { runShiftChecks } from "./work/shift-checks.ts";

export interface StartStationOptions {
	readonly batch: OpenBatch;
	/** Name of the station, such as `BLR-A-ENR-01`. */
	readonly station: string;
	readonly tool: string;
	/** Port of the adb server on this computer. */
	readonly adbPort: number;
	readonly registry: RegistryAddress;
	/** SHA-256 of the lender's first key set; without it the first one seen is believed. */
	readonly pinKeySet?: string | undefined;
	readonly hubMap: HubMap;
	readonly apk: AgentApk;
	readonly apkSigner?: string | undefined;
	readonly policy: PreflightPolicy;
	readonly printer?: LabelPrinter | undefined;
	readonly paper?: LabelPaper;
	/** How the ERP is told; left out, nobody is. */
	readonly erpPost?: WebhookPost | undefined;
	/** Installs at once on one USB controller. */
	readonly installsAtOnce?: number | undefined;
	/** Who works here; left out, a badge has to be scanned first. */
	readonly operator?: string | undefined;
	findBadge(code: string): Promise<BadgeHolder | undefined>;
	/** Default: this computer's. */
	readonly clock?: Clock;
	onBug(error: unknown): void;
}

/** A station at work, with its road to the registry. */
export interface StartedStation extends Station {
	readonly road: RegistryRoad;
	/** The batch's journal and the state that it tells. */
	readonly log: BatchLog;
}

/**
 * Starts a station on an open batch, with everything around it: adb server, registry, vouchers, printer.
 *
 * @throws {FaultError} if the adb server cannot be started, or the journal cannot be written.
 */
export async function startStation(options: StartStationOptions): Promise<StartedStation> {
	const { batch, station, tool, adbPort, registry, apk, printer, clock = systemClock() } = options;
	const crypto = createNodeCrypto();
	const pins = options.pinKeySet === undefined ? {} : { pins: { firstKeySetSha256: options.pinKeySet } };
	const online = createRegistryClient({ ...registry, ...pins, station, crypto });
	const stationClient = createStationClient({ ...registry, station });
	const store = await openVoucherStore(batch.paths.vouchers);
	const vouchersLeft = () => store.figures(clock.nowMs()).left;
	await ensureAdbServer(adbPort);
	// One watch for all: a connection of its own for each phone costs the adb server more than everything else.
	const departures = departuresFrom({ port: adbPort });
	return openStation({
		...options,
		...{ clock, crypto, tool },
		batchId: batch.batchId,
		units: batch.units,
		journal: batch.journal,
		initial: batch.state,
		fold: stepBatch,
		randomBytes: (length) => Uint8Array.from(randomBytes(length)),
		track: (signal) => trackDevices(signal, { port: adbPort }),
		reviveAdbServer: async () => {
			await ensureAdbServer(adbPort);
		},
		openPort: ({ serial, transportId, usbPath }) =>
			openThroughServer({
				...(transportId === undefined ? { serial } : { transportId, serial, ...(usbPath === undefined ? {} : { usbPath }) }),
				port: adbPort,
				departures,
			}),
		gate: controllerGate({
			clock,
			...(options.installsAtOnce === undefined ? {} : { installsAtOnce: options.installsAtOnce }),
		}),
		usbFacts: usbFacts(systemUsbTree()),
		openRoad: (log, refused) =>
			openRegistryRoad({
				...{ online, station: stationClient, store, log, crypto, refused },
				...pins,
				nowMs: () => clock.nowMs(),
				onBug: options.onBug,
			}),
		async openAfter(log) {
			const { units, journal, paths } = batch;
			const { erpPost: post, onBug } = options;
			const at = { clock: systemWebhookClock, random: Math.random, folder: paths.outbox };
			const erp = post && (await openErpDesk({ log, lines: journal.lines, units, post, onBug, ...at }));
			const labels = openLabelDesk({
				log,
				printer,
				units,
				nowMs: () => clock.nowMs(),
				...(options.paper ? { paper: options.paper } : {}),
			});
			return createAfterRun({ labels, erp, operator: () => log.state.shift?.operator ?? "" });
		},
		runChecks: () =>
			runShiftChecks({
				folder: batch.paths.folder,
				registryUrl: registry.url,
				registryReady: () => stationClient.ready(),
				adbServerReady: async () => {
					await ensureAdbServer(adbPort);
				},
				printer,
				apk: { ...apk.facts, sha256: apk.sha256 },
				vouchersLeft,
				nowMs: () => clock.nowMs(),
			}),
	});
}

function systemClock(): Clock {
	return { nowMs: () => Date.now(), pause: (milliseconds) => pauseFor(milliseconds) };
}
