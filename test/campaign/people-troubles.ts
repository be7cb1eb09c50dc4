import type { StationCommand } from "../../provisioning/station/command.ts";
import { again, anyStep, type Trouble } from "./trouble.ts";

/** What people do. */
export const PEOPLE_TROUBLES: readonly Trouble[] = [
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
		// The manifest has the serial of the one that it means: no run of the other begins.
		codes: [],
		shows: ["IMEI_MISMATCH"],
		phones: 8,
		clones: true,
		async play(round) {
			await round.plugAll();
			const originals = round.handsets.filter((_, index) => index % 2 === 0);
			const copies = round.handsets.filter((_, index) => index % 2 === 1);
			await round.passed(originals);
			await Promise.all(copies.map((handset) => round.shows(handset, "IMEI_MISMATCH")));
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
			const stranger = await round.addStranger();
			await stranger.plug();
			round.its.hub.plug(stranger, "3-1");
			await round.bench.until("the stranger is refused", ({ slots }) =>
				slots.some(({ fault }) => fault?.code === "UNIT_NOT_IN_BATCH"),
			);
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
];
