import { join } from "node:path";
import { setTimeout as pauseFor } from "node:timers/promises";

import { faultError } from "../../provisioning/handset/fault.ts";
import type { FaultCode } from "../../provisioning/handset/fault-codes.ts";
import type { StationCommand } from "../../provisioning/station/command.ts";
import type { LabelPrinter } from "../../provisioning/station/labels/printer.ts";
import { startHoldfast } from "../e2e/holdfast-process.ts";
import { type BenchOptions, openStationBench } from "../e2e/station-bench.ts";
import { FAULTS } from "../lab/faults.ts";
import type { LabHandset } from "../lab/lab.ts";
import type { Round } from "./round.ts";

/** Something that goes wrong in a warehouse, and what must come of it. */
export interface Trouble {
	readonly id: string;
	readonly what: string;
	/** Codes that runs may end with; any other is a wrong stop. */
	readonly codes: readonly FaultCode[];
	/** Codes that must be seen on a card, such as a scan's mismatch, which begins no run. */
	readonly shows?: readonly FaultCode[];
	readonly phones: number;
	readonly more?: (random: () => number) => Partial<BenchOptions>;
	/** Faults of the handsets themselves, as `scripts/lab` takes them. */
	readonly faults?: (index: number, random: () => number) => readonly string[];
	/** Two handsets in a row say the same IMEIs. */
	readonly clones?: true;
	/** Makes the trouble, then puts it right as a person would. Returns the handsets that must have passed; all of them by default. */
	play(round: Round): Promise<readonly LabHandset[] | undefined>;
}

/** Steps of an enrolment at which something can happen: preflight to confirm. */
const STEPS = 8;
const LINK: readonly FaultCode[] = [
	"USB_LOST",
	"ADB_SERVER_GONE",
	"ADB_OFFLINE",
	"NO_DEVICE",
	"LINK_STALLED",
	"TRANSFER_STALLED",
];

/** How often the program is killed in one round. */
const KILLS = 4;
/** Played elsewhere one by one: they take a link's whole deadline, unplug themselves, or need another Android. */
const SLOW = new Set([
	"frozen",
	"frozen-at-owner",
	"slow-usb",
	"transfer-stalls",
	"adb-offline",
	"unplug",
	"unplug-at-bind",
	"unplug-at-install",
	"reboot-midway",
	"swapped-midway",
	"key-denied",
	"key-ignored",
	"foyer",
	"private-space",
]);
const FAST_FAULTS = FAULTS.filter(
	({ id, seenBy, minSdk }) => (seenBy === "doctor" || seenBy === "enroll") && minSdk === undefined && !SLOW.has(id),
);

function paperlessPrinter(): LabelPrinter {
	return {
		check: async () => ({ ok: true, detail: "It was full of paper a moment ago." }),
		async print() {
			throw faultError("PRINTER_NOT_READY", { details: { label: "not sent" } });
		},
	};
}

const anyStep = ({ random }: Round) => 1 + Math.floor(random() * STEPS);
const some = <Value>(values: readonly Value[], { random }: Round): Value => {
	const value = values[Math.floor(random() * values.length)];
	if (value === undefined) throw new Error("nothing to choose from");
	return value;
};

