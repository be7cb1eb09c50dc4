import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";

import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { batchPaths } from "../../provisioning/station/batch/batch-folder.ts";
import type { JournalEntry } from "../../provisioning/station/journal/entry.ts";
import { ensureAdbServer } from "../../provisioning/transport/adb-server-process.ts";
import type { LabHandset } from "../lab/lab.ts";
import { openUsbHub, type UsbHub } from "../lab/usb-hub.ts";
import { commandDesk, LEFT_UNITS, STATION, streamLine } from "./command-desk.ts";
import { startHoldfast } from "./holdfast-process.ts";
import { manifestOf } from "./station-bench.ts";
import { worldOfThisFile } from "./test-world.ts";

/** Flags of a station that nobody has to sign in to and that is on no port of its own. */
const QUIET = ["--operator", "ann", "--page-port", "0"];
const closed: JournalEntry = { type: "batch-closed", operator: "ann" };

describe("holdfast station", { timeout: 60_000 }, () => {
	const its = worldOfThisFile("station-command", "in-process");
	let hub: UsbHub;
	let desks = 0;
	beforeAll(async () => {
		await ensureAdbServer(its.world.adbPort);
		hub = await openUsbHub({ adbServerPort: its.world.adbPort });
	});
	afterAll(async () => {
		await hub.close();
	});

	/** A station of its own. */
	const desk = () => {
		desks += 1;
		return commandDesk(join(its.folder, `desk${desks}`), { ...its.world.env, ANDROID_ADB_SERVER_PORT: String(hub.port) });
	};

	const phones = async (count: number): Promise<LabHandset[]> => {
		const made: LabHandset[] = [];
		for (let index = 0; index < count; index += 1) made.push(await its.world.lab.add({ plugged: false }));
		return made;
	};
	const contractOf = ({ serial }: LabHandset) => `CMD-${serial}`;
	/** Two phones with their contracts, and the manifest of both in a file. */
	const twoPhones = async () => {
		const handsets = await phones(2);
		for (const handset of handsets) await its.world.enterContract(contractOf(handset), handset);
		const manifest = join(its.folder, `${handsets[0]?.serial}.csv`);
		await writeFile(manifest, manifestOf(handsets, contractOf));
		return { handsets, manifest };
	};

	describe("run", () => {
		it("enrols a batch of two phones, ends when both are done, and its report says so", async () => {
			const { handsets, manifest } = await twoPhones();
			const one = desk();
			const labels = join(one.folder, "labels-out");
			const flags = ["--manifest", manifest, "--batch", "W1", "--match", "manifest", "--printer", labels, ...QUIET];
			const running = one.start("run", ...flags, "--exit-when-done", "--json=stream");
			await streamLine(running, "ready");
			for (const [index, handset] of handsets.entries()) {
				await handset.plug();
				hub.plug(handset, `1-1.${index + 1}`);
			}
			const { code, stdout, stderr } = await running.ended;
			expect(code, stdout + stderr).toBe(0);
			const result: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
			expect(result).toMatchObject({ type: "result", ok: true, batch: "W1", expected: 2, pass: 2, failed: 0, missing: 0 });
			for (const path of hub.usbPaths) hub.unplug(path);
			for (const handset of handsets)
				expect((await its.world.admin.getContract(contractOf(handset))).enrollment?.state).toBe("sealed");
			expect(await readdir(labels)).toHaveLength(2);

			const { document } = await one.json("report", "W1");
			expect(document).toMatchObject({ pass: 2, expected: 2, queued: 0, failed: 0, held: 0, missing: 0, told: true });
			const reports = batchPaths(one.folder, "W1").reports;
			const rows: Record<string, string>[] = parse(await readFile(join(reports, "W1-report.csv")), { columns: true });
			expect(rows.map(({ contract, standing }) => [contract, standing])).toEqual(
				handsets.map((handset) => [contractOf(handset), "pass"]),
			);
			expect((await one.json("list")).document.batches).toEqual([{ batch: "W1", state: "open", units: 2, passed: 2 }]);
		}, 120_000);

		it("is told to stop under way: lets the phone come to a safe point, says so, and resume finishes it", async () => {
			const { handsets, manifest } = await twoPhones();
			const [handset] = handsets;
			if (!handset) throw new Error("a phone");
			const one = desk();
			const flags = ["--manifest", manifest, "--batch", "S1", "--match", "manifest", ...QUIET];
			const running = one.start("run", ...flags, "--json=stream");
			await streamLine(running, "ready");
			await handset.plug();
			hub.plug(handset, "1-2.1");
			await streamLine(running, "slot", ({ word }) => word === "running");
			running.kill("SIGINT");
			const { code, stdout, stderr } = await running.ended;
			expect(code, stdout + stderr).toBe(3);
			expect(stdout + stderr).not.toContain("unexpected");
			const lines = await one.linesOf("S1");
			const ends = lines.filter(({ type }) => type === "run-ended" || type === "shift-ended");
			expect(ends).toMatchObject([{ type: "run-ended", fault: "CANCELLED" }, { type: "shift-ended" }]);

			const again = one.start("resume", ...QUIET, "--json=stream");
			await streamLine(again, "slot", ({ word }) => word === "remove-me");
			again.kill("SIGTERM");
			expect((await again.ended).code).toBe(3);
			hub.unplug("1-2.1");
			expect((await one.json("list")).document.batches).toEqual([{ batch: "S1", state: "open", units: 2, passed: 1 }]);
		});

		it("refuses a manifest with mistakes, and names every cell in a file", async () => {
			const { manifest } = await twoPhones();
			const one = desk();
			const [header, first, second] = (await readFile(manifest, "utf8")).split("\n");
			const [contract, imei] = (second ?? "").split(",");
			const wrong = `${imei?.slice(0, 14)}${(Number(imei?.at(-1)) + 1) % 10}`;
			await writeFile(manifest, [header, first, `${contract},${wrong},,`, first, ""].join("\n"));
			const errorsTo = join(its.folder, "errors.csv");
			const { code, document } = await one.json("run", "--manifest", manifest, "--errors-to", errorsTo, ...QUIET);
			expect(code).toBe(5);
			expect(document).toMatchObject({ ok: false, fault: { code: "MANIFEST_INVALID" } });
			const errors: Record<string, string>[] = parse(await readFile(errorsTo), { columns: true, bom: true });
			expect(errors.map(({ cell }) => cell)).toEqual(expect.arrayContaining(["B3", "A4", "B4"]));
			expect(errors.find(({ cell }) => cell === "B3")).toMatchObject({ "what stands there": wrong });
			expect(await one.batches()).toEqual([]);
		});

		it("refuses a manifest that the registry does not know", async () => {
			const [handset] = await phones(1);
			if (!handset) throw new Error("a phone");
			const one = desk();
			const manifest = join(its.folder, "unknown.csv");
			await writeFile(manifest, manifestOf([handset], contractOf));
			const errorsTo = join(its.folder, "unknown-errors.csv");
			expect(await one.run("run", "--manifest", manifest, "--errors-to", errorsTo, ...QUIET)).toMatchObject({ code: 5 });
			const errors: Record<string, string>[] = parse(await readFile(errorsTo), { columns: true, bom: true });
			expect(errors.map(({ cell }) => cell)).toEqual(["A2"]);
			expect(await one.batches()).toEqual([]);
		});

		it.each([
			["a printer that is none", ["--printer", "10.0.0.9:99999"], 64, "--printer"],
			["an ERP without a secret", ["--erp", "https://erp.example/hook"], 64, "--erp-secret-file"],
			["an ERP's secret that is not there", ["--erp", "https://erp.example/hook", "--erp-secret-file", "none"], 1, "WEBHOOK_"],
			["an APK that is not there", ["--apk", "none.apk"], 64, "--apk none.apk"],
			["a registry that is no address", ["--registry", "ftp://x"], 64, "--registry"],
			["no vouchers at all", ["--vouchers", "0"], 64, "--vouchers"],
			["an address of another computer", ["--page-host", "192.0.2.1"], 64, "--page-host"],
			["a name that is no batch's", ["--batch", "../B1"], 64, "--batch"],
			["a time to end by itself", ["--timeout", "1"], 64, "--timeout"],
		])("leaves no batch behind for %s", async (_what, flags, code, said) => {
			const { manifest } = await twoPhones();
			const one = desk();
			const end = await one.run("run", "--manifest", manifest, ...QUIET, ...flags);
			expect(end).toMatchObject({ code, stderr: expect.stringContaining(said) });
			expect(end.stderr).not.toContain("unexpected");
			expect(await one.batches()).toEqual([]);
		});

		it("leaves no batch behind where nobody could sign in, or the map of the hub is damaged", async () => {
			const { manifest } = await twoPhones();
			const one = desk();
			expect(await one.run("run", "--manifest", manifest, "--page-port", "0")).toMatchObject({
				code: 64,
				stderr: expect.stringContaining("badge add"),
			});
			await mkdir(one.folder, { recursive: true });
			await writeFile(join(one.folder, "hub.json"), "{");
			expect((await one.json("run", "--manifest", manifest, ...QUIET)).document.fault).toMatchObject({
				code: "HUB_MAP_UNREADABLE",
			});
			expect(await one.batches()).toEqual([]);
		});

		it("says what to do when the page's port is taken, and leaves no batch behind", async () => {
			const { manifest } = await twoPhones();
			const one = desk();
			const other = createServer();
			await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
			const { port } = other.address() as AddressInfo; // it listens on TCP
			const end = await one.run("run", "--manifest", manifest, "--operator", "ann", "--page-port", String(port));
			await new Promise((resolve) => other.close(resolve));
			expect(end).toMatchObject({ code: 64, stderr: expect.stringContaining("--page-port 0") });
			expect(await one.batches()).toEqual([]);
		});
	});

	describe("resume", () => {
		it("asks which batch, of those that are not closed", async () => {
			const one = desk();
			await one.leaveBatch("OPEN1");
			await one.leaveBatch("OPEN2");
			await one.leaveBatch("DONE", closed);
			const end = await one.run("resume", ...QUIET);
			expect(end).toMatchObject({ code: 64, stderr: expect.stringContaining("OPEN1, OPEN2") });
			expect(end.stderr).not.toContain("DONE");
		});

		it("knows no batch but those that there are", async () => {
			const one = desk();
			expect(await one.run("resume", ...QUIET)).toMatchObject({ code: 64, stderr: expect.stringContaining("no open batch") });
			await one.leaveBatch("DONE", closed);
			expect(await one.run("resume", ...QUIET)).toMatchObject({ code: 64, stderr: expect.stringContaining("no open batch") });
			expect((await one.json("resume", "NONE", ...QUIET)).document.fault).toMatchObject({ code: "BATCH_UNKNOWN" });
			expect((await one.json("resume", "../DONE", ...QUIET)).document.fault).toMatchObject({ code: "BATCH_UNKNOWN" });
			expect(await one.batches()).toEqual(["DONE"]);
		});

		it("goes on with the only open batch in its station's name, until it is told to stop", async () => {
			const one = desk();
			await one.leaveBatch("DONE", closed);
			await one.leaveBatch("OPEN1", { type: "held", contractId: LEFT_UNITS[0], operator: "ann", reason: "box is torn" });
			// What a power cut leaves.
			await appendFile(batchPaths(one.folder, "OPEN1").journal, '{"at":17');
			const running = one.start("resume", ...QUIET, "--json=stream");
			const { page } = await streamLine(running, "ready");

			const download = async (format: string) => {
				const response = await fetch(`${String(page)}api/reports/batch.${format}`);
				return Buffer.from(await response.arrayBuffer());
			};
			const csv = await download("csv");
			expect(await download("csv")).toEqual(csv);
			const json = await download("json");
			expect(await download("csv")).toEqual(csv);
			expect((await download("pdf")).subarray(0, 5).toString()).toBe("%PDF-");
			for (const path of ["", "metrics", "healthz"]) expect(await fetch(`${String(page)}${path}`)).toMatchObject({ status: 200 });
			const { document } = await one.json("report", "OPEN1");
			expect(document).toMatchObject({ ok: true, told: false, expected: 2, pass: 0 });

			running.kill("SIGINT");
			const { code, stdout } = await running.ended;
			expect(code).toBe(3);
			expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
				type: "result",
				ok: true,
				expected: 2,
				pass: 0,
			});
			const lines = await one.linesOf("OPEN1");
			expect(lines).toContainEqual(expect.objectContaining({ type: "station-started", station: STATION, tornBytes: 8 }));
			expect(lines.at(-1)).toMatchObject({ type: "shift-ended", operator: "ann" });
			const told = lines.flatMap((line) => (line.type === "report-made" ? [[line.format, line.sha256]] : []));
			const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
			expect(told).toEqual([
				["csv", sha256(csv)],
				["json", sha256(json)],
				["pdf", expect.stringMatching(/^[0-9a-f]{64}$/)],
			]);
			expect(await readdir(batchPaths(one.folder, "OPEN1").folder)).not.toContain("journal.jsonl.lock");
		});

		it("says that another station opened the batch", async () => {
			const one = desk();
			await one.leaveBatch("OPEN1");
			const running = one.start("resume", ...QUIET, "--station", "OTHER-1", "--json=stream");
			await streamLine(running, "ready");
			running.kill("SIGINT");
			expect((await running.ended).stdout).toContain(`Station ${STATION} opened this batch`);
		});
	});

	it.each([["run", "--manifest", "none.csv"], ["resume"], ["calibrate", "--ports", "1"]])(
		"%s has no time after which it ends by itself",
		async (...args) => {
			const one = desk();
			expect(await one.run(...args, "--timeout", "1")).toMatchObject({
				code: 64,
				stderr: expect.stringContaining("unknown option '--timeout'"),
			});
			expect((await one.run(args[0] ?? "", "--help")).stdout).not.toContain("--timeout");
		},
	);

	it("calibrate waits for a person until it is told to stop", async () => {
		const one = desk();
		let heard = "";
		const asked = new Promise<void>((resolve) => {
			const env = { ...its.world.env, HOLDFAST_STATE: join(its.folder, "calibrate"), ANDROID_ADB_SERVER_PORT: String(hub.port) };
			const running = startHoldfast(["station", "calibrate", "--ports", "2"], {
				env,
				onLine(line) {
					heard += line;
					if (!line.includes("port 1")) return;
					running.kill("SIGINT");
					void running.ended.then(({ code }) => {
						expect(code).toBe(3);
						resolve();
					});
				},
			});
		});
		await asked;
		expect(heard).toContain("Plug one phone into port 1");
		expect(await one.batches()).toEqual([]);
	});
});
