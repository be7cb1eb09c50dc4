import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";

import { folderPrinter } from "../../../../provisioning/station/labels/folder-printer.ts";
import { passLabel } from "../../../../provisioning/station/labels/label.ts";
import { networkPrinter } from "../../../../provisioning/station/labels/network-printer.ts";
import { parsePrinterStatus } from "../../../../provisioning/station/labels/printer-status.ts";
import { freePort } from "../../../lab/free-port.ts";
import { SAMPLE_LABEL } from "./sample-labels.ts";
import { type Answer, hqes, openStandInPrinter, type StandInPrinter } from "./stand-in-printer.ts";

const ZPL = passLabel(SAMPLE_LABEL);
const [PAPER_OUT, HEAD_OPEN, PAUSED, PAPER_LOW] = [0x1, 0x4, 0x10000, 0x8];

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of opened.splice(0)) await close();
});

async function standIn(answer: Answer, how: Parameters<typeof openStandInPrinter>[1] = {}): Promise<StandInPrinter> {
	const printer = await openStandInPrinter(answer, how);
	opened.push(printer.close);
	return printer;
}

/** Patient enough for a busy machine, unless the test is about a printer that stays silent. */
const to = (port: number, answerMs = 5000) =>
	networkPrinter({ host: "127.0.0.1", port, answerMs, sendMs: 1000, connectMs: 5000 });
const faultOf = async (work: Promise<unknown>) => {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	return error instanceof Error && "fault" in error ? error.fault : error;
};

describe("a printer on the network", () => {
	it("that says nothing is wrong confirms the label", async () => {
		const printer = await standIn(() => hqes());
		await expect(to(printer.port).print(ZPL)).resolves.toEqual({ confirmed: true });
		expect(printer.labels).toEqual([ZPL.trim()]);
		expect(await to(printer.port).check()).toEqual({ ok: true, detail: `The printer at 127.0.0.1:${printer.port} is ready.` });
	});

	it("may answer in pieces", async () => {
		const printer = await standIn(() => [...hqes()]);
		await expect(to(printer.port).print(ZPL)).resolves.toEqual({ confirmed: true });
	});

	it("tells what it will need soon", async () => {
		const printer = await standIn(() => hqes(0, PAPER_LOW));
		expect((await to(printer.port).check()).detail).toContain("Soon: its paper is nearly used up.");
		await expect(to(printer.port).print(ZPL)).resolves.toEqual({ confirmed: true });
	});

	it.each([
		[PAPER_OUT, "there is no label paper in it"],
		[HEAD_OPEN, "its print head is open"],
		[PAPER_OUT | HEAD_OPEN, "there is no label paper in it, its print head is open"],
		[PAUSED, "it is paused"],
		[0x80000000, "it reports an error that is shown on its display"],
	])("that reports %i gets no label", async (bits, words) => {
		const printer = await standIn(() => hqes(bits));
		expect(await faultOf(to(printer.port).print(ZPL))).toMatchObject({
			code: "PRINTER_NOT_READY",
			details: { printer: words, label: "not sent" },
		});
		expect(printer.labels).toEqual([]);
		expect(await to(printer.port).check()).toMatchObject({ ok: false, detail: expect.stringContaining(words) });
	});

	it("that runs out of paper on this label says so, and that the label was sent", async () => {
		const printer = await standIn((asked) => hqes(asked === 1 ? 0 : PAPER_OUT));
		expect(await faultOf(to(printer.port).print(ZPL))).toMatchObject({ code: "PRINTER_NOT_READY", details: { label: "sent" } });
		expect(printer.labels).toHaveLength(1);
	});

	it.each<[string, Answer]>([
		["says nothing", () => undefined],
		["answers rubbish", () => "\u0002HTTP/1.1 400 Bad Request\r\n\u0003"],
		["answers without end", () => "A".repeat(1_000_000)],
		["answers half", () => hqes().slice(0, 40)],
	])("that %s prints, and nothing is confirmed", async (_what, answer) => {
		const printer = await standIn(answer);
		await expect(to(printer.port, 150).print(ZPL)).resolves.toEqual({ confirmed: false });
		expect(printer.labels).toEqual([ZPL.trim()]);
		expect(await to(printer.port, 150).check()).toMatchObject({
			ok: true,
			detail: expect.stringContaining("look at each label"),
		});
	});

	it("that is not there is told", async () => {
		const port = await freePort();
		expect(await faultOf(to(port).print(ZPL))).toMatchObject({
			code: "PRINTER_UNREACHABLE",
			details: { address: `127.0.0.1:${port}`, label: "not sent" },
		});
		expect(await to(port).check()).toMatchObject({ ok: false, detail: expect.stringContaining("does not answer") });
	});

	it("that hangs up at once is told", async () => {
		const printer = await standIn(() => hqes(), { closesAt: "connect" });
		expect(await faultOf(to(printer.port).print(ZPL))).toMatchObject({ code: "PRINTER_UNREACHABLE" });
	});

	it("that hangs up after the label took it, unconfirmed", async () => {
		const printer = await standIn(() => hqes(), { closesAt: "label" });
		await expect(to(printer.port).print(ZPL)).resolves.toEqual({ confirmed: false });
	});

	it("that takes nothing more does not hold the station up", async () => {
		const printer = await standIn(() => hqes(), { reads: false });
		const large = ZPL.repeat(3000);
		expect(await faultOf(to(printer.port, 150).print(large))).toMatchObject({
			code: "PRINTER_UNREACHABLE",
			details: { label: "perhaps in part" },
		});
	});

	it("gets one label at a time, in order, also after one that failed", async () => {
		const printer = await standIn((asked) => hqes(asked === 3 ? PAPER_OUT : 0));
		const to1 = to(printer.port);
		const ends = await Promise.allSettled(["A", "B", "C"].map((name) => to1.print(`^XA^FD${name}^FS^XZ`)));
		expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
		expect(printer.labels).toEqual(["^XA^FDA^FS^XZ", "^XA^FDC^FS^XZ"]);
		expect(printer.mostConnections).toBe(1);
	});
});