/** Every trouble of the campaign. */
export const TROUBLES: readonly Trouble[] = [
	{
		id: "none",
		what: "nothing goes wrong",
		codes: [],
		phones: 16,
		async play(round) {
			await round.plugAll();
			await round.passed();
			return undefined;
		},
	},
	{
		id: "unplug-same-port",
		what: "a cable is pulled at a random step and put back",
		codes: LINK,
		phones: 12,
		async play(round) {
			await round.plugAll();
			const { hub } = round.its;
			await Promise.all(
				round.handsets.map(async (handset) => {
					await round.atStep(handset, anyStep(round));
					if (!hub.usbPaths.includes(round.portOf(handset))) return;
					hub.unplug(round.portOf(handset));
					hub.plug(handset, round.portOf(handset));
				}),
			);
			await round.passed();
			return undefined;
		},
	},
	{
		id: "unplug-other-port",
		what: "the same phone goes on in another port",
		codes: LINK,
		phones: 12,
		async play(round) {
			await round.plugAll();
			const { hub } = round.its;
			await Promise.all(
				round.handsets.map(async (handset, index) => {
					await round.atStep(handset, anyStep(round));
					if (hub.usbPaths.includes(round.portOf(handset))) hub.move(round.portOf(handset), `2-1.${index + 1}`);
				}),
			);
			await round.passed();
			return undefined;
		},
	},
	{
		id: "cable-knocked",
		what: "the link is lost and back at once, twice",
		codes: LINK,
		phones: 12,
		async play(round) {
			await round.plugAll();
			const { hub } = round.its;
			await Promise.all(
				round.handsets.map(async (handset) => {
					for (const step of [2, anyStep(round)]) {
						await round.atStep(handset, step);
						if (hub.usbPaths.includes(round.portOf(handset))) hub.drop(round.portOf(handset));
					}
				}),
			);
			await round.passed();
			return undefined;
		},
	},
	{
		id: "hub-unplugged",
		what: "a hub with 16 phones at work is unplugged and plugged in again",
		codes: LINK,
		phones: 16,
		async play(round) {
			await round.plugAll();
			await round.atStep(some(round.handsets, round), anyStep(round));
			const plugIn = round.its.hub.unplugHub("1-1");
			const plugOther = round.its.hub.unplugHub("1-2");
			plugIn();
			plugOther();
			await round.passed();
			return undefined;
		},
	},
	{
		id: "adb-server-killed",
		what: "the adb server is killed under all of them",
		codes: LINK,
		phones: 12,
		async play(round) {
			await round.plugAll();
			await round.atStep(some(round.handsets, round), anyStep(round));
			await round.its.hub.killServer();
			await round.its.hub.startServer();
			await round.passed();
			return undefined;
		},
	},
	{
		id: "unauthorized",
		what: "nobody taps Allow, then somebody does",
		codes: [],
		shows: ["ADB_UNAUTHORIZED"],
		phones: 8,
		async play(round) {
			for (const handset of round.handsets) await round.plug(handset, { state: "unauthorized" });
			await Promise.all(round.handsets.map((handset) => round.shows(handset, "ADB_UNAUTHORIZED")));
			for (const handset of round.handsets) round.its.hub.setState(round.portOf(handset), "device");
			await round.passed();
			return undefined;
		},
	},
	{
		id: "duplicate-serials",
		what: "all phones say the same serial number to adb",
		codes: [],
		phones: 8,
		async play(round) {
			for (const handset of round.handsets) await round.plug(handset, { serial: "0123456789ABCDEF" });
			await round.passed();
			return undefined;
		},
	},
	{
		id: "swapped-after-scan",
		what: "another phone is plugged in than the one whose box was scanned",
		codes: [],
		shows: ["SCAN_MISMATCH"],
		phones: 6,
		more: () => ({ opening: { match: "scan" } }),
		async play(round) {
			const { bench, handsets } = round;
			for (let index = 0; index + 1 < handsets.length; index += 2) {
				const [first, second] = [handsets[index], handsets[index + 1]];
				if (!first || !second) throw new Error("an even number of phones");
				await bench.scan(first);
				await round.plug(second);
				await round.shows(second, "SCAN_MISMATCH");
				await bench.scan(second);
				await round.passed([second]);
				await bench.scan(first);
				await round.plug(first);
				await round.passed([first]);
			}
			return undefined;
		},
	},
	{
		id: "three-wrong-phones",
		what: "three wrong phones in a row close the slot until a supervisor comes",
		codes: [],
		shows: ["SCAN_MISMATCH", "SLOT_LOCKED"],
		phones: 4,
		more: () => ({ opening: { match: "scan" } }),
		async play(round) {
			const [right, ...wrong] = round.handsets;
			const { hub } = round.its;
			if (!right) throw new Error("a phone");
			const port = round.portOf(right);
			await round.bench.scan(right);
			for (const handset of wrong) {
				await handset.plug();
				hub.plug(handset, port);
				await round.bench.until("a stop", ({ slots }) =>
					slots.some(({ fault }) => fault?.code === "SCAN_MISMATCH" || fault?.code === "SLOT_LOCKED"),
				);
				hub.unplug(port);
				await round.bench.until("empty", ({ slots }) => slots.every(({ word, locked }) => word === "empty" || locked === true));
			}
			await round.plug(right);
			await round.shows(right, "SLOT_LOCKED");
			const slot = round.bench.station.view().slots.find(({ usbPath }) => usbPath === port)?.slot ?? 0;
			const refused = await round.bench.station.perform({
				type: "clear-mismatch",
				slot,
				reason: "looked at it",
				badge: "BADGE-ANN-1",
			});
			if (refused.ok) throw new Error("an operator opened a locked slot");
			await round.bench.station.perform({ type: "clear-mismatch", slot, reason: "looked at it", badge: "BADGE-SUE-1" });
			await round.bench.scan(right);
			await round.passed([right]);
			return [right];
		},
	},
	{
		id: "clones",
		what: "two phones have the same IMEIs",
		// Who comes second is refused, by the station while the first is at work or done, and by the phone's serial afterwards.
		codes: ["IMEI_MISMATCH", "IDENTITY_CHANGED", "CONTRACT_BOUND_ELSEWHERE"],
		phones: 8,
		clones: true,
		async play(round) {
			await round.plugAll();
			const originals = round.handsets.filter((_, index) => index % 2 === 0);
			const copies = round.handsets.filter((_, index) => index % 2 === 1);
			await round.passed(originals);
			await Promise.all(
				copies.map((handset) => round.shows(handset, "IMEI_MISMATCH", "UNIT_IN_OTHER_SLOT", "UNIT_DONE", "IDENTITY_CHANGED")),
			);
			return originals;
		},
	},
	{
		id: "not-in-batch",
		what: "a phone of another batch is among them",
		codes: [],
		shows: ["UNIT_NOT_IN_BATCH"],
		phones: 8,
		async play(round) {
			await round.plugAll();
			const stranger = await round.its.world.lab.add({ plugged: false });
			await stranger.plug();
			round.its.hub.plug(stranger, "3-1");
			await round.bench.until("the stranger is refused", ({ slots }) =>
				slots.some(({ fault }) => fault?.code === "UNIT_NOT_IN_BATCH"),
			);
			await round.passed();
			round.its.hub.unplug("3-1");
			await stranger.close();
			return undefined;
		},
	},
	{
		id: "registry-down-vouchers",
		what: "the registry is away for an hour; vouchers were fetched before",
		codes: ["REGISTRY_UNREACHABLE"],
		phones: 8,
		async play(round) {
			const { world } = round.its;
			const { station, batch } = round.bench;
			await station.road.fetchVouchers(batch.units, () => {});
			await world.killRegistry();
			try {
				await round.plugAll();
				await round.bench.until("all bound", () =>
					round.handsets.every((handset) => station.log.state.units.get(round.contractOf(handset))?.standing === "queued"),
				);
			} finally {
				await world.startRegistry();
			}
			await round.passed();
			return undefined;
		},
	},
	{
		id: "registry-down",
		what: "the registry dies under them, without vouchers, and comes back",
		codes: ["REGISTRY_UNREACHABLE", "VOUCHER_MISSING", "USB_LOST"],
		phones: 8,
		async play(round) {
			const { world } = round.its;
			await round.plugAll();
			await round.atStep(some(round.handsets, round), anyStep(round));
			await world.killRegistry();
			await world.startRegistry();
			await round.passed();
			return undefined;
		},
	},
	{
		id: "disk-full",
		what: "the station's disk is full at a random line of the journal, then has room again",
		codes: ["STATION_DISK_FULL"],
		phones: 8,
		async play(round) {
			await round.plugAll();
			await round.atStep(some(round.handsets, round), anyStep(round));
			round.its.disk.fill(true);
			await round.bench.until("the station is down", ({ down }) => down !== undefined);
			round.its.disk.fill(false);
			await round.bench.until("the station is up", ({ down }) => down === undefined);
			for (const handset of round.handsets) {
				if (round.bench.station.log.state.units.get(round.contractOf(handset))?.standing === "pass") continue;
				await again(round, handset);
			}
			await round.passed();
			return undefined;
		},
	},
	{
		id: "double-clicks",
		what: "a rude operator gives every command twice at once, and stops and retries at random",
		codes: ["CANCELLED"],
		phones: 8,
		more: () => ({ opening: { match: "scan" } }),
		async play(round) {
			const { bench, handsets } = round;
			for (const handset of handsets) {
				await Promise.all([bench.scan(handset), bench.scan(handset)]);
				await round.plug(handset);
				await round.atStep(handset, anyStep(round));
				const slot = bench.station.view().slots.find(({ contractId }) => contractId === round.contractOf(handset))?.slot ?? 0;
				const stop: StationCommand = { type: "stop", slots: [slot], count: 1 };
				await Promise.all([bench.station.perform(stop), bench.station.perform(stop)]);
				await again(round, handset);
			}
			await round.passed();
			return undefined;
		},
	},
	{
		id: "station-closed",
		what: "the station is closed in the middle of the work and opened again on its journal",
		codes: ["CANCELLED", "STATION_STOPPED", "USB_LOST"],
		phones: 8,
		async play(round) {
			await round.plugAll();
			await round.atStep(some(round.handsets, round), anyStep(round));
			await round.reopen();
			await round.passed();
			return undefined;
		},
	},
	{
		id: "killed",
		what: "kill -9 of the station's program, four times at random moments, each time started again",
		codes: ["STATION_STOPPED", ...LINK],
		phones: 12,
		async play(round) {
			await round.bench.station.close();
			const { hub, world } = round.its;
			const env = { ...world.env, HOLDFAST_STATE: join(round.folder, ".."), ANDROID_ADB_SERVER_PORT: String(hub.port) };
			const flags = ["--operator", "ann", "--station", "TST-A-ENR-01", "--no-page", "--exit-when-done", "--json=stream"];
			for (const handset of round.handsets) await handset.plug();
			for (let kill = 0; ; kill += 1) {
				const command = startHoldfast(["station", "resume", round.batchId, ...flags], { env, deadlineMs: 100_000 });
				await command.firstLine;
				for (const handset of round.handsets) {
					if (!hub.usbPaths.includes(round.portOf(handset))) hub.plug(handset, round.portOf(handset));
				}
				if (kill === KILLS) {
					const { code, stderr } = await command.ended;
					if (code !== 0) throw new Error(`the station ended with ${code}: ${stderr}`);
					break;
				}
				await pauseFor(200 + round.random() * 2500);
				command.kill("SIGKILL");
				await command.ended;
			}
			await round.reopen();
			return undefined;
		},
	},
	{
		id: "two-stations",
		what: "two stations work on the same phones of the same batch at once",
		codes: ["CONTRACT_LEASED_ELSEWHERE", "AGENT_UNREACHABLE", ...LINK],
		phones: 6,
		async play(round) {
			const { world, hub } = round.its;
			const other = await openStationBench({
				...{ world, handsets: round.handsets, operator: "bob", adbPort: hub.port },
				folder: `${round.folder}-2`,
				batchId: `${round.batchId}b`,
				contracts: round.batchId,
				opening: { station: "TST-A-ENR-02" },
			});
			try {
				await round.plugAll();
				const isDone = (handset: LabHandset) =>
					[round.bench, other].some(({ station }) => station.log.state.units.get(round.contractOf(handset))?.standing === "pass");
				await round.bench.until("every phone passed at one of them", () => round.handsets.every(isDone));
				const passes = round.handsets.map((handset) =>
					[round.bench, other].filter(
						({ station }) => station.log.state.units.get(round.contractOf(handset))?.standing === "pass",
					),
				);
				if (passes.some(({ length }) => length !== 1)) throw new Error("a phone passed at both stations");
				if (other.bugs.length > 0) throw other.bugs[0];
				return round.handsets.filter((_, index) => passes[index]?.[0] === round.bench);
			} finally {
				await other.station.close();
			}
		},
	},
	{
		id: "sick-phones",
		what: "each phone has something wrong with it, and the card must say what",
		codes: FAST_FAULTS.flatMap(({ code, alsoSeen = [] }) => [code, ...alsoSeen]),
		phones: 12,
		more: () => ({ pauseFactor: 0.02 }),
		faults: (_, random) => [FAST_FAULTS[Math.floor(random() * FAST_FAULTS.length)]?.id ?? ""],
		async play(round) {
			await round.plugAll();
			await Promise.all(
				round.handsets.map((handset) => {
					const fault = FAST_FAULTS.find(({ id }) => id === handset.faults[0]);
					return fault && round.shows(handset, fault.code, ...(fault.alsoSeen ?? []));
				}),
			);
			return [];
		},
	},
	{
		id: "clock-wrong",
		what: "the station's clock is years behind while the registry is away: no voucher is taken",
		codes: ["STATION_CLOCK_WRONG", "REGISTRY_UNREACHABLE"],
		shows: ["STATION_CLOCK_WRONG"],
		phones: 4,
		async play(round) {
			const { world } = round.its;
			const { station, batch } = round.bench;
			await station.road.fetchVouchers(batch.units, () => {});
			await world.killRegistry();
			try {
				await round.reopen({ clockOffsetMs: -5 * 365 * 24 * 3600 * 1000 });
				await round.plugAll();
				// The check before the shift finds it; a supervisor who waves it through does not get further either.
				const waive = { type: "skip-shift-check", reason: "no time for that", badge: "BADGE-SUE-1" } as const;
				await round.bench.until(
					"the shift is stopped",
					({ shift }) => shift?.checks.some(({ name, ok }) => name === "clock" && !ok) === true,
				);
				await round.bench.station.perform(waive);
				await Promise.all(round.handsets.map((handset) => round.shows(handset, "STATION_CLOCK_WRONG")));
			} finally {
				await world.startRegistry();
			}
			await round.reopen();
			await round.passed();
			return undefined;
		},
	},
	{
		id: "no-paper",
		what: "the label printer has no paper: phones pass, their labels are printed later",
		codes: [],
		shows: [],
		phones: 4,
		more: () => ({ printer: paperlessPrinter() }),
		async play(round) {
			await round.plugAll();
			await round.passed();
			await round.bench.until("the printer is told of", ({ pinned }) =>
				pinned.some(({ fault }) => fault.code === "PRINTER_NOT_READY"),
			);
			return undefined;
		},
	},
];

/** Asks for another try until the unit passed: a click may come while the run before it is still ending. */
async function again(round: Round, handset: LabHandset): Promise<void> {
	const { station } = round.bench;
	const contractId = round.contractOf(handset);
	const retry = async () => {
		const slot = station.view().slots.find((each) => each.contractId === contractId && each.word !== "running")?.slot;
		if (slot !== undefined) await station.perform({ type: "retry", slots: [slot], count: 1 });
	};
	const stop = station.onChange(() => void retry());
	try {
		await retry();
		await round.passed([handset]);
	} finally {
		stop();
	}
}
