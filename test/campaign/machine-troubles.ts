import { join } from "node:path";
import { setTimeout as pauseFor } from "node:timers/promises";

import { faultError } from "../../provisioning/handset/fault.ts";
import type { LabelPrinter } from "../../provisioning/station/labels/printer.ts";
import { startHoldfast } from "../e2e/holdfast-process.ts";
import { openStationBench } from "../e2e/station-bench.ts";
import type { LabHandset } from "../lab/lab.ts";
import { again, anyStep, some, type Trouble } from "./trouble.ts";

/** How often the program is killed in one round. */
const KILLS = 4;
function paperlessPrinter(): LabelPrinter {
	return {
		check: async () => ({ ok: true, detail: "It was full of paper a moment ago." }),
		async print() {
			throw faultError("PRINTER_NOT_READY", { details: { label: "not sent" } });
		},
	};
}

/** What goes wrong with the station itself, its disk, its clock, its printer and the registry. */
export const MACHINE_TROUBLES: readonly Trouble[] = [
	{
		id: "registry-down-vouchers",
		what: "the registry is away for an hour; vouchers were fetched before",
		codes: [],
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
		// A call that was under way breaks; whoever asks after it is told that there is no voucher either.
		codes: ["REGISTRY_UNREACHABLE", "VOUCHER_MISSING"],
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
		id: "station-closed",
		what: "the station is closed in the middle of the work and opened again on its journal",
		codes: ["CANCELLED"],
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
		// USB_LOST: killed while a phone was closing its debugging. It is still on the cable when the program comes back, leaves in the
		// middle of its next run, and is then found sealed through the registry.
		codes: ["STATION_STOPPED", "USB_LOST"],
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
		// Whoever comes second is refused; if the first has just ended, its sealed phone leaves the cable under the second.
		codes: ["CONTRACT_LEASED_ELSEWHERE", "USB_LOST"],
		phones: 6,
		async play(round) {
			const { world, hub } = round.its;
			const station = { folder: `${round.folder}-2`, batchId: `${round.batchId}b` };
			const other = await openStationBench({
				...{ world, handsets: round.handsets, operator: "bob", adbPort: hub.port },
				...station,
				contracts: round.batchId,
				opening: { station: "TST-A-ENR-02" },
			});
			round.watch(other, station);
			try {
				await round.plugAll();
				const isDone = (handset: LabHandset) =>
					[round.bench, other].some(({ station }) => station.log.state.units.get(round.contractOf(handset))?.standing === "pass");
				await round.bench.until("every phone passed at one of them", () => round.handsets.every(isDone));
				return undefined;
			} finally {
				await other.station.close();
			}
		},
	},
	{
		id: "clock-wrong",
		what: "the station's clock is years behind while the registry is away: no voucher is taken",
		codes: ["STATION_CLOCK_WRONG"],
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
