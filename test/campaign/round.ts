import { join } from "node:path";

import type { FaultCode } from "../../provisioning/handset/fault-codes.ts";
import type { SlotView, StationView } from "../../provisioning/station/view.ts";
import { type BenchOptions, openStationBench, type StationBench } from "../e2e/station-bench.ts";
import type { World } from "../e2e/world.ts";
import type { LabHandset } from "../lab/lab.ts";
import type { UsbHub } from "../lab/usb-hub.ts";
import type { FillableDisk } from "./fillable-disk.ts";

/** What every round shares. */
export interface CampaignWorld {
	readonly world: World;
	readonly hub: UsbHub;
	readonly folder: string;
	/** Of every station of the campaign. */
	readonly disk: FillableDisk;
}

/** One batch of a few phones in which something goes wrong. */
export interface Round {
	readonly its: CampaignWorld;
	readonly batchId: string;
	/** The station's folder. */
	readonly folder: string;
	readonly handsets: readonly LabHandset[];
	/** 0 to 1, from the campaign's seed. */
	random(): number;
	/** The station at work. */
	readonly bench: StationBench;
	contractOf(handset: LabHandset): string;
	portOf(handset: LabHandset): string;
	/** Puts a handset into its port of the hub. */
	plug(handset: LabHandset, more?: { readonly serial?: string; readonly state?: string }): Promise<void>;
	plugAll(): Promise<void>;
	/** Resolves when a handset's run is at this step or past it: 1 for the first. */
	atStep(handset: LabHandset, step: number): Promise<StationView>;
	/** Resolves when a handset's slot shows this code. */
	shows(handset: LabHandset, ...codes: readonly FaultCode[]): Promise<StationView>;
	/** Resolves when every unit of the batch passed, or those that are given. */
	passed(handsets?: readonly LabHandset[]): Promise<StationView>;
	/** Closes the station, as a person would, and opens it again on its journal. */
	reopen(more?: Partial<BenchOptions>): Promise<void>;
	/** A phone that no manifest names, not plugged in; it is gone when the round is. */
	addStranger(): Promise<LabHandset>;
	/** Another station that works on these phones is asked like the round's own when all is over. */
	watch(bench: StationBench, place: BatchPlace): void;
	readonly strangers: readonly LabHandset[];
	readonly inManifest: readonly LabHandset[];
	/** The batches of all stations of the round, the own one first. */
	readonly watched: readonly WatchedBatch[];
	/** Codes that cards showed. */
	readonly shown: Set<FaultCode>;
}

/** Where a station's batch lies. */
export interface BatchPlace {
	readonly folder: string;
	readonly batchId: string;
}

/** A batch, and what its station believed. */
export interface WatchedBatch extends BatchPlace {
	/** Everything that was ever on disk, as the station believed it: number and hash. */
	readonly heads: ReadonlyMap<number, string>;
	/** The station, each time that it was opened. */
	readonly benches: readonly StationBench[];
}

export interface RoundOptions {
	readonly its: CampaignWorld;
	readonly batchId: string;
	readonly handsets: readonly LabHandset[];
	/** Those that the manifest names. */
	readonly inManifest: readonly LabHandset[];
	readonly random: () => number;
	readonly more?: Partial<BenchOptions>;
}

/** Opens a batch and a station on it, phones not plugged in. */
export async function openRound({ its, batchId, handsets, inManifest, random, more = {} }: RoundOptions): Promise<Round> {
	const { world, hub } = its;
	const folder = stationFolderOf(its, batchId);
	const heads = new Map<number, string>();
	const shown = new Set<FaultCode>();
	const strangers: LabHandset[] = [];
	const watched: WatchedBatch[] = [];
	const follow = ({ station }: StationBench, into: Map<number, string>) => {
		const { head } = station.log.state;
		into.set(head.n, head.hash);
		station.onChange(() => {
			const { head: now } = station.log.state;
			into.set(now.n, now.hash);
			for (const { fault } of station.view().slots) if (fault) shown.add(fault.code);
		});
	};
	const standard = { world, folder, batchId, handsets: inManifest, operator: "ann", adbPort: hub.port, disk: its.disk.disk };
	const benches: StationBench[] = [];
	watched.push({ folder, batchId, heads, benches });
	const open = async (options: BenchOptions): Promise<StationBench> => {
		const opened = await openStationBench(options);
		benches.push(opened);
		follow(opened, heads);
		return opened;
	};
	let bench = await open({ ...standard, ...more });
	const contractOf = (handset: LabHandset) => bench.contractOf(handset);
	const portOf = (handset: LabHandset) =>
		`1-${1 + Math.floor(handsets.indexOf(handset) / 7)}.${(handsets.indexOf(handset) % 7) + 1}`;
	const slotOf = (view: StationView, handset: LabHandset): SlotView | undefined =>
		view.slots.find(({ usbPath, contractId }) => contractId === contractOf(handset) || usbPath === portOf(handset));
	const standing = (handset: LabHandset) => bench.station.log.state.units.get(contractOf(handset))?.standing;
	const round: Round = {
		its,
		batchId,
		folder,
		handsets,
		random,
		shown,
		strangers,
		inManifest,
		watched,
		get bench() {
			return bench;
		},
		contractOf,
		portOf,
		async addStranger() {
			const stranger = await world.lab.add({ plugged: false });
			strangers.push(stranger);
			return stranger;
		},
		watch(other, place) {
			const believed = new Map<number, string>();
			watched.push({ ...place, heads: believed, benches: [other] });
			follow(other, believed);
		},
		async plug(handset, options) {
			await handset.plug();
			hub.plug(handset, portOf(handset), options);
		},
		async plugAll() {
			for (const handset of handsets) await round.plug(handset);
		},
		atStep: (handset, step) =>
			bench.until(`${contractOf(handset)} at step ${step}`, (view) => {
				const isThere = (slotOf(view, handset)?.step?.number ?? 0) >= step;
				return isThere || standing(handset) === "pass" || standing(handset) === "fail";
			}),
		shows: (handset, ...codes) =>
			bench.until(`${contractOf(handset)} shows ${codes.join(" or ")}`, (view) => {
				const { fault } = slotOf(view, handset) ?? {};
				return fault !== undefined && codes.includes(fault.code);
			}),
		passed: (some = handsets) => bench.until("all passed", () => some.every((handset) => standing(handset) === "pass")),
		async reopen(options = {}) {
			await bench.station.close();
			bench = await open({ ...standard, ...more, ...options, resume: true });
		},
	};
	return round;
}

/** The station of a round has a state folder of its own, so that a command can be sent to work in it. */
export function stationFolderOf({ folder }: CampaignWorld, batchId: string): string {
	return join(folder, batchId, "station");
}