describe("a printer's answer", () => {
	it("is never misread, whatever it is", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (answer) => {
				fc.pre(!answer.includes("ERRORS:"));
				expect(parsePrinterStatus(answer)).toBeUndefined();
			}),
		);
	});

	it("is an error wherever one bit of the errors is set", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 31 }), (bit) => {
				expect(parsePrinterStatus(hqes((1 << bit) >>> 0))?.errors).toHaveLength(1);
			}),
		);
		expect(parsePrinterStatus(hqes().replace("0 00000000", "1 00000001"))?.errors).toHaveLength(1);
	});
});

describe("a folder in place of a printer", () => {
	const folder = async () => {
		const path = await mkdtemp(join(tmpdir(), "labels-"));
		opened.push(() => rm(path, { recursive: true }));
		return path;
	};

	it("gets a file for each label, named by time", async () => {
		const path = join(await folder(), "deep", "er");
		const printer = folderPrinter({ folder: path, nowMs: () => Date.UTC(2026, 10, 21, 14, 5) });
		expect(await printer.check()).toEqual({ ok: true, detail: `Labels are written into ${path}; print them from there.` });
		await Promise.all([printer.print("^XA1^XZ"), printer.print("^XA2^XZ")]);
		const names = (await readdir(path)).sort();
		expect(names).toEqual(["20261121T140500000Z-0001.zpl", "20261121T140500000Z-0002.zpl"]);
		expect(await readFile(join(path, names[1] ?? ""), "utf8")).toBe("^XA2^XZ");
	});

	it("never writes over a label that is there", async () => {
		const path = await folder();
		const printer = () => folderPrinter({ folder: path, nowMs: () => 0 });
		await printer().print("^XA1^XZ");
		expect(await faultOf(printer().print("^XA2^XZ"))).toMatchObject({ code: "PRINTER_UNREACHABLE" });
		expect(await readdir(path)).toHaveLength(1);
	});

	it("is told when it cannot be one", async () => {
		const path = join(await folder(), "file");
		await writeFile(path, "");
		const printer = folderPrinter({ folder: path, nowMs: () => 0 });
		expect(await printer.check()).toMatchObject({ ok: false, detail: expect.stringContaining(path) });
		expect(await faultOf(printer.print(ZPL))).toMatchObject({ code: "PRINTER_UNREACHABLE", details: { label: "not sent" } });
	});
});
