import { readFile } from "node:fs/promises";
import { setTimeout as pauseFor } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { agentApk } from "../../provisioning/handset/packages.ts";
import { DEFAULT_POLICY } from "../../provisioning/handset/preflight.ts";
import { type BatchOpening, createBatch, type OpenBatch, openBatch } from "../../provisioning/station/batch/batch-folder.ts";
import type { JournalDisk } from "../../provisioning/station/journal/journal-disk.ts";
import type { LabelPrinter } from "../../provisioning/station/labels/printer.ts";
import { EMPTY_HUB_MAP, type HubMap } from "../../provisioning/station/slots/hub-map.ts";
import { type StartedStation, startStation } from "../../provisioning/station/start-station.ts";
import type { StationView } from "../../provisioning/station/view.ts";
import type { BadgeHolder } from "../../provisioning/station/work/perform-command.ts";
import type { LabHandset } from "../lab/lab.ts";
import type { World } from "./world.ts";

const APK = fileURLToPath(new URL("../../agent/hosts/android/build/holdfast-agent.apk", import.meta.url));
const STATION = "TST-A-ENR-01";
const PATIENCE_MS = 60_000;

/** Badges of the bench, and who carries them. */
export const BADGES: Readonly<Record<string, BadgeHolder>> = {
	"BADGE-ANN-1": { name: "ann", role: "operator" },
	"BADGE-SUE-1": { name: "sue", role: "supervisor" },
};

export interface BenchOptions {
	readonly world: World;
	readonly folder: string;
	readonly batchId?: string;
	/** One unit for each, under contract `<contracts>-<serial>`. */
	readonly handsets: readonly LabHandset[];
	readonly opening?: Partial<Pick<BatchOpening, "match" | "seal" | "station">>;
	/** Nobody signs in: this one works. Left out, a badge has to be scanned. */
	readonly operator?: string;
	readonly adbPort?: number;
	readonly hubMap?: HubMap;
	readonly disk?: JournalDisk;
	readonly printer?: LabelPrinter;
	/** The manifest tells no serial numbers: a phone is known by its IMEIs alone. */
	readonly withoutSerials?: boolean;
	readonly installsAtOnce?: number;
	/** Default: the batch's own name, and they are entered. Another batch's: they stand in the registry already. */
	readonly contracts?: string;
	/** The batch stands in its folder already, with everything. */
	readonly resume?: boolean;
	/** Pauses of procedures take this part of their time. Default 1. */
	readonly pauseFactor?: number;
	/** How far the station's clock is off, in milliseconds. */
	readonly clockOffsetMs?: number;
}

/** A station in this process, around a world. */
export interface StationBench {
	readonly batch: OpenBatch;
	readonly station: StartedStation;
	/** Mistakes of ours that the station told of. */
	readonly bugs: unknown[];
	contractOf(handset: LabHandset): string;
	/** Resolves when the view is as asked; rejects, with what it was, when it does not become so. */
	until(what: string, holds: (view: StationView) => boolean): Promise<StationView>;
	/** What a scanner reads from the handset's box. */
	scan(handset: LabHandset): ReturnType<StartedStation["perform"]>;
}

/** The manifest of some handsets, as a lender would export it. */
export function manifestOf(
	handsets: readonly LabHandset[],
	contractOf: (handset: LabHandset) => string,
	withoutSerials = false,
): Uint8Array {
	const rows = handsets.map((each) =>
		[contractOf(each), each.imeis[0], each.imeis[1] ?? "", withoutSerials ? "" : each.serial].join(","),
	);
	return new TextEncoder().encode(["contract,imei,imei2,serial", ...rows, ""].join("\n"));
}

export async function openStationBench(options: BenchOptions): Promise<StationBench> {
	const { world, folder, handsets, batchId = "B1", disk } = options;
	const contractOf = (handset: LabHandset) => `${options.contracts ?? batchId}-${handset.serial}`;
	const apk = agentApk(new Uint8Array(await readFile(APK)));
	const { pauseFactor = 1, clockOffsetMs = 0 } = options;
	const clock = {
		nowMs: () => Date.now() + clockOffsetMs,
		pause: (milliseconds: number) => pauseFor(milliseconds * pauseFactor),
	};
	const opening = {
		station: STATION,
		tool: "test",
		apkSha256: apk.sha256,
		match: "manifest" as const,
		seal: true,
		...options.opening,
	};
	const folderOptions = { clock, station: opening.station, tool: "test", ...(disk ? { disk } : {}) };
	if (!options.resume && options.contracts === undefined)
		for (const handset of handsets) await world.enterContract(contractOf(handset), handset);
	const batch = options.resume
		? await openBatch(folder, batchId, folderOptions)
		: await createBatch(folder, batchId, manifestOf(handsets, contractOf, options.withoutSerials), opening, folderOptions);
	const bugs: unknown[] = [];
	const adminToken = world.operatorToken;
	const station = await startStation({
		batch,
		station: opening.station,
		tool: "test",
		adbPort: options.adbPort ?? world.adbPort,
		registry: { url: world.registryUrl, adminToken, attempts: 1 },
		hubMap: options.hubMap ?? EMPTY_HUB_MAP,
		apk,
		policy: DEFAULT_POLICY,
		clock,
		printer: options.printer,
		installsAtOnce: options.installsAtOnce,
		operator: options.operator,
		findBadge: async (code) => BADGES[code],
		onBug: (error) => void bugs.push(error),
	});
	return {
		batch,
		station,
		bugs,
		contractOf,
		until: (what, holds) => until(station, what, holds),
		scan: (handset) => station.perform({ type: "scan", text: handset.imeis[0] ?? "" }),
	};
}

function until(station: StartedStation, what: string, holds: (view: StationView) => boolean): Promise<StationView> {
	return new Promise((resolve, reject) => {
		const look = () => {
			const view = station.view();
			if (!holds(view)) return;
			stop();
			clearTimeout(timer);
			resolve(view);
		};
		const stop = station.onChange(look);
		const timer = setTimeout(() => {
			stop();
			const { slots, pinned, stop: halt, scan, registry, shift } = station.view();
			const checks = shift?.checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`) ?? [
				"nobody is signed in",
			];
			const shown = slots.map(({ slot, word, fault, contractId }) => ({ slot, word, fault: fault?.code, contractId }));
			reject(
				new Error(
					`not within a minute: ${what}; ${JSON.stringify({ shown, halt, scan, registry, pinned: pinned.length, checks })}`,
				),
			);
		}, PATIENCE_MS);
		look();
	});
}
