import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createStationClient } from "../../provisioning/registry/clients/station-client.ts";
import { verifyJournal } from "../../provisioning/station/journal/verify-journal.ts";
import { folderPrinter } from "../../provisioning/station/labels/folder-printer.ts";
import type { StationView } from "../../provisioning/station/view.ts";
import type { LabHandset } from "../lab/lab.ts";
import { openUsbHub, type UsbHub } from "../lab/usb-hub.ts";
import { openStationBench, type StationBench } from "./station-bench.ts";
import { worldOfThisFile } from "./test-world.ts";

describe("a station", () => {
	const its = worldOfThisFile("station");
	let hub: UsbHub;
	let batches = 0;
	const open: StationBench[] = [];
	beforeAll(async () => {
		await its.world.lab.add(); // so that the adb server is there
		hub = await openUsbHub({ adbServerPort: its.world.adbPort });
	});
	afterAll(async () => {
		await hub.close();
	});

	const phones = async (count: number): Promise<LabHandset[]> => {
		const made: LabHandset[] = [];
		for (let index = 0; index < count; index += 1) made.push(await its.world.lab.add({ plugged: false }));
		return made;
	};
	const bench = async (handsets: readonly LabHandset[], more: Partial<Parameters<typeof openStationBench>[0]> = {}) => {
		batches += 1;
		const { world, folder } = its;
		const opened = await openStationBench({
			...{ world, folder: join(folder, `s${batches}`), batchId: `E${batches}`, handsets, adbPort: hub.port },
			...more,
		});
		open.push(opened);
		return opened;
	};
	const plug = async (handset: LabHandset, usbPath: string) => {
		await handset.plug();
		hub.plug(handset, usbPath);
	};
	const end = async ({ station, bugs, batch }: StationBench) => {
		await station.close();
		expect(bugs).toEqual([]);
		expect(await verifyJournal(batch.paths.journal)).toMatchObject({ ok: true });
		for (const path of hub.usbPaths) hub.unplug(path);
	};

	it("enrolls and seals every phone of the batch that is plugged in, and prints its label", async () => {
		const handsets = await phones(2);
		const labels = join(its.folder, "labels");
		const printer = folderPrinter({ folder: labels, nowMs: () => Date.now() });
		const one = await bench(handsets, { operator: "ann", printer });
		for (const [index, handset] of handsets.entries()) await plug(handset, `1-1.${index + 1}`);
		const view = await one.until("both passed and left the cable", ({ batch, slots }) => {
			return batch.figures.pass === 2 && slots.every(({ word }) => word === "remove-me");
		});
		expect(view.pinned).toEqual([]);
		expect(view.slots.map(({ usbPath }) => usbPath)).toEqual(["1-1.1", "1-1.2"]);
		for (const handset of handsets) {
			expect(handset.restrictions()).toContain("debugging");
			const { enrollment } = await its.world.admin.getContract(one.contractOf(handset));
			expect(enrollment).toMatchObject({ state: "sealed", serial: handset.serial, imei1: handset.imeis[0] });
		}
		await end(one);
		const printed = await Promise.all((await readdir(labels)).map((name) => readFile(join(labels, name), "utf8")));
		expect(printed).toHaveLength(2);
		for (const handset of handsets) expect(printed.some((zpl) => zpl.includes(handset.imeis[0] ?? "none"))).toBe(true);
	});

	it("does nothing before somebody has signed in, and lets a badge do no more than it may", async () => {
		const [handset] = await phones(1);
		if (!handset) throw new Error("a phone");
		const one = await bench([handset]);
		await plug(handset, "1-2.1");
		await one.until("it waits", ({ slots }) => slots.some(({ word }) => word === "ready"));
		expect(await one.scan(handset)).toMatchObject({ ok: false, code: "NOT_SIGNED_IN" });
		expect(await one.station.perform({ type: "scan", text: "BADGE-NOBODY" })).toMatchObject({ ok: false, code: "NOT_A_CODE" });
		const hold = { type: "hold", contractId: one.contractOf(handset), reason: "box is torn" } as const;
		expect(await one.station.perform(hold)).toMatchObject({ ok: false, code: "NOT_SIGNED_IN" });
		expect(one.station.log.state.units.size).toBe(0);
		expect(await one.station.perform({ type: "scan", text: "BADGE-ANN-1" })).toMatchObject({ ok: true });
		await one.until("it passed", ({ batch }) => batch.figures.pass === 1);
		await end(one);
	});

	it("keeps a phone on hold until a supervisor lifts it, and says who and why", async () => {
		const [handset] = await phones(1);
		if (!handset) throw new Error("a phone");
		const one = await bench([handset], { operator: "ann" });
		const contractId = one.contractOf(handset);
		await one.station.perform({ type: "hold", contractId, reason: "box is torn" });
		await plug(handset, "1-3.1");
		await one.until("it is on hold", ({ slots }) => slots.some(({ word }) => word === "hold"));
		const lift = { type: "lift-hold", contractId, reason: "looked at it" } as const;
		expect(await one.station.perform({ ...lift, badge: "BADGE-ANN-1" })).toMatchObject({ ok: false, code: "NOT_A_SUPERVISOR" });
		expect(await one.station.perform({ ...lift, badge: "BADGE-SUE-1" })).toMatchObject({ ok: true });
		await one.until("it passed", ({ batch }) => batch.figures.pass === 1);
		await end(one);
		const { lines } = await verifyJournal(one.batch.paths.journal);
		expect(lines).toContainEqual(expect.objectContaining({ type: "held", operator: "ann", reason: "box is torn" }));
		expect(lines).toContainEqual(expect.objectContaining({ type: "hold-lifted", supervisor: "sue", reason: "looked at it" }));
		expect(JSON.stringify(lines)).not.toContain("BADGE-");
	});

	it("acts on the slots that a person saw, and not on a list that has changed since", async () => {
		const [handset] = await phones(1);
		if (!handset) throw new Error("a phone");
		const one = await bench([handset], { operator: "ann" });
		expect(await one.station.perform({ type: "stop", slots: [1, 2], count: 3 })).toMatchObject({
			ok: false,
			code: "COUNT_DIFFERS",
		});
		expect(await one.station.perform({ type: "stop", slots: [77], count: 1 })).toMatchObject({
			ok: false,
			code: "COUNT_DIFFERS",
		});
		await end(one);
	});

	it("closes a batch only when nothing is under way or owed, and then begins nothing any more", async () => {
		const [handset, late] = await phones(2);
		if (!handset || !late) throw new Error("two phones");
		const one = await bench([handset, late], { operator: "ann" });
		await plug(handset, "1-4.1");
		await one.until("it is at work", ({ slots }) => slots.some(({ step }) => (step?.number ?? 0) >= 2));
		expect(await one.station.perform({ type: "close-batch" })).toMatchObject({ ok: false, code: "BATCH_UNFINISHED" });
		await one.until("it passed", ({ batch }) => batch.figures.pass === 1);
		expect(await one.station.perform({ type: "close-batch" })).toMatchObject({ ok: true });
		expect(await one.station.perform({ type: "close-batch" })).toMatchObject({ ok: false, code: "NOT_SIGNED_IN" });
		await plug(late, "1-4.2");
		await one.until("it is there", ({ slots }) => slots.some(({ usbPath, word }) => usbPath === "1-4.2" && word === "ready"));
		expect(late.agent).toBeUndefined();
		await end(one);
	});

	/** Phones at work that do not answer, so that nobody else's turn comes before they are gone. */
	const blockers = async (one: StationBench, handsets: readonly LabHandset[], hubPath: string) => {
		for (const [index, handset] of handsets.entries()) {
			const usbPath = `${hubPath}.${index + 1}`;
			await plug(handset, usbPath);
			await one.until("it is at work", ({ slots }) => slots.some((slot) => slot.usbPath === usbPath && slot.word === "running"));
			handset.freeze();
		}
		return async () => {
			for (const [index, handset] of handsets.entries()) {
				hub.unplug(`${hubPath}.${index + 1}`);
				handset.thaw();
			}
		};
	};
	const runsOf = async ({ batch }: StationBench, contractId: string) => {
		const { lines } = await verifyJournal(batch.paths.journal);
		return lines.flatMap((line) => (line.type === "run-started" && line.contractId === contractId ? [line] : []));
	};

	it("works on one of two phones with the same IMEIs that came at once and waited for their turn, and stops the other", async () => {
		const busy = await phones(2);
		const [original] = await phones(1);
		if (!original) throw new Error("a phone");
		const copy = await its.world.lab.add({ plugged: false, imeis: original.imeis });
		const one = await bench([...busy, original], { operator: "ann", withoutSerials: true, installsAtOnce: 2 });
		const contractId = one.contractOf(original);
		const letGo = await blockers(one, busy, "1-5.1");
		await Promise.all([plug(original, "1-5.3"), plug(copy, "1-5.4")]);
		const clones = (view: StationView) => view.slots.filter((slot) => slot.contractId === contractId);
		await one.until("both are known", (view) => clones(view).length === 2);
		await letGo();
		await one.until("one passed, and the other shows why not", (view) => {
			const passed = one.station.log.state.units.get(contractId)?.standing === "pass";
			return passed && clones(view).some(({ fault }) => fault?.code === "IDENTITY_CHANGED");
		});
		await end(one);
		expect(await runsOf(one, contractId)).toHaveLength(1);
		const bound = [original, copy].filter(({ restrictions }) => restrictions().includes("debugging"));
		expect(bound).toHaveLength(1);
		const other = [original, copy].find((handset) => handset !== bound[0]);
		expect(other?.agent).toBeUndefined();
		expect(one.station.log.state.units.get(contractId)?.runs).toMatchObject([
			{ serial: bound[0]?.serial, end: { verdict: "pass" } },
		]);
	});

	it("does not begin with a phone whose turn comes after the operator has signed out", async () => {
		const [busy, handset] = await phones(2);
		if (!busy || !handset) throw new Error("two phones");
		const one = await bench([busy, handset], { installsAtOnce: 1 });
		const contractId = one.contractOf(handset);
		await one.station.perform({ type: "scan", text: "BADGE-ANN-1" });
		const letGo = await blockers(one, [busy], "1-6.1");
		await plug(handset, "1-6.2");
		await one.until("it waits", ({ slots }) => slots.some((slot) => slot.contractId === contractId && slot.word === "ready"));
		await one.station.perform({ type: "sign-out" });
		await letGo();
		await one.until("its turn came", ({ slots }) => slots.some(({ word }) => word === "error"));
		await one.station.perform({ type: "scan", text: "BADGE-SUE-1" });
		await one.until("it passed", ({ batch }) => batch.figures.pass === 1);
		await end(one);
		expect(await runsOf(one, contractId)).toMatchObject([{ operator: "sue" }]);
	});

	it("does not begin with a phone that is put on hold while it waits for its turn", async () => {
		const [busy, handset] = await phones(2);
		if (!busy || !handset) throw new Error("two phones");
		const one = await bench([busy, handset], { operator: "ann", installsAtOnce: 1 });
		const contractId = one.contractOf(handset);
		const letGo = await blockers(one, [busy], "1-7.1");
		await plug(handset, "1-7.2");
		await one.until("it waits", ({ slots }) => slots.some((slot) => slot.contractId === contractId && slot.word === "ready"));
		expect(await one.station.perform({ type: "hold", contractId, reason: "box is torn" })).toMatchObject({ ok: true });
		await letGo();
		await one.until("it is on hold", ({ slots }) => slots.some((slot) => slot.contractId === contractId && slot.word === "hold"));
		await one.station.perform({ type: "lift-hold", contractId, reason: "looked at it", badge: "BADGE-SUE-1" });
		await one.until("it passed", ({ batch }) => batch.figures.pass === 1);
		await end(one);
		const { lines } = await verifyJournal(one.batch.paths.journal);
		const told = lines.filter((line) => "contractId" in line && line.contractId === contractId).map(({ type }) => type);
		expect(told.slice(0, 3)).toEqual(["held", "hold-lifted", "run-started"]);
	});

	it("gives a contract back when its phone failed, so that another station can go on with it at once", async () => {
		const handset = await its.world.lab.add({ plugged: false, faults: ["battery-low"] });
		const one = await bench([handset], { operator: "ann" });
		const contractId = one.contractOf(handset);
		await plug(handset, "1-8.1");
		await one.until("it failed", ({ batch }) => batch.figures.failed === 1);
		await end(one);
		const adminToken = its.world.operatorToken;
		const other = createStationClient({ url: its.world.registryUrl, adminToken, station: "TST-B-ENR-01" });
		expect((await other.lease([contractId], 60)).granted).toMatchObject([{ contractId }]);
	});
});
